//! The network over segments: the base forecast that it corrects, its training and its predictions.

use std::ops::Range;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::budget::Budget;
use crate::model::nn::tensor::{Tensor, from_numbers, no_grad, set_weights, to_numbers, use_one_thread, weights_of};
use crate::model::nn::{
    Batch, Inputs, Network, NetworkShape, Recurrent, Split, TrainingData, TrainingSettings, Window, numbers_of_steps,
    train,
};
use crate::model::observer::{Control, Epoch, Observer};
use crate::model::persist::Weights;
use crate::model::regression::DirectRidge;
use crate::model::regression::series_view::SeriesView;
use crate::model::segment::layout::Layout;

/// Size of the hidden state.
const HIDDEN: usize = 40;
/// Passes over the data.
const EPOCHS: usize = 10;
/// Of the training at the first cutoff.
const INITIAL_UPDATES: usize = 500;
const INITIAL_LEARNING_RATE: f64 = 5e-3;
/// The longest horizon with the full number of updates. A longer horizon makes each update slower.
const FULL_UPDATES_HORIZON: usize = 100;
/// Of the training that continues on the whole history.
const CONTINUED_UPDATES: usize = 100;
const CONTINUED_LEARNING_RATE: f64 = 2e-3;
const WEIGHT_DECAY: f64 = 0.05;
/// Added to the seed for the continued training.
const CONTINUED_SEED_OFFSET: u64 = 500;
/// The largest hidden state of a loaded network.
const MAX_HIDDEN: usize = 1 << 9;
const BATCH_SIZE: usize = 32;
/// The maximum number of values of the base forecasts that a training keeps. It begins later in a longer history.
const MAX_BASE_VALUES: usize = 20_000_000;
/// The largest number of steps of a window that only warm up the hidden state.
const MAX_WARM_UP: usize = 3;
/// Targets are clamped to ± this value, so that a spike does not outweigh all other values.
const MAX_TARGET: f64 = 10.0;

/// A trained network. It corrects a base forecast, which is fitted again to each history.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SegmentNetwork {
    hidden: usize,
    /// Whether the base is the direct ridge autoregression; otherwise it is the level.
    on_ridge: bool,
    layout: Layout,
    /// Saved in a file of their own.
    #[serde(skip)]
    pub(crate) weights: Weights,
    /// The epochs of the training; empty for a loaded network.
    #[serde(skip)]
    pub(crate) epochs: Vec<Epoch>,
}

/// The path at each cutoff, and the trained network.
type Backtest = (Vec<Option<Vec<f64>>>, Option<SegmentNetwork>);

impl SegmentNetwork {
    /// Trains on the values known at the first of `cutoffs`, and forecasts at each. Before the last forecast the
    /// training continues on all values. `None` if the history or the budget is too short.
    pub(crate) fn backtest(
        view: SeriesView<'_>,
        on_ridge: bool,
        horizon: usize,
        cutoffs: &[usize],
        seed: u64,
        budget: &Budget,
    ) -> Option<Backtest> {
        let [first, .., last] = *cutoffs else { return None };
        let layout = Layout::new(&view, first, horizon);
        let [at_first, at_last] = Segments::at_cutoffs(&layout, view, on_ridge, [first, last]);
        let at_first = at_first?;
        let mut network = new_network(&layout, HIDDEN, seed);
        let mut recorder = EpochRecorder { budget, epochs: Vec::new() };
        let updates = |all: usize| all * FULL_UPDATES_HORIZON / horizon.max(FULL_UPDATES_HORIZON);
        let initial = training_settings(INITIAL_LEARNING_RATE, seed);
        if !at_first.train(&mut network, first, updates(INITIAL_UPDATES), &initial, &mut recorder) {
            return None;
        }
        let origins = &cutoffs[..cutoffs.len() - 1];
        let mut paths: Vec<_> = origins.iter().map(|&cutoff| at_first.predict(&network, cutoff)).collect();
        let continued = training_settings(CONTINUED_LEARNING_RATE, seed.wrapping_add(CONTINUED_SEED_OFFSET));
        let updates = updates(CONTINUED_UPDATES);
        let at_last = at_last.filter(|one| one.train(&mut network, last, updates, &continued, &mut recorder));
        // the forecasts at the origins are useful without the last one
        paths.push(at_last.as_ref().and_then(|segments| segments.predict(&network, last)));
        let trained = at_last.is_some().then(|| {
            // both trainings count as one
            let of = recorder.epochs.len();
            let epochs = recorder.epochs.into_iter().zip(1..).map(|(epoch, number)| Epoch { number, of, ..epoch });
            let (weights, epochs) = (weights_of(network.store()), epochs.collect());
            Self { hidden: HIDDEN, on_ridge, layout: layout.clone(), weights, epochs }
        });
        Some((paths, trained))
    }

