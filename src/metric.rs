//! Measures of forecast accuracy: functions on slices, each with the paper that defines it.
//!
//! A metric without a value returns the reason, see [`Undefined`], and never NaN: a scaled error if [`seasonal_scale`] has
//! none, a weighted error if every actual value is 0. All metrics panic if slices are empty or differ in length.

/// Why a metric has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Undefined {
    /// Scaled errors need more training values than a season has steps.
    #[error("the training part is no longer than a season")]
    TooShort,
    /// The seasonal changes of the training part, by which scaled errors are divided, are all 0.
    #[error("the training part repeats itself exactly")]
    ZeroScale,
    /// The sum of the absolute actual values, by which weighted errors are divided, is 0.
    #[error("every actual value is 0")]
    AllZero,
    /// No actual value was observed at the steps of the forecast.
    #[error("no value was observed")]
    NoActual,
    /// The forecast has no quantiles at the bounds of the interval.
    #[error("the forecast has no such interval")]
    NoInterval,
}

/// Mean absolute error.
///
/// Hyndman & Koehler (2006), *Another look at measures of forecast accuracy*, Int. J. Forecasting 22(4), section 2.1.
///
/// ```
/// // errors of 1 and 3
/// assert_eq!(forecast::metric::mae(&[5.0, 5.0], &[4.0, 8.0]), 2.0);
/// ```
pub fn mae(actual: &[f64], forecast: &[f64]) -> f64 {
    mean_over(actual, forecast, |y, f| (y - f).abs())
}

/// Root mean squared error. Hyndman & Koehler (2006), section 2.1.
///
/// ```
/// // squared errors of 1 and 49
/// assert_eq!(forecast::metric::rmse(&[5.0, 5.0], &[4.0, 12.0]), 5.0);
/// ```
pub fn rmse(actual: &[f64], forecast: &[f64]) -> f64 {
    mean_over(actual, forecast, |y, f| (y - f).powi(2)).sqrt()
}

/// Symmetric mean absolute percentage error, 0 to 200. A step at which both values are 0 counts as 0.
///
/// Makridakis, Spiliotis & Assimakopoulos (2020), *The M4 Competition*, Int. J. Forecasting 36(1), section 2.4.
///
/// ```
/// // 200 * 2 / 8 and 200 * 0 / 4
/// assert_eq!(forecast::metric::smape(&[5.0, 2.0], &[3.0, 2.0]), 25.0);
/// ```
pub fn smape(actual: &[f64], forecast: &[f64]) -> f64 {
    mean_over(actual, forecast, |y, f| {
        let size = y.abs() + f.abs();
        if size > 0.0 { 200.0 * (y - f).abs() / size } else { 0.0 }
    })
}

/// The mean absolute change of the training part from one season to the next, by which scaled errors are divided.
///
/// Hyndman & Koehler (2006), section 3. `season` is the season length in steps, 1 for no season.
///
/// ```
/// use forecast::metric::{Undefined, seasonal_scale};
///
/// // changes from 1 to 2 and from 5 to 8
/// assert_eq!(seasonal_scale(&[1.0, 5.0, 2.0, 8.0], 2), Ok(2.0));
/// assert_eq!(seasonal_scale(&[1.0, 5.0], 2), Err(Undefined::TooShort));
/// ```
///
/// # Errors
/// If the training part is no longer than a season, or repeats itself exactly. A `season` of 0 panics.
pub fn seasonal_scale(training: &[f64], season: usize) -> Result<f64, Undefined> {
    assert!(season > 0, "a season has at least one step");
    if training.len() <= season {
        return Err(Undefined::TooShort);
    }
    let scale = mae(&training[season..], &training[..training.len() - season]);
    if scale > 0.0 { Ok(scale) } else { Err(Undefined::ZeroScale) }
}

/// Mean absolute scaled error. A value below 1 is better than seasonal naive forecasts in the training part.
///
/// Hyndman & Koehler (2006), section 3.
///
/// ```
/// // errors of 1 and 2 over a scale of 2
/// let training = [1.0, 3.0, 5.0];
/// assert_eq!(forecast::metric::mase(&[6.0, 6.0], &[5.0, 8.0], &training, 1), Ok(0.75));
/// ```
pub fn mase(actual: &[f64], forecast: &[f64], training: &[f64], season: usize) -> Result<f64, Undefined> {
    Ok(mae(actual, forecast) / seasonal_scale(training, season)?)
}

