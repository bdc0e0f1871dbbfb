//! The forecasts that are weighed against each other.

use serde::{Deserialize, Serialize};

use crate::model::regression::{self, Difference, Signal};
use crate::model::Silent;
use crate::model::rnn::segments::{Base, SegmentSettings, Segmented};
use crate::model::smoothing::Smoothed;
use crate::model::transform::Transform;

/// One way to forecast a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// The last value.
    Naive,
    /// The value of a season ago.
    SeasonalNaive(usize),
    /// The mean of the same step of so many last seasons.
    SeasonalMean(usize, usize),
    /// Exponential smoothing with a damped trend and the seasons.
    Smoothing,
    /// Ridge autoregression, one step at a time.
    Iterated,
    /// The same on the distances from the mean of so many last seasons, of so many steps each.
    Differenced(usize, usize),
    /// Ridge autoregression, all steps at once.
    Direct,
    /// The same, with what is long past counting less.
    Recent,
    /// A network over segments that starts from the level of the last season.
    Segments(u64),
    /// A network over segments that refines the direct autoregression.
    Refined(u64),
}

/// A way to forecast and the scale it works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Member {
    pub(crate) kind: Kind,
    pub(crate) transform: Transform,
}

impl Member {
    /// All that suit the seasons and the signs of the values.
    pub(crate) fn all(values: &[f64], seasons: &[usize]) -> Vec<Self> {
        let mut plain = vec![Kind::Naive];
        for &m in seasons {
            plain.push(Kind::SeasonalNaive(m));
            plain.push(Kind::SeasonalMean(m, 4));
        }
        let mut modelled = vec![Kind::Smoothing, Kind::Iterated, Kind::Direct, Kind::Recent];
        modelled.extend(seasons.iter().flat_map(|m| [Kind::Differenced(*m, 1), Kind::Differenced(*m, 4)]));
        let linear = |kind| Self { kind, transform: Transform::Linear };
        let log = |kind| Self { kind, transform: Transform::Log };
        let scale = Transform::of(values, seasons.first().copied().unwrap_or(1));
        let networks = [Kind::Segments(1), Kind::Refined(2)].map(|kind| Self { kind, transform: scale });
        let mut members: Vec<Self> = networks.to_vec();
        members.extend(plain.into_iter().map(linear));
        members.extend(modelled.iter().copied().map(linear));
        if values.iter().all(|v| *v > 0.0) {
            members.extend(modelled.into_iter().map(log));
        }
        members
    }

    /// The forecast at each of `cutoffs`, `None` where the member has too little to go by.
    pub(crate) fn paths(self, signal: Signal<'_>, horizon: usize, cutoffs: &[usize]) -> Vec<Option<Vec<f64>>> {
        let scaled: Vec<f64> = signal.values.iter().map(|v| self.transform.there(*v)).collect();
        let signal = Signal { values: &scaled, ..signal };
        let mut paths = match self.kind {
            Kind::Iterated => regression::iterated(signal, None, None, horizon, cutoffs),
            Kind::Differenced(lag, seasons) => {
                regression::iterated(signal, Some(Difference { lag, seasons }), None, horizon, cutoffs)
            },
            Kind::Direct => regression::direct(signal, None, horizon, cutoffs),
            Kind::Recent => regression::direct(signal, half_life(signal.seasons, cutoffs[0]), horizon, cutoffs),
            Kind::Segments(seed) => network(signal, horizon, cutoffs, seed, false),
            Kind::Refined(seed) => network(signal, horizon, cutoffs, seed, true),
            _ => cutoffs.iter().map(|&cutoff| self.path(&signal, cutoff, horizon)).collect(),
        };
        for (path, &cutoff) in paths.iter_mut().zip(cutoffs) {
            let bounds = bounds(&scaled[..cutoff]);
            *path = path.take().and_then(|path| {
                let said: Vec<f64> =
                    path.into_iter().map(|v| self.transform.back(v.clamp(bounds.0, bounds.1))).collect();
                said.iter().all(|v| v.is_finite()).then_some(said)
            });
        }
        paths
    }

    fn path(self, signal: &Signal<'_>, cutoff: usize, horizon: usize) -> Option<Vec<f64>> {
        let known = &signal.values[..cutoff];
        match self.kind {
            Kind::Naive => Some(vec![*known.last()?; horizon]),
            Kind::SeasonalNaive(m) => {
                let last = known.get(cutoff.checked_sub(m)?..)?;
                Some((0..horizon).map(|k| last[k % m]).collect())
            }
            Kind::SeasonalMean(m, seasons) => {
                let from = cutoff.checked_sub(m * seasons)?;
                let mean = |k: usize| (0..seasons).map(|i| known[from + i * m + k % m]).sum::<f64>() / seasons as f64;
                Some((0..horizon).map(mean).collect())
            }
            _ => {
                let from = cutoff.saturating_sub(5_000);
                let smoothed =
                    Smoothed::best(&known[from..], &signal.observed[from..cutoff], signal.seasons, horizon);
                Some((1..=horizon).map(|k| smoothed.at(cutoff - from - 1, k)).collect())
            }
        }
    }
}

/// A network trained on what was known at the first cutoff, tried at all, and trained on for the last.
fn network(signal: Signal<'_>, horizon: usize, cutoffs: &[usize], seed: u64, refines: bool) -> Vec<Option<Vec<f64>>> {
    let none = vec![None; cutoffs.len()];
    let [first, .., last] = *cutoffs else { return none };
    let bases: Vec<Option<Base>> = if refines {
        let fits = regression::Direct::fits(signal, None, horizon, &[first, last]);
        fits.into_iter().map(|fit| fit.map(Base::Direct)).collect()
    } else {
        vec![Some(Base::Level); 2]
    };
    let [Some(early), Some(late)] = bases.as_slice() else { return none };
    let settings = SegmentSettings { hidden: 40, updates: env("UPD", 200.0) as usize, learning_rate: env("LR", 5e-3), weight_decay: env("WD", 0.05), dropout: 0.0, seed };
    let Ok(Some(mut trained)) = Segmented::train(signal, early, first, horizon, &settings, &mut Silent) else { return none };
    let mut paths: Vec<Option<Vec<f64>>> =
        cutoffs[..cutoffs.len() - 1].iter().map(|&cutoff| trained.path(signal, early, cutoff)).collect();
    let more = SegmentSettings { updates: env("UPD2", 100.0) as usize, learning_rate: env("LR2", 2e-3), seed: seed + 100, ..settings };
    if trained.go_on(signal, late, last, &more, &mut Silent).is_err() {
        return none;
    }
    paths.push(trained.path(signal, late, last));
    paths
}

fn half_life(seasons: &[usize], known: usize) -> Option<f64> {
    let season = seasons.first().copied().unwrap_or(1);
    Some((known as f64 / 6.0).max(30.0 * season as f64).max(60.0))
}

fn env(name: &str, usual: f64) -> f64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(usual)
}

/// What a forecast may not leave: the range of what was seen, and twice its width to either side.
fn bounds(known: &[f64]) -> (f64, f64) {
    let (least, greatest) =
        known.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(*v), b.max(*v)));
    let width = greatest - least;
    (least - 2.0 * width, greatest + 2.0 * width)
}