    /// Whether it corrects the direct ridge autoregression.
    pub(crate) fn is_on_ridge(&self) -> bool {
        self.on_ridge
    }

    /// The forecast after a history, on the `base` that was fitted to it. `None` if the base needs more values.
    pub(crate) fn predict(&self, view: SeriesView<'_>, base: Option<DirectRidge>) -> Option<Vec<f64>> {
        if self.on_ridge && base.is_none() {
            return None;
        }
        let segments = Segments { layout: &self.layout, view, base };
        segments.predict(&self.network().expect("the weights fit the layout"), view.values.len())
    }

    /// The network in tensors. The error says which of the weights do not fit.
    pub(crate) fn network(&self) -> Result<Network, String> {
        let network = Network::without_weights(shape_of(&self.layout, self.hidden));
        set_weights(network.store(), self.weights.clone()).map(|()| network)
    }

    pub(crate) fn is_valid(&self, horizon: usize) -> bool {
        (1..=MAX_HIDDEN).contains(&self.hidden) && self.layout.is_valid(horizon)
    }
}

/// A network with random layers and a head of zeros, which predicts the base forecast.
fn new_network(layout: &Layout, hidden: usize, seed: u64) -> Network {
    Network::new(shape_of(layout, hidden), &mut ChaCha8Rng::seed_from_u64(seed))
}

fn shape_of(layout: &Layout, hidden: usize) -> NetworkShape {
    NetworkShape::lstm(layout.features(), hidden, layout.horizon)
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

fn training_settings(learning_rate: f64, seed: u64) -> TrainingSettings {
    let settings = TrainingSettings::full_bptt(EPOCHS, learning_rate);
    TrainingSettings { weight_decay: WEIGHT_DECAY, seed: seed.wrapping_add(1), ..settings }
}

/// A series in segments, and its base forecast.
struct Segments<'a> {
    layout: &'a Layout,
    view: SeriesView<'a>,
    /// The base forecast, whose errors the network learns; `None` for the mean of the last season.
    base: Option<DirectRidge>,
}

impl<'a> Segments<'a> {
    /// With the base forecast of each cutoff; `None` if too few values are known.
    fn at_cutoffs(layout: &'a Layout, view: SeriesView<'a>, on_ridge: bool, cutoffs: [usize; 2]) -> [Option<Self>; 2] {
        if !on_ridge {
            return cutoffs.map(|_| Some(Self { layout, view, base: None }));
        }
        let mut fits = DirectRidge::fit(view, None, layout.horizon, cutoffs[0], &cutoffs).into_iter();
        cutoffs.map(|_| Some(Self { layout, view, base: Some(fits.next()??) }))
    }

    /// The first position at which the base forecast and the features exist.
    fn first(&self) -> usize {
        self.base.as_ref().map_or(0, DirectRidge::first_position).max(self.layout.first_position())
    }

    /// The base forecast [horizon] from position `t`.
    fn base_path(&self, t: usize) -> Vec<f64> {
        match &self.base {
            None => vec![self.layout.level_at(self.view.values, t); self.layout.horizon],
            Some(direct) => direct.predict(self.view.values, t),
        }
    }