/// Weighted absolute percentage error as a share: the sum of absolute errors over the sum of absolute actual values.
///
/// Kolassa & Schütz (2007), *Advantages of the MAD/mean ratio over the MAPE*, Foresight 6.
///
/// ```
/// // errors of 1 and 1 over values of 2 and 6
/// assert_eq!(forecast::metric::wape(&[2.0, 6.0], &[3.0, 5.0]), Ok(0.25));
/// ```
pub fn wape(actual: &[f64], forecast: &[f64]) -> Result<f64, Undefined> {
    Ok(mae(actual, forecast) / mean_absolute(actual)?)
}

/// Mean pinball loss of one quantile: `level` × error if the actual value is above it, `1 - level` × error if below.
///
/// Koenker & Bassett (1978), *Regression quantiles*, Econometrica 46(1).
///
/// ```
/// // one value is 2 above the quantile, one is 2 below it
/// assert_eq!(forecast::metric::pinball(&[7.0], &[5.0], 0.75), 1.5);
/// assert_eq!(forecast::metric::pinball(&[3.0], &[5.0], 0.75), 0.5);
/// ```
///
/// # Panics
/// Also if `level` is not in (0, 1).
pub fn pinball(actual: &[f64], quantile: &[f64], level: f64) -> f64 {
    assert!(level > 0.0 && level < 1.0, "a quantile level lies in (0, 1)");
    mean_over(actual, quantile, |y, q| f64::max(level * (y - q), (level - 1.0) * (y - q)))
}

/// Mean weighted quantile loss: twice the pinball loss, averaged over the levels, over the mean absolute actual value.
/// With only the median it is [`wape`].
///
/// Park, Maddix, Aubet, Kan, Gasthaus & Wang (2022), *Learning quantile functions without quantile crossing for
/// distribution-free time series forecasting*, AISTATS, section 5.
///
/// ```
/// // pinball losses of 1 and 0.5 for an actual value of 4
/// let quantiles: [(f64, &[f64]); 2] = [(0.5, &[2.0]), (0.75, &[6.0])];
/// assert_eq!(forecast::metric::mean_weighted_quantile_loss(&[4.0], &quantiles), Ok(0.375));
/// ```
///
/// # Panics
/// Also if there is no quantile.
pub fn mean_weighted_quantile_loss(actual: &[f64], quantiles: &[(f64, &[f64])]) -> Result<f64, Undefined> {
    assert!(!quantiles.is_empty(), "at least one quantile");
    let mean = mean_absolute(actual)?;
    let total: f64 = quantiles.iter().map(|(level, values)| 2.0 * pinball(actual, values, *level)).sum();
    Ok(total / quantiles.len() as f64 / mean)
}

/// Continuous ranked probability score: twice the pinball loss, integrated over all levels, averaged over the actual
/// values. It has the unit of the values, and is the absolute error for a forecast without spread.
///
/// Quantiles are interpolated linearly between the given levels and are constant beyond the outermost. The integral
/// over this distribution is exact. With five levels the centre of a normal distribution is too flat. The score of a
/// value there is a sixth to a fifth too high, for all models alike.
///
/// Gneiting & Raftery (2007), section 4.2; quantiles as a spline: Gasthaus et al. (2019), *Probabilistic forecasting with
/// spline quantile function RNNs*, AISTATS, section 3.
///
/// ```
/// // without spread it is the absolute error
/// assert_eq!(forecast::metric::crps(&[4.0], &[(0.5, &[6.0])]), 2.0);
/// // a spread that includes the actual value lowers it
/// assert!(forecast::metric::crps(&[4.0], &[(0.1, &[3.0]), (0.5, &[6.0]), (0.9, &[9.0])]) < 2.0);
/// ```
///
/// # Panics
/// Also if there is no quantile, or the levels do not ascend within (0, 1).
pub fn crps(actual: &[f64], quantiles: &[(f64, &[f64])]) -> f64 {
    assert!(!quantiles.is_empty(), "at least one quantile");
    let levels = || quantiles.iter().map(|(level, _)| *level);
    let inside = levels().all(|level| level > 0.0 && level < 1.0);
    assert!(inside && levels().zip(levels().skip(1)).all(|(a, b)| a < b), "levels ascend in (0, 1)");
    let last = quantiles.len() - 1;
    let integral = |at: usize| {
        let (y, knot) = (actual[at], |q: usize| (quantiles[q].0, quantiles[q].1[at]));
        let ends = loss_between(y, (0.0, knot(0).1), knot(0)) + loss_between(y, knot(last), (1.0, knot(last).1));
        2.0 * (ends + (0..last).map(|q| loss_between(y, knot(q), knot(q + 1))).sum::<f64>())
    };
    let scores: Vec<f64> = (0..actual.len()).map(integral).collect();
    mean_over(&scores, &scores, |score, _| score)
}

