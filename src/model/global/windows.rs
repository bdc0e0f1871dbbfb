//! The windows of one member: its inputs and targets at each position of each series.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::model::fit::Task;
use crate::model::global::scaled_panel::{ScaledPanel, ScaledSeries};
use crate::model::global::seasonal_state::SeasonalState;
use crate::model::global::settings::{MemberConfig, Normalization};
use crate::model::global::smoothing_bank::{BANK_SIZE, BankState, LAST_VALUE, SmoothingStates};
use crate::model::nn::batch::{Window, longest};
use crate::model::nn::tensor::StepNumbers;

/// The minimum number of positions that the bank runs over before a window begins.
const BANK_WARM_UP: usize = 48;
/// The number of cycles of a season above which a window for training has the season. In a shorter one, hardly a position
/// would follow the first two cycles, on which the first factors depend.
const TRAINING_CYCLES: usize = 3;
/// The largest normalized input, so that a spike does not dominate the inputs.
const MAX_INPUT: f64 = 30.0;
/// The largest normalized target.
const MAX_TARGET: f64 = 50.0;
/// The unit of [`Normalization::Level`], as a share of the level.
const LEVEL_SHARE: f64 = 0.05;
/// The maximum number of steps of the season among the inputs.
const MAX_SEASON_INPUTS: usize = 24;
/// The largest loss weight of a series, relative to the mean.
const MAX_LOSS_WEIGHT: f64 = 10.0;

/// The windows of all series, as one member uses them.
#[derive(Debug)]
pub(crate) struct MemberWindows<'a> {
    panel: &'a ScaledPanel<'a>,
    config: &'a MemberConfig,
    pub(crate) task: &'a Task,
    /// Mean over the series of [`mase_slope`].
    mean_mase_slope: f64,
}

/// The numbers of a batch of windows. The loss weights are 0 where there is no target.
#[derive(Debug)]
pub(crate) struct MemberBatch {
    /// [time, batch, inputs].
    pub(crate) features: StepNumbers,
    /// The targets, [time, batch, horizon].
    pub(crate) values: StepNumbers,
    /// The loss weights, [time, batch, horizon].
    pub(crate) weights: StepNumbers,
    /// Further forecast paths, each minus the path of the smoothing bank, [time, batch, horizon * paths].
    pub(crate) paths: StepNumbers,
}

/// The forecasts of one series that the ensemble combines, all on the scale of the scaled panel.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Prediction {
    /// Of the networks, [horizon * levels].
    pub(crate) network: Vec<f32>,
    /// Weighted mean of the smoothing bank, with the season, [horizon].
    pub(crate) smoothing: Vec<f32>,
    /// Last value without its season, plus the season of each step, [horizon].
    pub(crate) naive: Vec<f32>,
    /// Comb of three smoothings fitted to the series, [horizon]; empty if it is not used.
    pub(crate) comb: Vec<f32>,
}

impl MemberConfig {
    /// Number of features at each position.
    pub(crate) fn inputs(&self, periods: &[usize]) -> usize {
        self.window + 3 * BANK_SIZE + 2 + season_inputs(periods)
    }

    /// Number of paths, in addition to that of the bank, that an output can combine.
    pub(crate) fn paths(&self, periods: &[usize]) -> usize {
        let with_season = if periods.is_empty() { 0 } else { 3 };
        if self.adds_bank_paths { BANK_SIZE + with_season } else { 0 }
    }
}

fn season_inputs(periods: &[usize]) -> usize {
    periods.first().map_or(0, |period| (*period).min(MAX_SEASON_INPUTS))
}

/// The derivative of the absolute scaled error of a series with respect to its scaled value.
fn mase_slope(series: &ScaledSeries<'_>, scaled: f64) -> f64 {
    series.scale.derivative(scaled) / series.mase_scale
}

impl<'a> MemberWindows<'a> {
    pub(crate) fn new(panel: &'a ScaledPanel<'a>, config: &'a MemberConfig, task: &'a Task) -> Self {
        let slopes =
            panel.series.iter().map(|series| mase_slope(series, f64::from(series.values[series.values.len() - 1])));
        let slopes: Vec<f64> = slopes.filter(|slope| slope.is_finite()).map(|slope| slope.min(1e3)).collect();
        let sum: f64 = slopes.iter().sum();
        let mean_mase_slope = if sum > 0.0 { sum / slopes.len() as f64 } else { 1.0 };
        Self { panel, config, task, mean_mase_slope }
    }

    /// The season lengths of the bank for series `i`, in a prediction or in training.
    fn periods(&self, i: usize, in_training: bool) -> &[usize] {
        let length = self.panel.series[i].values.len();
        let has_enough = |period: &&usize| {
            SeasonalState::has_enough(length, **period) && (!in_training || length > TRAINING_CYCLES * **period)
        };
        let fitting = self.panel.periods.iter().take_while(has_enough).count();
        &self.panel.periods[..fitting]
    }

