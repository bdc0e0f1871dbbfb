//! Whether the residuals of one-step forecasts are what a good model leaves: without bias, uncorrelated, of steady size.

use statrs::function::erf::erfc;
use statrs::function::gamma::gamma_ur;

use crate::model::stat::student_t::two_sided_probability;
use crate::model::transform::power_of_two_scale;

/// The probability below which a test finds something.
pub const SIGNIFICANCE: f64 = 0.05;
/// The minimum number of residuals for any test.
pub const MIN_TESTED: usize = 10;
/// The end of the central 95 % of a normal distribution, in standard deviations.
pub(crate) const NORMAL_BOUND: f64 = 1.959_963_984_540_054;
/// The number of tested lags is at most this share of the residuals.
const LAGS_SHARE: usize = 5;
/// The number of tested lags of residuals without a season.
const LAGS_WITHOUT_SEASON: usize = 10;
/// A residual of at most this share of the largest forecast counts as 0.
const ROUNDING: f64 = 1e-12;
/// The maximum number of lags.
const MAX_LAGS: usize = 40;

/// A statistic, and the probability of one at least as extreme if there were nothing to find.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TestResult {
    /// The statistic of the test.
    pub statistic: f64,
    /// The probability, in [0, 1].
    pub p_value: f64,
}

impl TestResult {
    /// Whether the probability is below [`SIGNIFICANCE`].
    pub fn is_significant(&self) -> bool {
        self.p_value < SIGNIFICANCE
    }
}

/// Tests of the residuals of one-step forecasts from consecutive cutoffs of one series.
///
/// Residuals of several steps are not for these tests: their horizons overlap, so they are correlated by construction.
///
/// ```
/// use forecast::backtest::ResidualTests;
///
/// // the errors of forecasts that are too low by 2, and of a series whose errors alternate
/// let forecasts = vec![100.0; 40];
/// let residuals: Vec<f64> = (0..40).map(|t| if t % 2 == 0 { 5.0 } else { -1.0 }).collect();
/// let tests = ResidualTests::new(&residuals, &forecasts, 1).expect("40 residuals are enough");
/// assert_eq!(tests.mean, 2.0);
/// assert!(tests.bias.is_significant() && tests.autocorrelations[0] < -0.9);
/// assert!(tests.growing_variance.is_none(), "the forecasts have one level only");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ResidualTests {
    /// The number of residuals.
    pub count: usize,
    /// The mean residual, in the unit of the values. It is positive if the forecasts are too low.
    pub mean: f64,
    /// The standard deviation of the residuals around their mean, in the unit of the values.
    pub standard_deviation: f64,
    /// Whether the mean differs from 0: Student's t test with one degree of freedom less than residuals. The residuals of
    /// the exact median of a skewed distribution have a mean other than 0, too.
    pub bias: TestResult,
    /// Whether the median of the residuals differs from 0: the sign test, in its normal approximation. More than half of
    /// the residuals must have one sign, so that ties are no evidence.
    pub sign: TestResult,
    /// The autocorrelations at the lags 1, 2, …; empty if all residuals are equal.
    pub autocorrelations: Vec<f64>,
    /// 95 % of the autocorrelations of uncorrelated residuals are within ± this.
    pub bound: f64,
    /// Whether the autocorrelations differ from 0 together, at as many lags as there are autocorrelations (Ljung & Box
    /// 1978, *On a measure of lack of fit in time series models*, Biometrika 65(2)). `None` if all residuals are equal.
    pub ljung_box: Option<TestResult>,
    /// Whether the squared residuals depend on the level of the forecasts (Breusch & Pagan 1979, *A simple test for
    /// heteroscedasticity*, Econometrica 47(5), in the form of Koenker 1981). `None` if the residuals or the forecasts
    /// are all equal.
    pub growing_variance: Option<TestResult>,
    /// Whether the squared residuals rise with the level of the forecasts; the opposite is a fall.
    pub rises_with_level: bool,
}

