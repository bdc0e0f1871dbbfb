//! The candidates that are recurrent networks, trained on one series.

use serde::{Deserialize, Serialize};

use crate::budget::Budget;
use crate::model::auto::candidates::candidate::Paths;
use crate::model::observer::{Control, Epoch, Observer};
use crate::model::regression::DirectRidge;
use crate::model::regression::series_view::SeriesView;
use crate::model::segment::layout::Layout;
use crate::model::segment::network::{Base, SegmentNetwork, SegmentSettings};
use crate::model::weights::Weights;

/// Settings of the training at the first origin.
const INITIAL_TRAINING: SegmentSettings =
    SegmentSettings { hidden: 40, updates: 500, learning_rate: 5e-3, weight_decay: 0.05, seed: 0 };
/// The longest horizon with the full number of updates. A longer horizon makes each update slower.
const FULL_UPDATES_HORIZON: usize = 100;
/// Settings of the training that continues on the whole history.
const CONTINUED_TRAINING: SegmentSettings = SegmentSettings { updates: 100, learning_rate: 2e-3, ..INITIAL_TRAINING };
/// Added to the seed for the continued training.
const CONTINUED_SEED_OFFSET: u64 = 500;
/// The largest hidden state of a loaded network.
const MAX_HIDDEN: usize = 1 << 9;

/// A path at each cutoff, and the trained network of a network candidate.
pub(crate) type CutoffForecasts = (Paths, Option<CandidateNetwork>);

/// A trained network. It corrects a base forecast, which is fitted again to each history.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CandidateNetwork {
    hidden: usize,
    /// Whether the base is the direct ridge autoregression; otherwise it is the level.
    on_ridge: bool,
    layout: Layout,
    /// Saved in a file of their own.
    #[serde(skip)]
    weights: Weights,
    /// The epochs of the training; empty for a loaded network.
    #[serde(skip)]
    pub(crate) epochs: Vec<Epoch>,
}

impl CandidateNetwork {
    /// Trains on the values known at the first of `cutoffs`, and forecasts at each. Before the last forecast the
    /// training continues on all values. `None` if the history or the budget is too short.
    pub(crate) fn backtest(
        view: SeriesView<'_>,
        on_ridge: bool,
        horizon: usize,
        cutoffs: &[usize],
        seed: u64,
        budget: &Budget,
    ) -> Option<CutoffForecasts> {
        let [first, .., last] = *cutoffs else { return None };
        let [first_base, last_base] = base_forecasts(view, on_ridge, horizon, [first, last]);
        let first_base = first_base?;
        let updates = INITIAL_TRAINING.updates * FULL_UPDATES_HORIZON / horizon.max(FULL_UPDATES_HORIZON);
        let initial = SegmentSettings { updates, seed, ..INITIAL_TRAINING };
        let continued = SegmentSettings { seed: seed.wrapping_add(CONTINUED_SEED_OFFSET), ..CONTINUED_TRAINING };
        let mut recorder = EpochRecorder { budget, epochs: Vec::new() };
        let mut network = SegmentNetwork::new(Layout::new(&view, first, horizon), initial.hidden, seed);
        if !network.train(view, &first_base, first, &initial, &mut recorder) {
            return None;
        }
        let origins = &cutoffs[..cutoffs.len() - 1];
        let mut paths: Paths = origins.iter().map(|&cutoff| network.predict(view, &first_base, cutoff)).collect();
        let last_base = last_base.filter(|base| network.train(view, base, last, &continued, &mut recorder));
        // the forecasts at the origins are useful without the last one
        paths.push(last_base.as_ref().and_then(|base| network.predict(view, base, last)));
        let (weights, layout, hidden) = (network.weights(), network.layout, initial.hidden);
        let trained = Self { hidden, on_ridge, layout, weights, epochs: renumbered(recorder.epochs) };
        Some((paths, last_base.is_some().then_some(trained)))
    }

    /// The forecast after a history. `first_cutoff` is the number of values that were known at the first training.
    pub(crate) fn predict(&self, view: SeriesView<'_>, horizon: usize, first_cutoff: usize) -> Option<Vec<f64>> {
        let length = view.values.len();
        let [_, base] = base_forecasts(view, self.on_ridge, horizon, [first_cutoff, length]);
        self.network().expect("the weights fit the layout").predict(view, &base?, length)
    }

    fn network(&self) -> Result<SegmentNetwork, String> {
        SegmentNetwork::with_weights(self.layout.clone(), self.hidden, self.weights.clone())
    }

    pub(crate) fn weights(&self) -> &Weights {
        &self.weights
    }

    /// Completes a loaded network.
    ///
    /// # Errors
    /// The reason in words, if the weights do not fit the network.
    pub(crate) fn set_weights(&mut self, weights: Weights) -> Result<(), String> {
        self.weights = weights;
        self.network().map(drop)
    }

    /// Whether the sizes of a loaded network are consistent.
    pub(crate) fn is_valid(&self, horizon: usize) -> bool {
        (1..=MAX_HIDDEN).contains(&self.hidden) && self.layout.is_valid(horizon)
    }
}

/// Numbers the epochs of two trainings consecutively.
fn renumbered(epochs: Vec<Epoch>) -> Vec<Epoch> {
    let of = epochs.len();
    epochs.into_iter().zip(1..).map(|(epoch, number)| Epoch { number, of, ..epoch }).collect()
}

fn base_forecasts(view: SeriesView<'_>, on_ridge: bool, horizon: usize, cutoffs: [usize; 2]) -> [Option<Base>; 2] {
    if !on_ridge {
        return [Some(Base::Level), Some(Base::Level)];
    }
    let mut fits = DirectRidge::fit(view, None, horizon, &cutoffs).into_iter().map(|fit| fit.map(Base::Direct));
    [fits.next().flatten(), fits.next().flatten()]
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
