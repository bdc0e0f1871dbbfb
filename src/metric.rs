//! How good a forecast was: plain functions on slices, each after the paper that proposed it.
//!
//! Where a metric has no value, it says why instead of returning NaN: see [`Undefined`].

/// Why a metric has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Undefined {
    /// Scaled errors need one training value more than a season.
    #[error("the training part is no longer than a season")]
    TooShort,
    /// Scaled errors are divided by the training part's seasonal changes, which are all 0.
    #[error("the training part repeats itself exactly")]
    ZeroScale,
    /// Weighted errors are divided by the sum of the actual values' sizes, which is 0.
    #[error("every actual value is 0")]
    AllZero,
    /// There is nothing to compare a forecast with.
    #[error("no value was observed")]
    NoActual,
    /// The forecast has no quantiles at the ends of the band.
    #[error("the forecast has no such band")]
    NoInterval,
}

/// Mean absolute error.
///
/// Hyndman & Koehler (2006), *Another look at measures of forecast accuracy*, Int. J. Forecasting 22(4), section 2.1.
///
/// # Panics
/// Like every metric here: if there is no value, or the slices differ in length.
pub fn mae(actual: &[f64], forecast: &[f64]) -> f64 {
    mean_over(actual, forecast, |y, f| (y - f).abs())
}

/// Root mean squared error. Hyndman & Koehler (2006), section 2.1.
pub fn rmse(actual: &[f64], forecast: &[f64]) -> f64 {
    mean_over(actual, forecast, |y, f| (y - f).powi(2)).sqrt()
}

/// Symmetric mean absolute percentage error, 0 to 200; a step where both values are 0 counts as 0.
///
/// Makridakis, Spiliotis & Assimakopoulos (2020), *The M4 Competition*, Int. J. Forecasting 36(1), section 2.4.
pub fn smape(actual: &[f64], forecast: &[f64]) -> f64 {
    mean_over(actual, forecast, |y, f| {
        let size = y.abs() + f.abs();
        if size > 0.0 { 200.0 * (y - f).abs() / size } else { 0.0 }
    })
}

/// Mean absolute change of the training part over a season: what scaled errors are divided by.
///
/// Hyndman & Koehler (2006), section 3. `season` is 1 for none.
///
/// # Errors
/// If the training part is no longer than a season, or repeats itself exactly.
pub fn seasonal_scale(training: &[f64], season: usize) -> Result<f64, Undefined> {
    assert!(season > 0, "a season has at least one step");
    if training.len() <= season {
        return Err(Undefined::TooShort);
    }
    let scale = mae(&training[season..], &training[..training.len() - season]);
    if scale > 0.0 { Ok(scale) } else { Err(Undefined::ZeroScale) }
}

/// Mean absolute scaled error: below 1 is better than what the seasonal naive forecast one step ahead was in training.
///
/// Hyndman & Koehler (2006), section 3.
///
/// # Errors
/// If [`seasonal_scale`] is undefined.
pub fn mase(actual: &[f64], forecast: &[f64], training: &[f64], season: usize) -> Result<f64, Undefined> {
    Ok(mae(actual, forecast) / seasonal_scale(training, season)?)
}

/// Weighted absolute percentage error, as a share: the sum of absolute errors over the sum of the actual values' sizes.
///
/// Kolassa & Schütz (2007), *Advantages of the MAD/mean ratio over the MAPE*, Foresight 6.
///
/// # Errors
/// If every actual value is 0.
pub fn wape(actual: &[f64], forecast: &[f64]) -> Result<f64, Undefined> {
    Ok(mae(actual, forecast) / mean_size(actual)?)
}

/// Mean pinball loss of one quantile: `level` × error where the actual value is above, `1 - level` × error below.
///
/// Koenker & Bassett (1978), *Regression quantiles*, Econometrica 46(1).
///
/// # Panics
/// Also if `level` is not in (0, 1).
pub fn pinball(actual: &[f64], quantile: &[f64], level: f64) -> f64 {
    assert!(level > 0.0 && level < 1.0, "a quantile level lies in (0, 1)");
    mean_over(actual, quantile, |y, q| f64::max(level * (y - q), (level - 1.0) * (y - q)))
}

/// Mean weighted quantile loss: twice the pinball loss, averaged over the levels, over the mean size of the actual values.
/// With the median alone this is [`wape`].
///
/// Park, Maddix, Aubet, Kan, Gasthaus & Wang (2022), *Learning quantile functions without quantile crossing for
/// distribution-free time series forecasting*, AISTATS, section 5.
///
/// # Errors
/// If every actual value is 0.
///
/// # Panics
/// Also if there is no quantile.
pub fn mean_weighted_quantile_loss(actual: &[f64], quantiles: &[(f64, &[f64])]) -> Result<f64, Undefined> {
    assert!(!quantiles.is_empty(), "at least one quantile");
    let size = mean_size(actual)?;
    let total: f64 = quantiles.iter().map(|(level, values)| 2.0 * pinball(actual, values, *level)).sum();
    Ok(total / quantiles.len() as f64 / size)
}