impl ResidualTests {
    /// Tests residuals in the order of time, with their forecasts. `season` is the season length in steps. `None` for
    /// fewer than [`MIN_TESTED`] residuals, or if a number is not finite.
    ///
    /// # Panics
    /// If the number of forecasts differs.
    pub fn new(residuals: &[f64], forecasts: &[f64], season: usize) -> Option<Self> {
        assert_eq!(residuals.len(), forecasts.len(), "each residual has a forecast");
        let count = residuals.len();
        if count < MIN_TESTED || residuals.iter().chain(forecasts).any(|value| !value.is_finite()) {
            return None;
        }
        // squares of scaled values neither overflow nor vanish, and the scale changes no statistic
        let level = forecasts.iter().fold(0.0_f64, |level, value| level.max(value.abs()));
        let unit = power_of_two_scale(residuals);
        let mut residuals = scaled(residuals, unit);
        // a residual that is rounding of the forecast is none
        residuals.iter_mut().filter(|value| (**value * unit).abs() <= ROUNDING * level).for_each(|value| *value = 0.0);
        let residuals = &residuals;
        let forecasts = &scaled(forecasts, power_of_two_scale(forecasts));
        let n = count as f64;
        let mean = mean(residuals);
        let standard_deviation = (sum_of_squares(residuals, mean) / (n - 1.0)).sqrt();
        let autocorrelations = autocorrelations(residuals, tested_lags(count, season));
        let ljung_box = (!autocorrelations.is_empty()).then(|| ljung_box(&autocorrelations, n));
        let (growing_variance, slope) = breusch_pagan(residuals, forecasts).unzip();
        Some(Self {
            count,
            mean: mean * unit,
            standard_deviation: standard_deviation * unit,
            bias: bias(mean, standard_deviation, n),
            sign: sign_test(residuals),
            autocorrelations,
            bound: NORMAL_BOUND / n.sqrt(),
            ljung_box,
            growing_variance,
            rises_with_level: slope.is_some_and(|slope| slope > 0.0),
        })
    }

    /// The lag with the largest autocorrelation beyond its bounds, counted from 1.
    pub fn strongest_lag(&self) -> Option<usize> {
        let beyond = self.autocorrelations.iter().enumerate().filter(|(_, value)| value.abs() > self.bound);
        beyond.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs())).map(|(at, _)| at + 1)
    }
}

/// Two seasons or ten lags, but at most a fifth of the residuals and 40 lags (Hyndman & Athanasopoulos 2021, *Forecasting: principles
/// and practice*, section 5.4).
fn tested_lags(count: usize, season: usize) -> usize {
    let wanted = if season > 1 { season.saturating_mul(2) } else { LAGS_WITHOUT_SEASON };
    wanted.min(count / LAGS_SHARE).clamp(1, MAX_LAGS)
}

