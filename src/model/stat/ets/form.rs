//! The forms of exponential smoothing, and their heuristic initial states.

use crate::model::stat::seasonal_adjustment::{self, Component, MIN_SEASONAL_FACTOR};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TrendType {
    None,
    Additive,
    /// Additive, and smaller at every step.
    Damped,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EtsForm {
    /// Multiplicative errors are relative to the expected value.
    pub(crate) errors: Component,
    pub(crate) trend: TrendType,
    pub(crate) season: Option<Component>,
    /// The number of seasonal states, 1 without a season.
    pub(crate) season_length: usize,
}

/// Level, trend and season before the first value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct InitialStates {
    pub(crate) level: f64,
    /// The change per step; 0 without a trend.
    pub(crate) trend: f64,
    /// The seasonal states of positions 1 and later. Position 0 makes the sum 0, or the season length.
    pub(crate) season: Vec<f64>,
}

impl InitialStates {
    /// Estimates the initial states; `None` if that is not possible.
    pub(crate) fn of(values: &[f64], form: EtsForm) -> Option<Self> {
        let m = form.season_length;
        let (mut adjusted, mut season) = (values.to_vec(), Vec::new());
        if let Some(component) = form.season {
            let multiplicative = component == Component::Multiplicative;
            let mut seasonal = seasonal(values, m, component)?;
            if multiplicative {
                seasonal.iter_mut().for_each(|s| *s = s.max(MIN_SEASONAL_FACTOR));
            }
            adjusted = values.iter().zip(&seasonal).map(|(v, s)| component.remove(*v, *s)).collect();
            season = seasonal[1..m].to_vec();
            if multiplicative && season.iter().sum::<f64>() > m as f64 {
                let sum: f64 = season.iter().map(|s| s + MIN_SEASONAL_FACTOR).sum();
                season.iter_mut().for_each(|s| *s /= sum);
            }
        }
        let early = &adjusted[..adjusted.len().min(10.max(2 * m))];
        let (level, trend) = match form.trend {
            TrendType::None => (early.iter().sum::<f64>() / early.len() as f64, 0.0),
            TrendType::Additive | TrendType::Damped => match line(early) {
                // multiplicative errors are relative to level plus trend, which must not be zero
                (level, trend) if (level + trend).abs() < 1e-8 => (level * (1.0 + 1e-3), trend * (1.0 - 1e-3)),
                found => found,
            },
        };
        Some(Self { level, trend, season })
    }
}

/// The season at every position, by decomposition. With fewer than three cycles, it is the remainder of a line that is
/// fitted together with a wave.
fn seasonal(values: &[f64], m: usize, component: Component) -> Option<Vec<f64>> {
    if values.len() >= 3 * m {
        let indices = seasonal_adjustment::seasonal_indices(values, m, component);
        return Some((0..values.len()).map(|t| indices[t % m]).collect());
    }
    let (level, slope) = line_of_line_and_wave(values, m)?;
    Some(values.iter().enumerate().map(|(t, v)| component.remove(*v, level + slope * (t + 1) as f64)).collect())
}

/// The least-squares line: its value before the first position and its slope.
fn line(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let (middle, mean) = (f64::midpoint(n, 1.0), values.iter().sum::<f64>() / n);
    let centred = |t: usize| (t + 1) as f64 - middle;
    let slope = values.iter().enumerate().map(|(t, v)| centred(t) * (v - mean)).sum::<f64>()
        / (0..values.len()).map(|t| centred(t).powi(2)).sum::<f64>();
    (mean - slope * middle, slope)
}

/// The line of a least-squares fit of a line and a wave: its value before the first position and its slope.
fn line_of_line_and_wave(values: &[f64], m: usize) -> Option<(f64, f64)> {
    let n = values.len();
    let angle = |t: usize| std::f64::consts::TAU * (t + 1) as f64 / m as f64;
    let columns = if m == 2 { 3 } else { 4 }; // a sine of period two is zero everywhere
    let design = nalgebra::DMatrix::from_fn(n, columns, |t, c| match c {
        0 => 1.0,
        1 => (t + 1) as f64,
        2 => angle(t).cos(),
        _ => angle(t).sin(),
    });
    let found = design.svd(true, true).solve(&nalgebra::DVector::from_column_slice(values), 1e-12).ok()?;
    Some((found[0], found[1]))
}
