//! Training windows of one member: its inputs and targets at each position of each series.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::model::global::network::{MemberBatch, Windows};
use crate::model::global::scaled_panel::ScaledPanel;
use crate::model::global::seasonal_state::SeasonalState;
use crate::model::global::settings::{MemberConfig, Normalization};
use crate::model::global::smoothing_bank::{BANK_SIZE, LAST_VALUE, SmoothingStates};
use crate::model::nn::batch::{Window, longest};

/// The minimum number of positions that the bank runs over before a window begins.
const BANK_WARM_UP: usize = 48;
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
    panel: &'a ScaledPanel,
    config: &'a MemberConfig,
    horizon: usize,
    /// Mean over the series of [`MemberWindows::mase_slope`].
    mean_mase_slope: f64,
}

/// Forecasts of the smoothing bank after the end of a series, on the scale of the scaled panel.
#[derive(Debug)]
pub(crate) struct BankForecast {
    /// Weighted mean of all paths, with the season.
    pub(crate) path: Vec<f64>,
    /// Last value without its season, plus the season of each step.
    pub(crate) naive: Vec<f64>,
    /// The unit of the network's outputs.
    pub(crate) unit: f64,
}

impl<'a> MemberWindows<'a> {
    pub(crate) fn new(panel: &'a ScaledPanel, config: &'a MemberConfig, horizon: usize) -> Self {
        let mut windows = Self { panel, config, horizon, mean_mase_slope: 1.0 };
        let slopes = (0..panel.count()).map(|i| windows.mase_slope(i, f64::from(panel.values(i)[panel.len(i) - 1])));
        let (sum, count) =
            slopes.filter(|slope| slope.is_finite()).fold((0.0, 0usize), |(s, n), slope| (s + slope.min(1e3), n + 1));
        windows.mean_mase_slope = if count > 0 && sum > 0.0 { sum / count as f64 } else { 1.0 };
        windows
    }

    /// The derivative of the absolute scaled error of series `i` with respect to its scaled value.
    fn mase_slope(&self, i: usize, scaled: f64) -> f64 {
        let series = self.panel.series(i);
        series.scale.derivative(scaled) / series.mase_scale
    }

    /// The season lengths of which series `i` has more than three cycles.
    fn periods(&self, i: usize) -> &[usize] {
        let fits = |period: usize| self.panel.len(i) > 3 * period;
        let periods = self.panel.periods();
        &periods[..periods.iter().take_while(|period| fits(**period)).count()]
    }

    /// The unit of inputs and outputs at position `t`.
    fn unit(&self, states: &SmoothingStates, t: usize) -> f64 {
        match self.config.normalization {
            Normalization::Level => LEVEL_SHARE,
            Normalization::MeanAbsoluteStep => states.spread(t),
        }
    }

    /// Runs the bank over a window and the values before it; returns the position of the window's start in the states.
    fn run_bank(&self, window: &Window, states: &mut SmoothingStates) -> usize {
        let periods = self.periods(window.sequence);
        let from = window.start.saturating_sub(BANK_WARM_UP.max(2 * SeasonalState::warm_up(periods)));
        let values = &self.panel.values(window.sequence)[from..window.start + window.length];
        states.run(values, periods, self.horizon);
        window.start - from
    }

    /// The window that ends at the end of series `i`, as long as the context allows.
    pub(crate) fn last_window(&self, i: usize) -> Window {
        let n = self.panel.len(i);
        let length = n.min(self.config.context);
        Window { sequence: i, start: n - length, length, warm_up: 0 }
    }

    /// The forecasts of the bank after the end of series `i`.
    pub(crate) fn bank_forecast(&self, i: usize) -> BankForecast {
        let mut states = SmoothingStates::default();
        let window = self.last_window(i);
        let last = self.run_bank(&window, &mut states) + window.length - 1;
        let steps = 1..=self.horizon;
        let season = |k: usize| states.season_forecast(last, k);
        BankForecast {
            path: steps.clone().map(|k| states.forecast(last, k) + season(k)).collect(),
            naive: steps.map(|k| states.single_forecast(last, k, LAST_VALUE) + season(k)).collect(),
            unit: self.unit(&states, last),
        }
    }

    /// Appends the inputs at position `t` of the states; `age` is the position in the series.
    fn push_inputs(&self, states: &SmoothingStates, values: &[f32], t: usize, age: usize, into: &mut Vec<f32>) {
        let (level, unit) = (states.level(t), self.unit(states, t));
        let mut push = |x: f64| into.push((x / unit).clamp(-MAX_INPUT, MAX_INPUT) as f32);
        for lag in 0..self.config.window {
            let lag = lag.min(t);
            let season = if self.config.seasonally_adjusted { states.lagged_season(t, lag) } else { 0.0 };
            push(f64::from(values[t - lag]) - season - level);
        }
        for i in 0..BANK_SIZE {
            push(0.5 * (states.single_forecast(t, self.horizon, i) - level));
        }
        for i in 0..BANK_SIZE {
            push(states.single_forecast(t, 1, i) - level);
        }
        push(states.error(t));
        // the weights sum to 1, so the last one is not needed
        for i in 0..BANK_SIZE - 1 {
            into.push(states.weight(t, i) as f32);
        }
        into.push(((states.spread(t).ln() + 3.0) / 1.5) as f32);
        into.push(((age as f64 + 1.0).ln() - 3.0) as f32);
        for k in 1..=self.season_inputs() {
            into.push((states.season_forecast(t, k) / unit).clamp(-MAX_INPUT, MAX_INPUT) as f32 * 0.3);
        }
    }