fn scaled(values: &[f64], unit: f64) -> Vec<f64> {
    values.iter().map(|value| value / unit).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn sum_of_squares(values: &[f64], centre: f64) -> f64 {
    values.iter().map(|value| (value - centre).powi(2)).sum()
}

/// Whether values differ by more than rounding.
fn vary(values: &[f64]) -> bool {
    let size = values.iter().fold(0.0_f64, |size, value| size.max(value.abs()));
    let (low, high) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
    high - low > 1e-12 * size
}

fn bias(mean: f64, standard_deviation: f64, n: f64) -> TestResult {
    if mean == 0.0 {
        return TestResult { statistic: 0.0, p_value: 1.0 };
    }
    let statistic = mean / (standard_deviation / n.sqrt());
    TestResult { statistic, p_value: two_sided_probability(statistic, n - 1.0) }
}

fn sign_test(residuals: &[f64]) -> TestResult {
    let [above, below] = [1.0, -1.0].map(|sign| residuals.iter().filter(|value| **value * sign > 0.0).count() as f64);
    let n = residuals.len() as f64;
    // with the correction for continuity
    let statistic = ((above.max(below) - n / 2.0 - 0.5) / (n.sqrt() / 2.0)).max(0.0);
    TestResult { statistic, p_value: erfc(statistic / std::f64::consts::SQRT_2) }
}

/// The sample autocorrelations at the first lags, each divided by the variance of all residuals.
fn autocorrelations(residuals: &[f64], lags: usize) -> Vec<f64> {
    if !vary(residuals) {
        return Vec::new();
    }
    let mean = mean(residuals);
    let total = sum_of_squares(residuals, mean);
    let products = |lag: usize| residuals.iter().zip(&residuals[lag..]).map(|(a, b)| (a - mean) * (b - mean));
    (1..=lags).map(|lag| products(lag).sum::<f64>() / total).collect()
}

fn ljung_box(autocorrelations: &[f64], n: f64) -> TestResult {
    let terms = autocorrelations.iter().enumerate().map(|(at, value)| value.powi(2) / (n - (at + 1) as f64));
    let statistic = n * (n + 2.0) * terms.sum::<f64>();
    TestResult { statistic, p_value: chi_squared_above(statistic, autocorrelations.len() as f64) }
}

/// The test and the slope of the squared residuals on the forecasts. The statistic is the number of residuals times the
/// share of the variance of the squares that the line explains.
fn breusch_pagan(residuals: &[f64], forecasts: &[f64]) -> Option<(TestResult, f64)> {
    let squares: Vec<f64> = residuals.iter().map(|residual| residual.powi(2)).collect();
    if !vary(&squares) || !vary(forecasts) {
        return None;
    }
    let (mean_square, mean_level) = (mean(&squares), mean(forecasts));
    let pairs = squares.iter().zip(forecasts);
    let covariance: f64 = pairs.map(|(square, level)| (square - mean_square) * (level - mean_level)).sum();
    let of_level = sum_of_squares(forecasts, mean_level);
    let explained = covariance.powi(2) / of_level / sum_of_squares(&squares, mean_square);
    let statistic = residuals.len() as f64 * explained;
    let result = TestResult { statistic, p_value: chi_squared_above(statistic, 1.0) };
    result.p_value.is_finite().then_some((result, covariance / of_level))
}

/// The probability that a value of the chi-squared distribution is above `statistic`.
fn chi_squared_above(statistic: f64, degrees_of_freedom: f64) -> f64 {
    match statistic {
        zero if zero <= 0.0 => 1.0,
        statistic => gamma_ur(degrees_of_freedom / 2.0, statistic / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn few_or_infinite_residuals_are_not_tested() {
        assert!(ResidualTests::new(&[1.0; 9], &[1.0; 9], 1).is_none());
        assert!(ResidualTests::new(&[f64::NAN; 30], &[1.0; 30], 1).is_none());
    }

    #[test]
    fn a_median_of_skewed_or_discrete_values_shows_no_sign() {
        // two of five values are above the median of 0, and none below
        let counts: Vec<f64> = (0..60).map(|t| f64::from(t % 5 > 2)).collect();
        let tests = ResidualTests::new(&counts, &[1.0; 60], 1).unwrap();
        assert!(tests.bias.is_significant() && !tests.sign.is_significant());
        let rounding: Vec<f64> = (0..60).map(|t| 9e-16 * f64::from(t % 3)).collect();
        assert!(!ResidualTests::new(&rounding, &[5.0; 60], 1).unwrap().bias.is_significant());
    }

    #[test]
    fn equal_residuals_have_a_certain_bias_and_no_other_test() {
        let tests = ResidualTests::new(&[2.0; 30], &[5.0; 30], 7).unwrap();
        assert_eq!((tests.mean, tests.bias.p_value), (2.0, 0.0));
        assert_eq!((tests.ljung_box, tests.growing_variance), (None, None));
        let exact = ResidualTests::new(&[0.0; 30], &[5.0; 30], 7).unwrap();
        assert!(!exact.bias.is_significant());
    }

    proptest! {
        #[test]
        fn the_tests_do_not_depend_on_the_unit(
            residuals in prop::collection::vec(-9.0..9.0_f64, 12..80), exponent in -20..20_i32, season in 1..14_usize,
        ) {
            let forecasts: Vec<f64> = (0..residuals.len()).map(|t| 50.0 + (t * t % 17) as f64).collect();
            let unit = 2_f64.powi(exponent);
            let tests = ResidualTests::new(&residuals, &forecasts, season).unwrap();
            let others =
                ResidualTests::new(&scaled(&residuals, 1.0 / unit), &scaled(&forecasts, 1.0 / unit), season).unwrap();
            prop_assert_eq!(&tests.autocorrelations, &others.autocorrelations);
            prop_assert_eq!((tests.bias, tests.ljung_box), (others.bias, others.ljung_box));
            prop_assert!((tests.mean * unit - others.mean).abs() <= 0.0);
        }

        #[test]
        fn probabilities_are_between_zero_and_one(
            residuals in prop::collection::vec(prop_oneof![-1e200..1e200_f64, -1.0..1.0_f64, Just(0.0)], 10..60),
        ) {
            let forecasts: Vec<f64> = residuals.iter().map(|value| value.abs()).collect();
            let tests = ResidualTests::new(&residuals, &forecasts, 1).unwrap();
            let others = [tests.ljung_box, tests.growing_variance].into_iter().flatten();
            for test in others.chain([tests.bias]) {
                prop_assert!((0.0..=1.0).contains(&test.p_value), "{:?}", test);
            }
            prop_assert!(tests.autocorrelations.iter().all(|value| value.abs() <= 1.0 + 1e-9));
        }

        #[test]
        fn the_mean_of_residuals_around_a_shift_is_the_shift(
            shift in -5.0..5.0_f64, noise in prop::collection::vec(-1.0..1.0_f64, 20..40),
        ) {
            let pairs: Vec<f64> = noise.iter().flat_map(|value| [shift + value, shift - value]).collect();
            let tests = ResidualTests::new(&pairs, &vec![1.0; pairs.len()], 1).unwrap();
            prop_assert!((tests.mean - shift).abs() < 1e-9);
        }
    }
}