    /// A dataset of the first `known` values, with steps at the `positions`.
    fn dataset(&self, known: usize, positions: Range<usize>, batches: usize) -> SegmentDataset<'_> {
        let first = positions.start;
        let paths = positions.flat_map(|t| self.base_path(t)).map(|v| v as f32).collect();
        SegmentDataset { segments: self, known, first, paths, batches }
    }

    /// Trains a network on the first `known` values. Returns whether they were enough, and the training did not diverge.
    fn train(
        &self,
        network: &mut Network,
        known: usize,
        updates: usize,
        settings: &TrainingSettings,
        observer: &mut dyn Observer,
    ) -> bool {
        let Layout { horizon, segment, .. } = *self.layout;
        let first = self.first().max(known.saturating_sub(MAX_BASE_VALUES / horizon));
        if known < first + 3 * segment + horizon.min(segment) {
            return false;
        }
        let data = self.dataset(known, first..known, updates.div_ceil(settings.epochs));
        train(network, &data, settings, observer).is_ok()
    }

    /// The forecast [horizon] after the first `cutoff` values. `None` if they are too few.
    fn predict(&self, network: &Network, cutoff: usize) -> Option<Vec<f64>> {
        // the setting is that of a thread, and any thread of the pool may be here
        use_one_thread();
        let Layout { segment, window, unit, .. } = *self.layout;
        let steps = (cutoff.checked_sub(self.first())? / segment + 1).min(window);
        let start = cutoff - (steps - 1) * segment;
        let window = Window { sequence: 0, start, length: steps, warm_up: 0 };
        let features = self.dataset(cutoff, start..cutoff + 1, 0).features(&[window], 0..steps); // [time, 1, features]
        let inputs = Inputs { output_steps: Some(vec![steps as i64 - 1]), ..Inputs::from(features) };
        let (outputs, _) = no_grad(|| network.forward(&inputs, &network.start(1), None)); // [1, 1, horizon]
        let corrections = to_numbers::<f64>(&outputs);
        Some(self.base_path(cutoff).into_iter().zip(corrections).map(|(base, output)| base + unit * output).collect())
    }
}

/// Windows of segments of one series. Step `i` of a window is at the position `start + i * segment`.
struct SegmentDataset<'a> {
    segments: &'a Segments<'a>,
    known: usize,
    /// The first position of a step.
    first: usize,
    /// The base forecast from each position on, beginning with the first: [positions, horizon].
    paths: Vec<f32>,
    batches: usize,
}

impl SegmentDataset<'_> {
    fn position(&self, window: &Window, step: usize) -> usize {
        window.start + step * self.segments.layout.segment
    }

    fn path(&self, t: usize) -> &[f32] {
        let horizon = self.segments.layout.horizon;
        &self.paths[(t - self.first) * horizon..][..horizon]
    }

    fn features(&self, windows: &[Window], steps: Range<usize>) -> Tensor {
        let Segments { layout, view, .. } = self.segments;
        let shape = [steps.len(), windows.len(), layout.features()];
        let numbers = numbers_of_steps(windows, steps, layout.features(), |window, step, numbers| {
            let t = self.position(window, step);
            layout.push_features(view, t, self.path(t), numbers);
        });
        from_numbers(&numbers, shape) // [time, batch, features]
    }

    /// The error of the base forecast at step `k` of its horizon; `None` if it has no loss.
    fn target(&self, window: &Window, step: usize, k: usize) -> Option<f32> {
        let (SeriesView { values, observed, .. }, t) = (self.segments.view, self.position(window, step));
        let has_loss = (window.warm_up..window.length).contains(&step);
        if !has_loss || t + k >= self.known || !observed[t + k] {
            return None;
        }
        let error = (values[t + k] - f64::from(self.path(t)[k])) / self.segments.layout.unit;
        Some(error.clamp(-MAX_TARGET, MAX_TARGET) as f32)
    }
}