/// Continuous ranked probability score: the mean over the actual values of twice the pinball loss, integrated over all
/// levels. In the values' own unit; of a forecast without spread it is the absolute error.
///
/// A forecast is known at a few levels only. It is taken for the distribution whose quantiles run straight from level to
/// level and stay where they are beyond the outermost, and of that the integral is exact. (Adding up the losses of the
/// levels instead would leave out what lies between them.) Five levels leave the middle of a bell flatter than it is: at
/// its centre the score comes out a sixth to a fifth higher than that of the bell itself, and that for every model alike.
///
/// Gneiting & Raftery (2007), section 4.2; quantiles as a spline: Gasthaus et al. (2019), *Probabilistic forecasting with
/// spline quantile function RNNs*, AISTATS, section 3.
///
/// # Panics
/// Also if there is no quantile, or levels do not ascend within (0, 1).
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
    let places: Vec<f64> = (0..actual.len()).map(integral).collect();
    mean_over(&places, &places, |score, _| score)
}

/// The pinball loss of `y`, integrated from one level to another between which the quantile runs straight.
fn loss_between(y: f64, (from, low): (f64, f64), (to, high): (f64, f64)) -> f64 {
    let quantile = |level: f64| low + (high - low) * (level - from) / (to - from);
    let loss = |level: f64, below: bool| (if below { level } else { level - 1.0 }) * (y - quantile(level));
    // a parabola on either side of the level whose quantile is y: Simpson's rule is exact
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

/// Share of actual values inside the band, bounds included, in [0, 1].
///
/// Christoffersen (1998), *Evaluating interval forecasts*, Int. Economic Review 39(4).
pub fn coverage(actual: &[f64], lower: &[f64], upper: &[f64]) -> f64 {
    assert_eq!(actual.len(), upper.len(), "a bound for each value");
    let above = mean_over(actual, lower, |y, low| f64::from(y < low));
    let below = mean_over(actual, upper, |y, high| f64::from(y > high));
    1.0 - above - below
}

/// Mean width of the band, in the values' own unit.
///
/// Gneiting & Raftery (2007), *Strictly proper scoring rules, prediction, and estimation*, JASA 102(477), section 6.2.
pub fn interval_width(lower: &[f64], upper: &[f64]) -> f64 {
    mean_over(lower, upper, |low, high| high - low)
}

/// Mean interval score of the central band that should hold `percent` of the values: its width, plus 2/α times what
/// missed it; α is the share that may miss. In the values' own unit.
///
/// Winkler (1972), *A decision-theoretic approach to interval estimation*, JASA 67(337); Gneiting & Raftery (2007),
/// section 6.2.
///
/// # Panics
/// Also if `percent` is not in (0, 100).
pub fn interval_score(actual: &[f64], (lower, upper): (&[f64], &[f64]), percent: f64) -> f64 {
    assert!(percent > 0.0 && percent < 100.0, "a band holds more than 0 % and less than 100 %");
    let penalty = 2.0 / (1.0 - percent / 100.0);
    let missed_low = mean_over(actual, lower, |y, low| (low - y).max(0.0));
    let missed_high = mean_over(actual, upper, |y, high| (y - high).max(0.0));
    interval_width(lower, upper) + penalty * (missed_low + missed_high)
}

/// Mean scaled interval score: the [`interval_score`] over the seasonal scale.
///
/// Makridakis, Spiliotis & Assimakopoulos (2020), section 2.4.
///
/// # Errors
/// If [`seasonal_scale`] is undefined.
///
/// # Panics
/// As [`interval_score`].
pub fn msis(
    actual: &[f64],
    band: (&[f64], &[f64]),
    percent: f64,
    training: &[f64],
    season: usize,
) -> Result<f64, Undefined> {
    Ok(interval_score(actual, band, percent) / seasonal_scale(training, season)?)
}

fn mean_size(actual: &[f64]) -> Result<f64, Undefined> {
    let size = mean_over(actual, actual, |y, _| y.abs());
    if size > 0.0 { Ok(size) } else { Err(Undefined::AllZero) }
}

fn mean_over(a: &[f64], b: &[f64], term: impl Fn(f64, f64) -> f64) -> f64 {
    assert!(!a.is_empty() && a.len() == b.len(), "as many forecasts as actual values, at least one");
    a.iter().zip(b).map(|(&a, &b)| term(a, b)).sum::<f64>() / a.len() as f64
}