/// The pinball loss of `y`, integrated between two levels with linear quantiles.
fn loss_between(y: f64, (from, low): (f64, f64), (to, high): (f64, f64)) -> f64 {
    let quantile = |level: f64| low + (high - low) * (level - from) / (to - from);
    let loss = |level: f64, below: bool| (if below { level } else { level - 1.0 }) * (y - quantile(level));
    // the loss is a parabola on either side of the level of y, so that Simpson's rule is exact
    let piece = |a: f64, b: f64, below: bool| {
        (b - a) / 6.0 * (loss(a, below) + 4.0 * loss(f64::midpoint(a, b), below) + loss(b, below))
    };
    if y >= high {
        piece(from, to, true)
    } else if y <= low {
        piece(from, to, false)
    } else {
        let crossing = from + (to - from) * (y - low) / (high - low);
        piece(from, crossing, true) + piece(crossing, to, false)
    }
}

/// The share of actual values inside the interval, bounds included, in [0, 1].
///
/// Christoffersen (1998), *Evaluating interval forecasts*, Int. Economic Review 39(4).
///
/// ```
/// // 5 is inside, 9 is not
/// assert_eq!(forecast::metric::coverage(&[5.0, 9.0], &[4.0, 4.0], &[6.0, 6.0]), 0.5);
/// ```
pub fn coverage(actual: &[f64], lower: &[f64], upper: &[f64]) -> f64 {
    assert_eq!(actual.len(), upper.len(), "one bound per value");
    let above = mean_over(actual, lower, |y, low| f64::from(y < low));
    let below = mean_over(actual, upper, |y, high| f64::from(y > high));
    1.0 - above - below
}

/// The mean width of the interval, in the unit of the values.
///
/// Gneiting & Raftery (2007), *Strictly proper scoring rules, prediction, and estimation*, JASA 102(477), section 6.2.
///
/// ```
/// assert_eq!(forecast::metric::interval_width(&[4.0, 4.0], &[6.0, 8.0]), 3.0);
/// ```
pub fn interval_width(lower: &[f64], upper: &[f64]) -> f64 {
    mean_over(lower, upper, |low, high| high - low)
}

/// Mean interval score of a central interval of `percent`: its width, plus 2/α times the distance of values outside,
/// with α = 1 − `percent`/100. It has the unit of the values.
///
/// Winkler (1972), *A decision-theoretic approach to interval estimation*, JASA 67(337); Gneiting & Raftery (2007),
/// section 6.2.
///
/// ```
/// // the width of 2, and 4 times the distance of 3
/// assert_eq!(forecast::metric::interval_score(&[9.0], (&[4.0], &[6.0]), 50.0), 14.0);
/// ```
///
/// # Panics
/// Also if `percent` is not in (0, 100).
pub fn interval_score(actual: &[f64], (lower, upper): (&[f64], &[f64]), percent: f64) -> f64 {
    assert!(percent > 0.0 && percent < 100.0, "an interval has more than 0 % and less than 100 %");
    let penalty = 2.0 / (1.0 - percent / 100.0);
    let missed_low = mean_over(actual, lower, |y, low| (low - y).max(0.0));
    let missed_high = mean_over(actual, upper, |y, high| (y - high).max(0.0));
    interval_width(lower, upper) + penalty * (missed_low + missed_high)
}

/// Mean scaled interval score: the [`interval_score`] over the seasonal scale.
///
/// Makridakis, Spiliotis & Assimakopoulos (2020), section 2.4.
///
/// ```
/// // an interval score of 14 over a scale of 2
/// let training = [1.0, 3.0, 5.0];
/// assert_eq!(forecast::metric::msis(&[9.0], (&[4.0], &[6.0]), 50.0, &training, 1), Ok(7.0));
/// ```
pub fn msis(
    actual: &[f64],
    interval: (&[f64], &[f64]),
    percent: f64,
    training: &[f64],
    season: usize,
) -> Result<f64, Undefined> {
    Ok(interval_score(actual, interval, percent) / seasonal_scale(training, season)?)
}

fn mean_absolute(actual: &[f64]) -> Result<f64, Undefined> {
    let mean = mean_over(actual, actual, |y, _| y.abs());
    if mean > 0.0 { Ok(mean) } else { Err(Undefined::AllZero) }
}

fn mean_over(a: &[f64], b: &[f64], term: impl Fn(f64, f64) -> f64) -> f64 {
    assert!(!a.is_empty() && a.len() == b.len(), "one forecast per actual value, at least one");
    a.iter().zip(b).map(|(&a, &b)| term(a, b)).sum::<f64>() / a.len() as f64
}
