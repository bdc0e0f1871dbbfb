//! The candidates that are recurrent networks.

use crate::budget::Budget;
use crate::model::observer::{Control, Epoch, Observer};
use crate::model::regression::DirectRidge;
use crate::model::regression::series_view::SeriesView;
use crate::model::segment::network::SegmentNetwork;
use crate::model::segment::settings::{Base, SegmentSettings};

/// Settings of the training at the first origin.
const INITIAL_TRAINING: SegmentSettings =
    SegmentSettings { hidden: 40, updates: 500, learning_rate: 5e-3, weight_decay: 0.05, seed: 0 };
/// The longest horizon with the full number of updates. A longer horizon makes each update slower.
const FULL_UPDATES_HORIZON: usize = 100;
/// Settings of the training that continues on the whole history.
const CONTINUED_TRAINING: SegmentSettings = SegmentSettings { updates: 100, learning_rate: 2e-3, ..INITIAL_TRAINING };
/// Added to the seed for the continued training.
const CONTINUED_SEED_OFFSET: u64 = 500;

/// A trained network. It corrects a base forecast, which is fitted again to each history.
#[derive(Debug)]
pub(crate) struct CandidateNetwork {
    pub(crate) network: SegmentNetwork,
    /// Whether the base is the direct ridge autoregression; otherwise it is the level.
    pub(crate) on_ridge: bool,
    /// The epochs of the training; empty for a loaded network.
    pub(crate) epochs: Vec<Epoch>,
}

impl CandidateNetwork {
    /// Trains on the values known at the first of `cutoffs`, and forecasts at each. Before the last forecast the
    /// training continues on all values. There is no network if the history or the budget is too short.
    pub(crate) fn backtest(
        view: SeriesView<'_>,
        on_ridge: bool,
        horizon: usize,
        cutoffs: &[usize],
        seed: u64,
        budget: &Budget,
    ) -> (Vec<Option<Vec<f64>>>, Option<Self>) {
        let nothing = (vec![None; cutoffs.len()], None);
        let [first, .., last] = *cutoffs else { return nothing };
        let bases = base_forecasts(view, on_ridge, horizon, &[first, last]);
        let [Some(first_base), last_base] = bases.as_slice() else { return nothing };
        let updates = INITIAL_TRAINING.updates * FULL_UPDATES_HORIZON / horizon.max(FULL_UPDATES_HORIZON);
        let settings = SegmentSettings { updates, seed, ..INITIAL_TRAINING };
        let mut recorder = EpochRecorder { budget, epochs: Vec::new() };
        let Ok(Some(mut network)) = SegmentNetwork::train(view, first_base, first, horizon, &settings, &mut recorder)
        else {
            return nothing;
        };
        let mut paths: Vec<Option<Vec<f64>>> =
            cutoffs[..cutoffs.len() - 1].iter().map(|&cutoff| network.predict(view, first_base, cutoff)).collect();
        let settings = SegmentSettings { seed: seed.wrapping_add(CONTINUED_SEED_OFFSET), ..CONTINUED_TRAINING };
        let last_base = last_base
            .as_ref()
            .filter(|base| network.continue_training(view, base, last, &settings, &mut recorder).is_ok());
        let Some(last_base) = last_base else {
            // the forecasts at the origins are useful without the last one
            paths.push(None);
            return (paths, None);
        };
        paths.push(network.predict(view, last_base, last));
        let epochs = renumbered(recorder.epochs);
        (paths, Some(Self { network, on_ridge, epochs }))
    }

    /// The forecast after a history. `first_cutoff` is the number of values that were known at the first training.
    pub(crate) fn predict(&self, view: SeriesView<'_>, horizon: usize, first_cutoff: usize) -> Option<Vec<f64>> {
        let length = view.values.len();
        let base = base_forecasts(view, self.on_ridge, horizon, &[first_cutoff, length]).pop().flatten()?;
        self.network.predict(view, &base, length)
    }
}

/// Numbers the epochs of two trainings consecutively.
fn renumbered(mut epochs: Vec<Epoch>) -> Vec<Epoch> {
    let of = epochs.len();
    for (i, epoch) in epochs.iter_mut().enumerate() {
        (epoch.number, epoch.of) = (i + 1, of);
    }
    epochs
}

fn base_forecasts(view: SeriesView<'_>, on_ridge: bool, horizon: usize, cutoffs: &[usize]) -> Vec<Option<Base>> {
    if on_ridge {
        DirectRidge::fit(view, None, horizon, cutoffs).into_iter().map(|fit| fit.map(Base::Direct)).collect()
    } else {
        vec![Some(Base::Level); cutoffs.len()]
    }
}

/// Records the epochs of a training and stops it when the budget is over.
struct EpochRecorder<'a> {
    budget: &'a Budget,
    epochs: Vec<Epoch>,
}

impl Observer for EpochRecorder<'_> {
    fn epoch(&mut self, epoch: &Epoch) -> Control {
        self.epochs.push(*epoch);
        if self.budget.is_over() { Control::Stop } else { Control::Continue }
    }
}