    fn season_inputs(&self) -> usize {
        self.panel.periods().first().map_or(0, |period| (*period).min(MAX_SEASON_INPUTS))
    }

    /// The weight of an error in the loss, in the unit at position `t`.
    fn loss_weight(&self, i: usize, level: f64, unit: f64) -> f64 {
        let relative = if self.panel.series(i).mase_scale > 0.0 {
            (self.mase_slope(i, level) / self.mean_mase_slope).min(MAX_LOSS_WEIGHT)
        } else {
            1.0
        };
        unit * (1.0 - self.config.mase_weight + self.config.mase_weight * relative)
    }
}

impl Windows for MemberWindows<'_> {
    fn inputs(&self) -> usize {
        self.config.window + 3 * BANK_SIZE + 2 + self.season_inputs()
    }

    fn paths(&self) -> usize {
        if !self.config.adds_bank_paths {
            0
        } else if self.panel.periods().is_empty() {
            BANK_SIZE
        } else {
            BANK_SIZE + 3
        }
    }

    /// One window for each series, which covers the context. Windows of similar length share a batch.
    fn training_windows(&self, rng: &mut ChaCha8Rng) -> Vec<Vec<Window>> {
        let mut windows = Vec::with_capacity(self.panel.count());
        for i in 0..self.panel.count() {
            let warm_up = SeasonalState::warm_up(self.periods(i)).max(2);
            // the last position has no target
            let end = self.panel.len(i) - 1;
            let length = end.saturating_sub(warm_up).min(self.config.context);
            if length > 0 {
                let window = Window { sequence: i, start: end - length, length, warm_up: (length / 4).min(3) };
                windows.push((length, rng.random::<u32>(), window));
            }
        }
        windows.sort_by_key(|(length, random, _)| (*length, *random));
        let windows: Vec<Window> = windows.into_iter().map(|(_, _, window)| window).collect();
        windows.chunks(self.config.batch_size).map(<[Window]>::to_vec).collect()
    }

    fn fill(&self, batch: &[Window], with_targets: bool) -> MemberBatch {
        let steps = longest(batch);
        let (inputs, horizon, paths) = (self.inputs(), self.horizon, self.paths());
        let mut numbers = MemberBatch::zeros(steps, batch.len(), inputs, horizon, paths);
        let mut differences = vec![0.0f32; horizon * paths];
        let mut states = SmoothingStates::default();
        let mut row = Vec::with_capacity(inputs);
        for (b, window) in batch.iter().enumerate() {
            let i = window.sequence;
            let offset = self.run_bank(window, &mut states);
            let values = self.panel.values(i);
            for step in 0..window.length {
                let (t, position) = (offset + step, window.start + step);
                row.clear();
                self.push_inputs(&states, &values[window.start - offset..], t, position, &mut row);
                numbers.set_inputs(step, b, &row);
                let unit = self.unit(&states, t);
                if paths > 0 && (with_targets || step + 1 == window.length) {
                    let normalized = |x: f64| (x / unit).clamp(-MAX_INPUT, MAX_INPUT);
                    states.write_path_differences(t, &mut differences, paths, normalized);
                    numbers.set_paths(step, b, &differences);
                }
                if with_targets && step >= window.warm_up {
                    let weight = self.loss_weight(i, states.level(t), unit);
                    for k in 1..=horizon {
                        let target = position + k;
                        // a filled value is not a target
                        if target < values.len() && self.panel.observed(i, target) {
                            let path = states.forecast(t, k) + states.season_forecast(t, k);
                            let difference = (f64::from(values[target]) - path) / unit;
                            let value = difference.clamp(-MAX_TARGET, MAX_TARGET) as f32;
                            numbers.set_target(step, b, k - 1, value, weight as f32);
                        }
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
    use crate::panel::series::{Columns, Series};
    use crate::time::frequency::Frequency;
    use crate::time::timestamp::Timestamp;

    const HORIZON: usize = 3;

    #[test]
    fn a_filled_value_is_never_a_target() {
        let gap = 20..24;
        let series = Series {
            key: Vec::new(),
            start: Timestamp::Index(1),
            values: (0..40).map(|t| 10.0 + f64::from(t * 7 % 11)).collect(),
            observed: (0..40).map(|t| !gap.contains(&t)).collect(),
        };
        let columns = Columns { time: None, target: "y".into(), ids: Vec::new() };
        let panel = Panel::new(columns, Frequency::INDEX, 1, vec![series]).expect("a valid panel");
        let scaled = ScaledPanel::new(&panel, &[], 0);
        let config = Global::default().configs(&panel, &[], HORIZON).remove(0);
        let windows = MemberWindows::new(&scaled, &config, HORIZON);
        let [batch] = &windows.training_windows(&mut ChaCha8Rng::seed_from_u64(1))[..] else { panic!("one batch") };
        let (window, numbers) = (batch[0], windows.fill(batch, true));
        let mut targets = 0;
        for step in window.warm_up..window.length {
            for k in 1..=HORIZON {
                let target = window.start + step + k;
                let is_target = target < 40 && !gap.contains(&target);
                assert_eq!(numbers.loss_weight(step, 0, k - 1) > 0.0, is_target, "value {target}");
                targets += usize::from(is_target);
            }
        }
        assert!(targets > 40, "most values are targets");
    }
}