    /// The unit of inputs and outputs.
    fn unit(&self, state: &BankState) -> f64 {
        match self.config.normalization {
            Normalization::Level => LEVEL_SHARE,
            Normalization::MeanAbsoluteStep => f64::from(state.spread),
        }
    }

    /// Runs the bank over a window and the values before it; returns the position of the window's start in the states.
    fn run_bank(&self, window: &Window, states: &mut SmoothingStates, in_training: bool) -> usize {
        let periods = self.periods(window.sequence, in_training);
        let from = window.start.saturating_sub(BANK_WARM_UP.max(2 * SeasonalState::warm_up(periods)));
        let values = &self.panel.series[window.sequence].values[from..window.start + window.length];
        states.run(values, periods, self.task.horizon);
        window.start - from
    }

    /// The window that ends at the end of series `i`, as long as the context allows.
    pub(crate) fn last_window(&self, i: usize) -> Window {
        let n = self.panel.series[i].values.len();
        let length = n.min(self.config.context);
        Window { sequence: i, start: n - length, length, warm_up: 0 }
    }

    /// The prediction after the end of series `i`, from the outputs of the network [horizon * levels].
    pub(crate) fn prediction(&self, i: usize, outputs: &[f64]) -> Prediction {
        let mut states = SmoothingStates::default();
        let window = self.last_window(i);
        let last = self.run_bank(&window, &mut states, false) + window.length - 1;
        let (unit, steps) = (self.unit(&states.positions[last]), 1..=self.task.horizon);
        let bank: Vec<f64> = steps.clone().map(|k| states.seasonal_forecast(last, k)).collect();
        let naive = |k: usize| (states.single_forecast(last, k, LAST_VALUE) + states.season.forecast(last, k)) as f32;
        let network = |(at, x): (usize, &f64)| (bank[at / self.task.levels.len()] + unit * x) as f32;
        let mut prediction = Prediction {
            network: outputs.iter().enumerate().map(network).collect(),
            smoothing: bank.iter().map(|x| *x as f32).collect(),
            naive: steps.map(naive).collect(),
            comb: Vec::new(),
        };
        let series = &self.panel.series[i];
        series.add_effect(&mut prediction.network, self.task.levels.len());
        series.add_effect(&mut prediction.smoothing, 1);
        series.add_effect(&mut prediction.naive, 1);
        prediction
    }

    /// Appends the inputs at position `t` of the states; `age` is the position in the series.
    fn push_inputs(&self, states: &SmoothingStates, values: &[f32], t: usize, age: usize, into: &mut Vec<f32>) {
        let state = &states.positions[t];
        let (level, unit) = (f64::from(state.mean_level), self.unit(state));
        let mut push = |x: f64| into.push((x / unit).clamp(-MAX_INPUT, MAX_INPUT) as f32);
        for lag in 0..self.config.window {
            let lag = lag.min(t);
            let season = if self.config.seasonally_adjusted { states.season.lagged(t, lag) } else { 0.0 };
            push(f64::from(values[t - lag]) - season - level);
        }
        for i in 0..BANK_SIZE {
            push(0.5 * (states.single_forecast(t, self.task.horizon, i) - level));
        }
        for i in 0..BANK_SIZE {
            push(states.single_forecast(t, 1, i) - level);
        }
        push(f64::from(state.error));
        // the weights sum to 1, so the last one is not needed
        into.extend(&state.weight[..BANK_SIZE - 1]);
        into.push(((f64::from(state.spread).ln() + 3.0) / 1.5) as f32);
        into.push(((age as f64 + 1.0).ln() - 3.0) as f32);
        for k in 1..=season_inputs(self.panel.periods) {
            into.push((states.season.forecast(t, k) / unit).clamp(-MAX_INPUT, MAX_INPUT) as f32 * 0.3);
        }
    }

    /// The weight of an error in the loss, which is in the unit.
    fn loss_weight(&self, series: &ScaledSeries<'_>, level: f64, unit: f64) -> f64 {
        let relative = if series.mase_scale > 0.0 {
            (mase_slope(series, level) / self.mean_mase_slope).min(MAX_LOSS_WEIGHT)
        } else {
            1.0
        };
        unit * (1.0 - self.config.mase_weight + self.config.mase_weight * relative)
    }

    /// One window for each series, which covers the context as that of a prediction does. Windows of similar length share
    /// a batch.
    pub(crate) fn context_windows(&self, rng: &mut ChaCha8Rng) -> Vec<Vec<Window>> {
        let mut windows = Vec::with_capacity(self.panel.series.len());
        for (i, series) in self.panel.series.iter().enumerate() {
            // the last position has no target
            let end = series.values.len() - 1;
            let length = end.min(self.config.context);
            let start = end - length;
            // the first states of the bank depend on later values
            let unknown = SeasonalState::warm_up(self.periods(i, true)).max(2).saturating_sub(start);
            let warm_up = unknown.max((length / 4).min(3));
            if warm_up < length {
                windows.push((length, rng.random::<u32>(), Window { sequence: i, start, length, warm_up }));
            }
        }
        windows.sort_by_key(|(length, random, _)| (*length, *random));
        let windows: Vec<Window> = windows.into_iter().map(|(_, _, window)| window).collect();
        windows.chunks(self.config.batch_size).map(<[Window]>::to_vec).collect()
    }

