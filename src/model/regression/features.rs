//! What an autoregression sees of a series before a position.

use std::f64::consts::TAU;

use crate::model::regression::exogenous::{Design, Exogenous};
use crate::model::regression::{Difference, Signal};

/// Which numbers stand for the past of a position.
#[derive(Debug, Clone)]
pub(crate) struct Features {
    /// Positions before the target's whose values are seen, from 1.
    lags: Vec<usize>,
    /// Means over a few values around each of these lags, for seasons too long to see each value.
    pooled: Vec<(usize, usize)>,
    /// What is taken from every value: the mean of so many last ones, or the value that far back.
    base: Base,
    /// Period in steps and number of harmonics.
    phases: Vec<(f64, usize)>,
    ordinal: i64,
    unit: f64,
    season: usize,
    /// What stands beside the series.
    exogenous: Option<Box<Exogenous>>,
}

#[derive(Debug, Clone, Copy)]
enum Base {
    /// The mean of so many last values.
    Level(usize),
    /// The mean of the values one, two … `seasons` times `lag` steps before; each lag is seen as its own distance from
    /// the same mean.
    Before { lag: usize, seasons: usize },
}

impl Features {
    pub(crate) const MOST_LAGS: usize = 48;

    /// For one step ahead.
    pub(crate) fn of_a_step(signal: &Signal<'_>, known: usize, difference: Option<Difference>) -> Self {
        let n = known;
        let season = signal.seasons.first().copied().unwrap_or(1);
        let recent = if season <= Self::MOST_LAGS { season.max(8) + 1 } else { 16 }.min((n / 6).max(1));
        let mut lags: Vec<usize> = (1..=recent).collect();
        for &m in signal.seasons {
            for lag in [m - 1, m, m + 1, 2 * m, 3 * m, 7 * m] {
                if lag * 3 <= n {
                    lags.push(lag);
                }
            }
        }
        lags.retain(|lag| *lag > 0);
        lags.sort_unstable();
        lags.dedup();
        let base = match difference {
            None => Base::Level(season.max(4).min(n / 3).max(1)),
            Some(Difference { lag, seasons }) => Base::Before { lag, seasons },
        };
        Self::new(signal, known, lags, Vec::new(), base)
    }

    /// For a whole path.
    pub(crate) fn of_a_path(signal: &Signal<'_>, known: usize, horizon: usize) -> Self {
        let n = known;
        let season = signal.seasons.first().copied().unwrap_or(1);
        let recent = if season <= Self::MOST_LAGS { season.max(8) + 1 } else { 24 }.min((n / 6).max(1));
        let mut lags: Vec<usize> = (1..=recent).collect();
        let mut pooled = Vec::new();
        for &m in signal.seasons {
            // the stretch a season before the path
            let stretch = horizon.min(m);
            if 3 * m > n {
                continue;
            }
            if stretch <= Self::MOST_LAGS && m <= 400 {
                lags.extend((0..stretch).map(|k| m - k));
            } else {
                let width = stretch.div_ceil(Self::MOST_LAGS);
                pooled.extend((0..stretch / width).map(|i| (m - i * width - width + 1, width)));
            }
        }
        lags.retain(|lag| *lag > 0);
        lags.sort_unstable();
        lags.dedup();
        Self::new(signal, known, lags, pooled, Base::Level(season.max(4).min(n / 3).max(1)))
    }

