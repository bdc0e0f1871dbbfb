//! Random windows of all series: what the network is trained on.

use std::cell::RefCell;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::model::deepar::inputs::{Past, Seen, View};
use crate::model::deepar::network::{DeepArConfig, SequenceBatch, SequenceDataset, StepInput};
use crate::model::deepar::settings::DeepAr;
use crate::model::nn::batch::{Window, longest};
use crate::panel::Panel;
use crate::panel::series::TimeSeries;

/// How often a category is hidden in training, so that there is something to say of an unknown one.
const HIDDEN: f64 = 0.1;

/// Most series whose ends tell when to stop.
const MOST_ENDS: usize = 256;
/// Numbers of the windows that do, apart from those of a round.
const VALIDATION: usize = usize::MAX / 2;

/// All series of a panel, and the windows of the current round of training.
pub(crate) struct Windows<'a> {
    view: &'a View,
    sizes: &'a DeepArConfig,
    series: Vec<TimeSeries<'a>>,
    codes: &'a [Vec<usize>],
    /// Series that can be learned from, by the sum of the weights up to each.
    drawn_by: Vec<(f64, usize)>,
    horizon: usize,
    /// Values at the end of each series that tell when to stop, and are not trained on.
    held_back: usize,
    round: RefCell<Vec<TrainingWindow>>,
    validation: Vec<TrainingWindow>,
}

/// A stretch of a series.
#[derive(Debug)]
struct TrainingWindow {
    series: usize,
    /// The positions of its first value, and behind its last.
    start: usize,
    end: usize,
    codes: Vec<usize>,
}

impl<'a> Windows<'a> {
    pub(crate) fn new(
        (view, sizes): (&'a View, &'a DeepArConfig),
        panel: &'a Panel,
        codes: &'a [Vec<usize>],
        by_size: f64,
        (horizon, held_back): (usize, usize),
    ) -> Self {
        let series: Vec<TimeSeries<'a>> = panel.iter().collect();
        let size = |s: &TimeSeries<'_>| s.values.iter().map(|v| v.abs() / s.len() as f64).sum::<f64>().max(1e-300);
        let sizes_of: Vec<f64> = series.iter().map(size).collect();
        let largest = sizes_of.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        let mut sum = 0.0;
        let mut drawn_by = Vec::with_capacity(series.len());
        for (i, size) in sizes_of.iter().enumerate().filter(|(i, _)| series[*i].len() > 1) {
            sum += (size / largest).powf(by_size).max(1e-9);
            drawn_by.push((sum, i));
        }
        let mut windows = Self {
            view,
            sizes,
            series,
            codes,
            drawn_by,
            horizon,
            held_back,
            round: RefCell::default(),
            validation: Vec::new(),
        };
        windows.validation = windows.held_back_ends();
        windows
    }

    /// Values of a series that are trained on.
    fn trained(&self, series: usize) -> usize {
        let length = self.series[series].len();
        // a series that is hardly longer is not cut
        if length >= 3 * self.held_back { length - self.held_back } else { length }
    }

    /// Of some series, the end that is held back with a conditioning range before it.
    fn held_back_ends(&self) -> Vec<TrainingWindow> {
        let cut: Vec<usize> = (0..self.series.len()).filter(|i| self.trained(*i) < self.series[*i].len()).collect();
        let window = |i: &usize| {
            let (end, start) = (self.series[*i].len(), self.trained(*i).saturating_sub(self.view.context));
            TrainingWindow { series: *i, start, end, codes: self.codes[*i].clone() }
        };
        cut.iter().step_by(cut.len().div_ceil(MOST_ENDS).max(1)).map(window).collect()
    }

    /// Where the loss of a window counts from, and its conditioning range ends.
    fn turn(&self, window: &TrainingWindow, is_validation: bool) -> (usize, usize) {
        if is_validation {
            let trained = self.trained(window.series);
            return (trained, trained);
        }
        (0, window.end.saturating_sub(self.horizon).max(window.start + 1))
    }

    fn draw(&self, rng: &mut ChaCha8Rng) -> TrainingWindow {
        let total = self.drawn_by.last().expect("a series to learn from").0;
        let place = rng.random::<f64>() * total;
        let which = self.drawn_by.partition_point(|(sum, _)| *sum <= place).min(self.drawn_by.len() - 1);
        let series = self.drawn_by[which].1;
        let end = rng.random_range(2..=self.trained(series));
        let start = end.saturating_sub(self.view.context + self.horizon);
        let hide = |code: &usize| if rng.random::<f64>() < HIDDEN { 0 } else { *code };
        TrainingWindow { series, start, end, codes: self.codes[series].iter().map(hide).collect() }
    }
}

impl SequenceDataset for Windows<'_> {
    fn walks(&self, rng: &mut ChaCha8Rng) -> Vec<Vec<Window>> {
        let mut round = self.round.borrow_mut();
        *round = (0..DeepAr::BATCHES * DeepAr::BATCH).map(|_| self.draw(rng)).collect();
        // windows of like length share an update, as a shorter one is padded
        round.sort_by_key(|window| window.end - window.start);
        side_by_side(&round, 0)
    }

    fn validation(&self) -> Vec<Vec<Window>> {
        side_by_side(&self.validation, VALIDATION)
    }

    fn fill(&self, walk: &[Window]) -> SequenceBatch {
        let round = self.round.borrow();
        let steps = longest(walk);
        let mut trace = SequenceBatch::zeros(steps, walk.len(), self.sizes);
        let (mut glance, lags) = (StepInput::default(), self.view.lags_seen());
        for (b, stream) in walk.iter().enumerate() {
            let validation = stream.sequence.checked_sub(VALIDATION);
            let window = validation.map_or_else(|| &round[stream.sequence], |at| &self.validation[at]);
            let (counts_from, conditioning) = self.turn(window, validation.is_some());
            let series = &self.series[window.series];
            let scaling = self.view.scaling(&series.values[window.start..conditioning]);
            let seen = Seen::of(series, &window.codes);
            for step in 0..stream.length {
                let t = stream.start + step;
                let past = Past { history: &series.values[..t], drawn: &[] };
                self.view.look(&seen, &past, &scaling, &lags, &mut glance);
                let weight = f32::from(u8::from(series.observed[t] && t >= counts_from));
                trace.set((step, b), &glance, (self.view.number(&scaling, series.values[t]), weight));
            }
        }
        trace
    }
}

/// Windows as streams, numbered from `first`.
fn side_by_side(windows: &[TrainingWindow], first: usize) -> Vec<Vec<Window>> {
    let stream = |(number, window): (usize, &TrainingWindow)| {
        let start = window.start.max(1);
        Window { sequence: first + number, start, length: window.end - start, warm_up: 0 }
    };
    let streams: Vec<Window> = windows.iter().enumerate().map(stream).collect();
    streams.chunks(DeepAr::BATCH).map(<[Window]>::to_vec).collect()
}