    /// The numbers of all steps of a batch of windows. Without targets, the paths are those of the last steps only.
    pub(crate) fn fill(&self, batch: &[Window], with_targets: bool) -> MemberBatch {
        let (horizon, periods) = (self.task.horizon, self.panel.periods);
        let (inputs, paths) = (self.config.inputs(periods), self.config.paths(periods));
        let zeros = |width: usize| StepNumbers::zeros(longest(batch), batch.len(), width);
        let mut numbers = MemberBatch {
            features: zeros(inputs),
            values: zeros(horizon),
            weights: zeros(horizon),
            paths: zeros(horizon * paths),
        };
        let (mut states, mut row) = (SmoothingStates::default(), Vec::with_capacity(inputs));
        for (b, window) in batch.iter().enumerate() {
            let series = &self.panel.series[window.sequence];
            let offset = self.run_bank(window, &mut states, with_targets);
            for step in 0..window.length {
                let (t, position) = (offset + step, window.start + step);
                row.clear();
                self.push_inputs(&states, &series.values[window.start - offset..], t, position, &mut row);
                numbers.features.row(step, b).copy_from_slice(&row);
                let unit = self.unit(&states.positions[t]);
                if paths > 0 && (with_targets || step + 1 == window.length) {
                    let normalized = |x: f64| (x / unit).clamp(-MAX_INPUT, MAX_INPUT) as f32;
                    states.write_path_differences(t, numbers.paths.row(step, b), paths, normalized);
                }
                if !with_targets || step < window.warm_up {
                    continue;
                }
                let weight = self.loss_weight(series, f64::from(states.positions[t].mean_level), unit);
                for k in 1..=horizon {
                    // a filled value is not a target
                    if series.known.observed.get(position + k) == Some(&true) {
                        let error = f64::from(series.values[position + k]) - states.seasonal_forecast(t, k);
                        let value = (error / unit).clamp(-MAX_TARGET, MAX_TARGET) as f32;
                        numbers.values.row(step, b)[k - 1] = value;
                        numbers.weights.row(step, b)[k - 1] = weight as f32;
                    }
                }
            }
        }
        numbers
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;
    use crate::model::global::settings::Global;
    use crate::panel::Panel;

    #[test]
    fn a_window_begins_where_that_of_a_prediction_does_and_has_targets_once_the_season_is_known() {
        let task = Task::new(4);
        for (count, season, expected) in
            [(30, 1, [0, 29, 3]), (4, 1, [0, 3, 2]), (30, 4, [0, 29, 8]), (90, 4, [57, 32, 3])]
        {
            let values: Vec<f64> = (0..count).map(|t| 10.0 + f64::from(t * 7 % 11)).collect();
            let (panel, periods) = (Panel::from_values(&values, season), [season]);
            let periods = if season > 1 { &periods[..] } else { &[] };
            let scaled = ScaledPanel::new(&panel, periods, 0, None);
            let config = Global::default().configs(&panel, periods, task.horizon).remove(0);
            let windows = MemberWindows::new(&scaled, &config, &task);
            let [batch] = &windows.context_windows(&mut ChaCha8Rng::seed_from_u64(1))[..] else { panic!("one batch") };
            let [window] = batch[..] else { panic!("one window") };
            assert_eq!([window.start, window.length, window.warm_up], expected, "{count} values, season {season}");
            let last = windows.last_window(0);
            assert!(last.start.abs_diff(window.start) <= 1, "as long as that of a prediction: {last:?}");
        }
    }

    #[test]
    fn a_filled_value_is_never_a_target() {
        let (gap, task) = (20..24, Task::new(3));
        let panel = Panel::from_values(&(0..40).map(|t| 10.0 + f64::from(t * 7 % 11)).collect::<Vec<_>>(), 1);
        let mut scaled = ScaledPanel::new(&panel, &[], 0, None);
        let observed: Vec<bool> = (0..40).map(|t| !gap.contains(&t)).collect();
        scaled.series[0].known.observed = &observed;
        let config = Global::default().configs(&panel, &[], task.horizon).remove(0);
        let windows = MemberWindows::new(&scaled, &config, &task);
        let [batch] = &windows.context_windows(&mut ChaCha8Rng::seed_from_u64(1))[..] else { panic!("one batch") };
        let (window, mut numbers) = (batch[0], windows.fill(batch, true));
        let mut targets = 0;
        for step in window.warm_up..window.length {
            for (weight, target) in numbers.weights.row(step, 0).iter().zip(window.start + step + 1..) {
                let is_target = target < 40 && !gap.contains(&target);
                assert_eq!(*weight > 0.0, is_target, "value {target}");
                targets += usize::from(is_target);
            }
        }
        assert!(targets > 40, "most values are targets");
    }
}
