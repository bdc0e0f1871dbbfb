//! Prepares series for the search for seasons: even spread, clipped outliers, and lines across gaps.

use crate::panel::season_detection::folded::{Candidate, Rows};

/// The minimum number of observed values.
const MIN_VALUES: usize = 8;
/// Values that differ from the median of their neighbourhood by more than this number of standard deviations are
/// clipped.
const MAX_DEVIATIONS: f64 = 6.0;
/// The number of values in a neighbourhood.
const NEIGHBOURHOOD: usize = 7;
/// A value is an outlier if its residual in the regression with a season exceeds this number of standard deviations.
const MAX_RESIDUAL: f64 = 5.0;
/// Smaller residuals are rounding errors. Values have a standard deviation of 1.
const ROUNDING: f64 = 1e-6;
/// The maximum share of outliers. If more values are far away, they belong to the distribution.
const MAX_OUTLIER_SHARE: f64 = 0.05;
/// The standard deviation of a normal variable, as a multiple of the median of its absolute value.
const DEVIATION_PER_MEDIAN: f64 = 1.4826;
/// The logarithm is used if the level of a series changes by this factor.
const MIN_GROWTH_FOR_LOG: f64 = 2.0;
/// The number of parts of a series whose levels are compared.
const PARTS: usize = 6;
/// The maximum number of series whose correlations are computed.
const MAX_CORRELATED: usize = 24;

/// A series in which seasons are searched for.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    pub(crate) values: Vec<f64>,
    pub(crate) observed: Vec<bool>,
    /// Whether one value is so frequent that others look like outliers.
    is_intermittent: bool,
}

impl Prepared {
    /// `None` if the series is too short, or constant. Missing values are NaN.
    pub(crate) fn new(raw: &[f64]) -> Option<Self> {
        let first = raw.iter().position(|value| value.is_finite())?;
        let last = raw.iter().rposition(|value| value.is_finite())?;
        let raw = &raw[first..=last];
        let observed: Vec<bool> = raw.iter().map(|value| value.is_finite()).collect();
        let known: Vec<f64> = raw.iter().copied().filter(|value| value.is_finite()).collect();
        let is_constant = known.iter().all(|value| (value - known[0]).abs() <= 1e-12 * known[0].abs());
        if known.len() < MIN_VALUES || is_constant {
            return None;
        }
        let mut values = if level_grows(&known) { raw.iter().map(|value| value.ln()).collect() } else { raw.to_vec() };
        draw_lines(&mut values);
        clip_outliers(&mut values);
        // numbers of ordinary size
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let spread = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt();
        (spread > 0.0 && spread.is_finite()).then(|| Self {
            values: values.into_iter().map(|value| (value - mean) / spread).collect(),
            observed,
            is_intermittent: is_intermittent(known),
        })
    }

    /// The number of past values in the regressions.
    fn lags(&self) -> usize {
        match self.values.len() {
            0..24 => 1,
            24..48 => 2,
            _ => 3,
        }
    }

    /// The rows of the regressions, after seasons of these lengths have been removed.
    pub(crate) fn rows(&self, removed: &[usize]) -> Rows {
        let removed: Vec<usize> = removed.iter().copied().filter(|length| 3 * length < self.values.len()).collect();
        Rows::new(&self.values, &self.observed, self.lags(), &removed)
    }

    /// The series without a season.
    pub(crate) fn without_season(&self, candidate: Candidate) -> Self {
        let pattern = self.rows(&[]).pattern(candidate, self.lags()).unwrap_or_else(|| vec![0.0; candidate.length]);
        let without = |(at, value): (usize, &f64)| value - pattern[at % candidate.length];
        Self { values: self.values.iter().enumerate().map(without).collect(), ..self.clone() }
    }

    /// The series with its outliers replaced by what the regression with a season expects. `None` if there are none, or
    /// too many.
    pub(crate) fn without_outliers(&self, rows: &Rows, candidate: Candidate) -> Option<Self> {
        let residuals = rows.season_residuals(candidate).filter(|_| !self.is_intermittent)?;
        let sizes = residuals.iter().map(|residual| residual.abs());
        let limit = DEVIATION_PER_MEDIAN * MAX_RESIDUAL * upper_median(sizes.collect())?;
        let mut cleaned = self.clone();
        let (mut count, mut last) = (0_usize, None);
        for (at, residual) in rows.positions().iter().zip(&residuals) {
            // after an outlier, the next residuals are large as well
            let follows = last.is_some_and(|last: usize| at - last <= self.lags());
            if residual.abs() > limit && limit > ROUNDING && !follows {
                cleaned.values[*at] -= residual;
                cleaned.observed[*at] = false;
                count += 1;
                last = Some(*at);
            }
        }
        let is_few = count as f64 <= (MAX_OUTLIER_SHARE * residuals.len() as f64).max(2.0);
        (count > 0 && is_few).then_some(cleaned)
    }
}