impl TrainingData for SegmentDataset<'_> {
    fn training_windows(&self, rng: &mut ChaCha8Rng) -> Vec<Vec<Window>> {
        let Layout { window: length, segment, .. } = *self.segments.layout;
        // the last step of a window has at least one target
        let last = self.known - 1;
        let latest = last.saturating_sub((length - 1) * segment).max(self.first);
        let mut window = || {
            let start = rng.random_range(self.first..=latest);
            let length = length.min((last - start) / segment + 1);
            Window { sequence: 0, start, length, warm_up: MAX_WARM_UP.min(length / 3) }
        };
        (0..self.batches).map(|_| (0..BATCH_SIZE).map(|_| window()).collect()).collect()
    }

    fn batch(&self, windows: &[Window], steps: Range<usize>, _: Split) -> Batch {
        let horizon = self.segments.layout.horizon;
        let shape = [steps.len(), windows.len(), horizon];
        let of_window = |step, window| (0..horizon).map(move |k| self.target(window, step, k));
        let targets = steps.clone().flat_map(|step| windows.iter().flat_map(move |window| of_window(step, window)));
        let (values, weights): (Vec<f32>, Vec<f32>) =
            targets.map(|target| target.map_or((0.0, 0.0), |error| (error, 1.0))).unzip();
        Batch {
            inputs: self.features(windows, steps).into(), // [time, batch, features]
            targets: from_numbers(&values, shape),        // [time, batch, horizon]
            weights: from_numbers(&weights, shape),       // [time, batch, horizon]
            context: None,
        }
    }

    fn loss(&self, outputs: &Tensor, batch: &Batch) -> Tensor {
        batch.absolute_loss(outputs) // []
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;
    use crate::metric::mae;

    const HORIZON: usize = 12;
    const KNOWN: usize = 264;

    /// A season of twelve steps with two harmonics and no noise.
    fn seasonal_values(count: usize) -> Vec<f64> {
        let at = |t: usize| TAU * (t % 12) as f64 / 12.0;
        (0..count).map(|t| 100.0 + 20.0 * at(t).sin() + 8.0 * (2.0 * at(t)).cos()).collect()
    }

    /// The forecast after the first `known` values, and the epochs of the training; `None` if the values are too few.
    fn forecast(values: &[f64], known: usize, updates: usize) -> Option<(Vec<f64>, Vec<Epoch>)> {
        let observed = vec![true; values.len()];
        let view = SeriesView { values, observed: &observed, seasons: &[12], ordinal: 0, exogenous: None };
        let layout = Layout::new(&view, known, HORIZON);
        let segments = Segments { layout: &layout, view, base: None };
        let settings = TrainingSettings { seed: 4, ..TrainingSettings::full_bptt(EPOCHS, 1e-2) };
        let (mut network, budget) = (new_network(&layout, 16, 3), Budget::unlimited());
        let mut recorder = EpochRecorder { budget: &budget, epochs: Vec::new() };
        let is_trained = segments.train(&mut network, known, updates, &settings, &mut recorder);
        is_trained.then(|| (segments.predict(&network, known).expect("a forecast"), recorder.epochs))
    }

    #[test]
    fn training_starts_at_the_base_forecast_and_learns_a_season() {
        let values = seasonal_values(KNOWN + HORIZON);
        let after = |updates: usize| forecast(&values, KNOWN, updates).expect("enough values");
        let level = values[KNOWN - 12..KNOWN].iter().sum::<f64>() / 12.0;
        let (start, _) = after(0);
        assert!(start.iter().all(|v| (v - level).abs() < 1e-4), "the head starts at zero: {start:?}");
        let (learned, epochs) = after(150);
        let [own, base] = [&learned, &start].map(|path| mae(&values[KNOWN..], path));
        assert!(own < 0.2 * base, "{own} with the network, {base} without");
        assert!(epochs[epochs.len() - 1].training_loss < 0.5 * epochs[0].training_loss, "{epochs:?}");
        assert_eq!(learned, after(150).0, "a second training is the same");
        assert!(forecast(&values, 20, 10).is_none(), "too few values");
    }

    #[test]
    fn unobserved_values_have_no_loss() {
        let mut values = seasonal_values(KNOWN);
        let mut observed = vec![true; KNOWN];
        observed[200..212].fill(false);
        let loss_and_weight = |values: &[f64]| {
            let view = SeriesView { values, observed: &observed, seasons: &[], ordinal: 0, exogenous: None };
            let layout = Layout::new(&view, KNOWN, 4);
            let segments = Segments { layout: &layout, view, base: None };
            let data = segments.dataset(KNOWN, layout.first_position()..KNOWN, 1);
            let batch = data.batch(&[Window { sequence: 0, start: 196, length: 4, warm_up: 0 }], 0..4, Split::Training);
            let loss = data.loss(&batch.targets.zeros_like(), &batch).double_value(&[]);
            (loss, batch.weights.sum(batch.weights.kind()).double_value(&[]))
        };
        // four steps of four values each from position 196 on, of which 200 to 211 are missing
        let (loss, weight) = loss_and_weight(&values);
        assert!((weight - 4.0).abs() < 1e-6);
        values[203] = 1e9;
        // the unit of the layout changes with the value, but the loss is still a sum over the four observed values
        assert!(loss_and_weight(&values).0 <= loss);
    }
}