    fn new(signal: &Signal<'_>, known: usize, lags: Vec<usize>, pooled: Vec<(usize, usize)>, base: Base) -> Self {
        let phases = signal.seasons.iter().filter(|m| 2 * **m <= known).map(|&m| {
            let period = period(m);
            let harmonics = match m {
                0..=24 => m / 2,
                25..=100 => 8,
                _ => 6,
            };
            (period, harmonics.clamp(1, 8))
        });
        let (past, n) = (&signal.values[..known], known as f64);
        let mean = past.iter().sum::<f64>() / n;
        let unit = (past.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt().max(1e-12);
        let season = signal.seasons.first().copied().unwrap_or(1);
        let (phases, ordinal) = (phases.collect(), signal.ordinal);
        Self { lags, pooled, base, phases, ordinal, unit, season, exogenous: None }
    }

    /// The same, and what is known ahead beside the series, at the target of a step.
    pub(crate) fn with_ahead(mut self, signal: &Signal<'_>, known: usize) -> Option<Self> {
        let design = Design::of(signal.beside?, true, known)?;
        self.exogenous = Some(Box::new(Exogenous::at_target(design, self.season, self.unit)));
        Some(self)
    }

    /// The same, and the past of what stands beside the series.
    pub(crate) fn with_past(mut self, signal: &Signal<'_>, known: usize) -> Option<Self> {
        let design = Design::of(signal.beside?, false, known)?;
        self.exogenous = Some(Box::new(Exogenous::before(design, self.season, self.unit)));
        Some(self)
    }

    /// For what is known ahead beside the series alone, by the calendar and without any lag of the values.
    pub(crate) fn of_effect(signal: &Signal<'_>, known: usize, design: Design) -> Self {
        let season = signal.seasons.first().copied().unwrap_or(1);
        let level = Base::Level(season.max(4).min(known / 3).max(1));
        let mut features = Self::new(signal, known, Vec::new(), Vec::new(), level);
        features.exogenous = Some(Box::new(Exogenous::at_target(design, 1, features.unit)));
        features
    }

    /// Where in a row the covariates begin, the lags of each, and what they are multiplied by.
    pub(crate) fn exogenous_place(&self) -> Option<(usize, &[usize], f64)> {
        let exogenous = self.exogenous.as_ref()?;
        Some((self.count() - exogenous.count(), exogenous.lags(), self.unit))
    }

    /// Whether all that is seen of a position is known.
    pub(crate) fn reach(&self, t: usize) -> bool {
        self.exogenous.as_ref().is_none_or(|exogenous| exogenous.reaches(t))
    }

    pub(crate) fn season(&self) -> usize {
        self.season
    }

    pub(crate) fn count(&self) -> usize {
        let level = usize::from(matches!(self.base, Base::Level(_)));
        let beside = self.exogenous.as_ref().map_or(0, |exogenous| exogenous.count());
        let phases = self.phases.iter().map(|(_, k)| 2 * k).sum::<usize>();
        1 + level + self.lags.len() + self.pooled.len() + phases + beside
    }

    /// The first position that has everything.
    pub(crate) fn first(&self) -> usize {
        let deepest =
            self.lags.last().copied().unwrap_or(1).max(self.pooled.iter().map(|(m, w)| m + w).max().unwrap_or(0));
        let deepest = deepest.max(self.exogenous.as_ref().map_or(0, |exogenous| exogenous.deepest()));
        match self.base {
            Base::Level(width) => deepest.max(width),
            Base::Before { lag, seasons } => deepest + lag * seasons,
        }
    }

    /// Appends what is seen before position `t` (of which `values[..t]` are known); gives what the outputs are counted from.
    pub(crate) fn push(&self, values: &[f64], t: usize, into: &mut Vec<f64>) -> f64 {
        let base = match self.base {
            Base::Level(width) => {
                let level = values[t - width..t].iter().sum::<f64>() / width as f64;
                into.extend(self.lags.iter().map(|lag| values[t - lag] - level));
                into.extend(self.pooled.iter().map(|&(lag, width)| {
                    values[t - lag - width + 1..=t - lag].iter().sum::<f64>() / width as f64 - level
                }));
                let long = self.first().min(t);
                into.push(values[t - long..t].iter().sum::<f64>() / long as f64 - level);
                level
            }
            Base::Before { lag: back, seasons } => {
                let usual = |t: usize| (1..=seasons).map(|i| values[t - i * back]).sum::<f64>() / seasons as f64;
                into.extend(self.lags.iter().map(|lag| values[t - lag] - usual(t - lag)));
                usual(t)
            }
        };
        into.push(self.unit);
        for &(period, harmonics) in &self.phases {
            let angle = TAU * ((self.ordinal + t as i64) as f64 / period).fract();
            for k in 1..=harmonics {
                let (sin, cos) = (angle * k as f64).sin_cos();
                into.extend([self.unit * sin, self.unit * cos]);
            }
        }
        if let Some(exogenous) = &self.exogenous {
            match self.base {
                Base::Level(width) => exogenous.push_level(t, (t - width, t), into),
                Base::Before { lag, seasons } => exogenous.push_differenced(t, (lag, seasons), into),
            }
        }
        base
    }
}

/// A season's length in steps, of a year of days or weeks more exactly than in whole ones.
pub(crate) fn period(season: usize) -> f64 {
    match season {
        365 => 365.25,
        52 => 365.25 / 7.0,
        m => m as f64,
    }
}