/// Whether at least a third of the values are equal.
fn is_intermittent(mut known: Vec<f64>) -> bool {
    known.sort_unstable_by(f64::total_cmp);
    let same = known.chunk_by(|a, b| a.total_cmp(b).is_eq()).map(<[f64]>::len).max().unwrap_or(0);
    3 * same >= known.len()
}

/// Whether a series is positive and its level changes by a factor, so that its spread is likely to change as well.
fn level_grows(known: &[f64]) -> bool {
    if known.iter().any(|value| *value <= 0.0) {
        return false;
    }
    let means = known.chunks(known.len().div_ceil(PARTS)).map(|part| part.iter().sum::<f64>() / part.len() as f64);
    let (least, most) = means.fold((f64::INFINITY, 0.0_f64), |(least, most), mean| (least.min(mean), most.max(mean)));
    most >= MIN_GROWTH_FOR_LOG * least
}

/// Replaces NaN between two values by a line. The first and the last value are numbers.
fn draw_lines(values: &mut [f64]) {
    let mut before = 0;
    for at in 1..values.len() {
        if values[at].is_finite() {
            for between in before + 1..at {
                let share = (between - before) as f64 / (at - before) as f64;
                values[between] = values[before] + share * (values[at] - values[before]);
            }
            before = at;
        }
    }
}

/// The upper of the two middle values of an even number, or the middle one. `None` without values.
fn upper_median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// Clips values that are far from the median of their neighbourhood. A regular peak is clipped in each cycle alike, and
/// stays regular. So the neighbourhood of the first and of the last value is no smaller than that of others.
fn clip_outliers(values: &mut [f64]) {
    let last_start = values.len().saturating_sub(NEIGHBOURHOOD);
    let median_around = |at: usize| {
        let start = at.saturating_sub(NEIGHBOURHOOD / 2).min(last_start);
        let near = values[start..(start + NEIGHBOURHOOD).min(values.len())].to_vec();
        upper_median(near).unwrap_or(values[at])
    };
    let medians: Vec<f64> = (0..values.len()).map(median_around).collect();
    let sizes = values.iter().zip(&medians).map(|(value, median)| (value - median).abs());
    let limit = DEVIATION_PER_MEDIAN * MAX_DEVIATIONS * upper_median(sizes.collect()).unwrap_or(0.0);
    if limit > 0.0 {
        for (value, median) in values.iter_mut().zip(medians) {
            *value = value.clamp(median - limit, median + limit);
        }
    }
}

/// The share of the series that count as independent: 1 without correlation between their residuals, and 1 / n where
/// all are alike. Series are aligned at the start and at the end, whichever has the larger correlation.
///
/// The variance of a sum of squares grows with the squared correlations of its terms.
pub(crate) fn effective_share(all: &[Rows]) -> f64 {
    let stride = all.len().div_ceil(MAX_CORRELATED).max(1);
    let residuals: Vec<Vec<f64>> = all.iter().step_by(stride).map(placed_residuals).collect();
    let (mut at_start, mut at_end, mut pairs) = (0.0, 0.0, 0.0);
    for (i, one) in residuals.iter().enumerate() {
        for other in &residuals[..i] {
            at_start += squared_correlation(one.iter(), other.iter());
            at_end += squared_correlation(one.iter().rev(), other.iter().rev());
            pairs += 1.0;
        }
    }
    let mean = f64::max(at_start, at_end) / f64::max(pairs, 1.0);
    1.0 / (1.0 + (all.len() as f64 - 1.0) * mean.max(0.0))
}

/// The residuals at their positions in the series, 0 where there is none.
fn placed_residuals(rows: &Rows) -> Vec<f64> {
    let length = rows.positions().last().map_or(0, |last| last + 1);
    let mut placed = vec![0.0; length];
    for (at, residual) in rows.positions().iter().zip(rows.residuals()) {
        placed[*at] = residual;
    }
    placed
}

/// The squared correlation, less its expectation for independent series.
fn squared_correlation<'a>(one: impl Iterator<Item = &'a f64>, other: impl Iterator<Item = &'a f64>) -> f64 {
    let (mut product, mut of_one, mut of_other, mut count) = (0.0, 0.0, 0.0, 0.0);
    for (a, b) in one.zip(other) {
        product += a * b;
        of_one += a * a;
        of_other += b * b;
        count += 1.0;
    }
    if of_one * of_other > 0.0 { product * product / (of_one * of_other) - 1.0 / count } else { 0.0 }
}
