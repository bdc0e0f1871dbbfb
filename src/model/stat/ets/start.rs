//! The states that exponential smoothing starts with, before they are refined.

use crate::model::stat::ets::model::{Form, Season, Trend};
use crate::model::stat::seasonal_adjustment;
use crate::model::stat::seasonal_adjustment::Manner;

/// Level, trend and season before the first value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Start {
    pub(crate) level: f64,
    /// Change a step, 0 without a trend.
    pub(crate) trend: f64,
    /// The values of the season's positions 1 and on; position 0 makes their sum 0, or the season's length.
    pub(crate) season: Vec<f64>,
}

/// The least factor of a season that is worth dividing by.
const LEAST_FACTOR: f64 = 0.01;

impl Start {
    /// `None` where no start can be made out.
    pub(crate) fn of(values: &[f64], form: Form) -> Option<Self> {
        let m = form.season.length();
        let (adjusted, season) = match form.season {
            Season::None => (values.to_vec(), Vec::new()),
            Season::Additive(_) => {
                let seasonal = seasonal(values, m, Manner::Additive)?;
                (values.iter().zip(&seasonal).map(|(v, s)| v - s).collect(), seasonal[1..m].to_vec())
            }
            Season::Multiplicative(_) => {
                let seasonal = seasonal(values, m, Manner::Multiplicative)?;
                let factors: Vec<f64> = seasonal.iter().map(|s| s.max(LEAST_FACTOR)).collect();
                let mut season = factors[1..m].to_vec();
                if season.iter().sum::<f64>() > m as f64 {
                    let sum: f64 = season.iter().map(|s| s + LEAST_FACTOR).sum();
                    for s in &mut season {
                        *s /= sum;
                    }
                }
                (values.iter().zip(&factors).map(|(v, s)| v / s).collect(), season)
            }
        };
        let early = &adjusted[..adjusted.len().min(10.max(2 * m))];
        let (level, trend) = match form.trend {
            Trend::None => (early.iter().sum::<f64>() / early.len() as f64, 0.0),
            Trend::Additive | Trend::Damped => match line(early) {
                // multiplicative errors are relative to level plus trend, which must not vanish
                (level, trend) if (level + trend).abs() < 1e-8 => (level * (1.0 + 1e-3), trend * (1.0 - 1e-3)),
                found => found,
            },
        };
        Some(Self { level, trend, season })
    }
}

/// The season at every position: by decomposition, or what a line and one wave leave where there are not three seasons.
fn seasonal(values: &[f64], m: usize, manner: Manner) -> Option<Vec<f64>> {
    if values.len() >= 3 * m {
        let profile = seasonal_adjustment::profile(values, m, manner);
        return Some((0..values.len()).map(|t| profile[t % m]).collect());
    }
    let (level, slope) = line_beside_a_wave(values, m)?;
    Some(values.iter().enumerate().map(|(t, v)| manner.remove(*v, level + slope * (t + 1) as f64)).collect())
}

/// Value before the first and slope of the least-squares line.
fn line(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let (middle, mean) = (f64::midpoint(n, 1.0), values.iter().sum::<f64>() / n);
    let centred = |t: usize| (t + 1) as f64 - middle;
    let slope = values.iter().enumerate().map(|(t, v)| centred(t) * (v - mean)).sum::<f64>()
        / (0..values.len()).map(|t| centred(t).powi(2)).sum::<f64>();
    (mean - slope * middle, slope)
}

/// Value before the first and slope of the line in a least-squares fit of a line and a wave of one season.
fn line_beside_a_wave(values: &[f64], m: usize) -> Option<(f64, f64)> {
    let n = values.len();
    let angle = |t: usize| std::f64::consts::TAU * (t + 1) as f64 / m as f64;
    let columns = if m == 2 { 3 } else { 4 }; // a sine of two steps is zero everywhere
    let design = nalgebra::DMatrix::from_fn(n, columns, |t, c| match c {
        0 => 1.0,
        1 => (t + 1) as f64,
        2 => angle(t).cos(),
        _ => angle(t).sin(),
    });
    let found = design.svd(true, true).solve(&nalgebra::DVector::from_column_slice(values), 1e-12).ok()?;
    Some((found[0], found[1]))
}
