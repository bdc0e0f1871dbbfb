//! Generated series and panels, and observers, for several test modules.

use forecast::forecast::Forecast;
use forecast::model::{Control, Epoch, Observer};
use forecast::panel::{Columns, Panel, Series};
use forecast::time::{Frequency, Timestamp};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

/// A panel of fully observed series with ids that count from 0000, on an integer index.
pub(crate) fn panel(values: Vec<Vec<f64>>, season: usize) -> Panel {
    panel_of(numbered(values), season)
}

/// A panel of the series with one id column.
pub(crate) fn panel_of(series: Vec<Series>, season: usize) -> Panel {
    let columns = Columns { time: None, target: "y".into(), ids: vec!["id".into()] };
    Panel::new(columns, Frequency::INDEX, season, series).unwrap()
}

/// Fully observed series with ids that count from 0000.
pub(crate) fn numbered(values: Vec<Vec<f64>>) -> Vec<Series> {
    let series = |(i, values): (usize, Vec<f64>)| Series {
        key: vec![format!("{i:04}")],
        start: Timestamp::Index(1),
        observed: vec![true; values.len()],
        values,
    };
    values.into_iter().enumerate().map(series).collect()
}

/// A panel with two id columns, a group and a name that counts from 0000.
pub(crate) fn grouped_panel(series: Vec<(&str, Vec<f64>)>, season: usize) -> Panel {
    let columns = Columns { time: None, target: "y".into(), ids: vec!["group".into(), "name".into()] };
    let series = series.into_iter().enumerate().map(|(i, (group, values))| Series {
        key: vec![group.to_owned(), format!("{i:04}")],
        start: Timestamp::Index(1),
        observed: vec![true; values.len()],
        values,
    });
    Panel::new(columns, Frequency::INDEX, season, series.collect()).unwrap()
}

/// The series with the same gap in each. It is filled with the mean of the values one season before and after, and marked
/// as not observed.
pub(crate) fn with_gap(mut series: Vec<Series>, gap: &std::ops::Range<usize>, season: usize) -> Vec<Series> {
    for series in &mut series {
        for t in gap.clone() {
            series.values[t] = f64::midpoint(series.values[t - season], series.values[t + season]);
            series.observed[t] = false;
        }
    }
    series
}

pub(crate) fn normal(rng: &mut ChaCha8Rng) -> f64 {
    rng.sample(StandardNormal)
}

/// Growing series with a season of 4 and a little noise, of different lengths and sizes, all above 0.
pub(crate) fn growing_series(count: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let series = |i: usize| {
        let growth = 0.02 * rng.random::<f64>();
        let season = [0.1, -0.05, -0.1, 0.05].map(|s: f64| s * (1.0 + rng.random::<f64>()));
        let size = 10f64.powi((i % 5) as i32);
        let value = |t: usize, noise: f64| size * (growth * t as f64 + season[t % 4] + 0.02 * noise).exp();
        (0..24 + i % 20).map(|t| value(t, normal(&mut rng))).collect()
    };
    (0..count).map(series).collect()
}

/// Series with a weekly pattern and noise, at levels of different sizes; and the `horizon` values that follow, without
/// noise.
pub(crate) fn weekly_series(count: usize, horizon: usize, seed: u64) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let series = |i: usize| {
        let size = 10f64.powi((i % 4) as i32);
        let pattern: Vec<f64> = (0..7).map(|_| rng.random_range(0.5..2.0)).collect();
        let n = 60 + i % 30;
        let past = (0..n).map(|t| size * (pattern[t % 7] + 5.0 + 0.5 * normal(&mut rng))).collect();
        let future = (n..n + horizon).map(|t| size * (pattern[t % 7] + 5.0)).collect();
        (past, future)
    };
    (0..count).map(series).unzip()
}

/// The mean and the greatest relative difference of the medians of two lists of forecasts.
pub(crate) fn relative_differences(a: &[Forecast], b: &[Forecast]) -> (f64, f64) {
    let medians = |forecasts: &[Forecast]| forecasts.iter().flat_map(|f| f.median().to_vec()).collect::<Vec<f64>>();
    let differences: Vec<f64> =
        medians(a).iter().zip(medians(b)).map(|(a, b)| (a - b).abs() / a.abs().max(b.abs())).collect();
    (differences.iter().sum::<f64>() / differences.len() as f64, differences.iter().copied().fold(0.0, f64::max))
}

/// Whether each forecast has all steps of the horizon, and only finite values.
pub(crate) fn are_finite(forecasts: &[Forecast], horizon: usize) -> bool {
    let is_finite = |f: &Forecast| {
        f.quantiles().iter().all(|q| q.values.len() == horizon && q.values.iter().all(|v| v.is_finite()))
    };
    forecasts.iter().all(is_finite)
}

/// Records the numbers of the epochs, and stops the training after so many of them.
#[derive(Debug)]
pub(crate) struct EpochCounter {
    stop_after: usize,
    numbers: Vec<usize>,
}

impl EpochCounter {
    pub(crate) fn stopping_after(epochs: usize) -> Self {
        Self { stop_after: epochs, numbers: Vec::new() }
    }

    pub(crate) fn new() -> Self {
        Self::stopping_after(usize::MAX)
    }

    /// The epochs that were trained.
    pub(crate) fn count(&self) -> usize {
        self.numbers.len()
    }

    /// Whether the epochs are numbered from 1 without a gap, over all members and trainings.
    pub(crate) fn is_consecutive(&self) -> bool {
        self.numbers.iter().copied().eq(1..=self.count())
    }
}

impl Observer for EpochCounter {
    fn epoch(&mut self, epoch: &Epoch) -> Control {
        assert!(epoch.number <= epoch.of, "epoch {} of {}", epoch.number, epoch.of);
        self.numbers.push(epoch.number);
        if self.count() >= self.stop_after { Control::Stop } else { Control::Continue }
    }
}
