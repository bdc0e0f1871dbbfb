//! What the networks for many series share: the seasons that they model, and the second phase of their training.

use std::borrow::Cow;

use crate::error::Result;
use crate::panel::covariates::Covariate;
use crate::panel::{Panel, SeasonSource};

/// Share of the epochs in the second phase, which continues the training with the holdout.
pub(crate) const SECOND_PHASE_EPOCHS: f64 = 0.25;
/// Factor on the learning rate in the second phase.
pub(crate) const SECOND_PHASE_LEARNING_RATE: f64 = 0.3;
/// Added to the seed in the second phase.
pub(crate) const SECOND_PHASE_SEED: u64 = 500;
/// The largest number of seasons in a model.
pub(crate) const MAX_SEASONS: usize = 2;
/// The longest season that is modelled.
const MAX_SEASON: usize = 400;

/// The panel with the covariates of a model for the whole horizon. A model without covariates ignores those of a panel.
///
/// # Errors
/// If a covariate is missing, or not known for the horizon.
pub(crate) fn with_covariates_of<'a>(panel: &'a Panel, wanted: &[Covariate], horizon: usize) -> Result<Cow<'a, Panel>> {
    if wanted.is_empty() {
        return Ok(Cow::Borrowed(panel));
    }
    panel.with_matching_covariates(wanted)?.for_horizon(horizon).map(Cow::Owned)
}

/// The season lengths of a panel that are modelled, the first season first. The longest series has more than three cycles
/// of each.
pub(crate) fn modelled_seasons(panel: &Panel, longest: usize) -> Vec<usize> {
    let own = panel.seasons().lengths().iter().copied();
    // an index of hours by request has no calendar that shows their week
    let is_hourly_index = panel.season() == 24 && panel.seasons().source() != SeasonSource::Values;
    let mut seasons = Vec::new();
    for m in own.chain(is_hourly_index.then_some(168)) {
        if m > 1 && 3 * m < longest && m <= MAX_SEASON && !seasons.contains(&m) {
            seasons.push(m);
        }
    }
    seasons.truncate(MAX_SEASONS);
    seasons
}
