//! What residuals say, in sentences by stated rules.

use crate::backtest::residual_tests::{MIN_TESTED, ResidualTests, TestResult};
use crate::backtest::residuals::{OneStepForecasts, Residuals};
use crate::panel::Panel;
use crate::plot::axis::{number, three_digits};

/// Why residuals of several steps are in the picture but in no test.
const SEVERAL_STEPS: &str =
    "Residuals of several steps share past errors, so they are correlated by construction and not tested.";

impl Residuals {
    /// What the residuals of a series say: where they are from, then bias, autocorrelation and variance. Each test decides
    /// at a probability of [`SIGNIFICANCE`](crate::backtest::SIGNIFICANCE).
    pub fn sentences(&self, panel: &Panel, series: usize) -> Vec<String> {
        let mut sentences = vec![capitalized(&self.forecasts.to_string()) + "."];
        match (self.tests(panel, series), &self.forecasts) {
            (Some(tests), _) => sentences.extend([bias(&tests), autocorrelation(&tests), variance(&tests)]),
            (None, OneStepForecasts::OfModel | OneStepForecasts::OfCandidates(_)) => {
                sentences.push(format!("Fewer than {MIN_TESTED} residuals in a row are not tested."));
            }
            (None, _) => {}
        }
        if self.hindcasts_of(series).iter().any(|residual| residual.step > 1) {
            sentences.push(SEVERAL_STEPS.to_owned());
        }
        sentences
    }
}

/// A bias is claimed if the mean and the median differ from 0. Skewed values alone move the mean, and correlated
/// residuals make both tests too certain.
fn bias(tests: &ResidualTests) -> String {
    let (size, mean) = (three_digits(tests.mean.abs()), three_digits(tests.mean));
    let (mean_p, sign_p) = (probability(tests.bias), probability(tests.sign));
    let count = number(tests.count as f64, 0);
    if tests.bias.is_significant() && !tests.sign.is_significant() {
        return format!(
            "No evidence that the median is biased: of {count} residuals about as many are above 0 as below (sign test \
             {sign_p}). Their mean is {mean} (t test {mean_p}), as of skewed values."
        );
    }
    if !tests.bias.is_significant() {
        return format!(
            "No evidence of bias: {count} residuals with a mean of {mean} (t test {mean_p}, sign test {sign_p})."
        );
    }
    if tests.ljung_box.is_some_and(|test| test.is_significant()) {
        return format!("Bias is not judged: the mean is {mean}, but the residuals are correlated.");
    }
    let side = if tests.mean > 0.0 { "low" } else { "high" };
    format!("Bias: the forecasts are too {side} by {size} on average (t test {mean_p}, sign test {sign_p}).")
}

fn autocorrelation(tests: &ResidualTests) -> String {
    let Some(test) = tests.ljung_box else {
        return "All residuals are equal, so their autocorrelation is not tested.".to_owned();
    };
    let (lags, p) = (tests.autocorrelations.len(), probability(test));
    match (test.is_significant(), tests.strongest_lag()) {
        (false, _) => format!("No evidence of autocorrelation up to lag {lags} (Ljung-Box, {p})."),
        (true, Some(lag)) => {
            let value = number(tests.autocorrelations[lag - 1], 2);
            format!("Autocorrelation: {value} at lag {lag}, so a pattern may be missed (Ljung-Box to lag {lags}, {p}).")
        }
        (true, None) => format!("Autocorrelation over all lags to {lags}, though small at each (Ljung-Box, {p})."),
    }
}

fn variance(tests: &ResidualTests) -> String {
    let Some(test) = tests.growing_variance else {
        return "The size of residuals by level is not tested, since residuals or forecasts are all equal.".to_owned();
    };
    let p = probability(test);
    match (test.is_significant(), tests.rises_with_level) {
        (false, _) => {
            format!("No evidence that the size of residuals depends on the level of the forecast (Breusch-Pagan, {p}).")
        }
        (true, true) => format!("The size of residuals grows with the level of the forecast (Breusch-Pagan, {p})."),
        (true, false) => format!("The size of residuals falls with the level of the forecast (Breusch-Pagan, {p})."),
    }
}

/// `p = 0.034`, or `p < 0.001`.
fn probability(test: TestResult) -> String {
    if test.p_value < 0.001 { "p < 0.001".to_owned() } else { format!("p = {:.3}", test.p_value) }
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_finding_has_a_sentence() {
        let tests = |residual: fn(usize) -> f64, level: fn(usize) -> f64| {
            let residuals: Vec<f64> = (0..70).map(residual).collect();
            let forecasts: Vec<f64> = (0..70).map(level).collect();
            let tests = ResidualTests::new(&residuals, &forecasts, 7).expect("enough residuals");
            [bias(&tests), autocorrelation(&tests), variance(&tests)].join("\n")
        };
        let random = |t: usize| ((t * t * 7919 + 31 * t) % 101) as f64 / 101.0 - 0.5;
        let all = [
            tests(random, |t| (t % 9) as f64),
            tests(|t| if t % 7 == 0 { 6.0 } else { -0.5 }, |t| (t % 5) as f64),
            tests(|t| if t % 2 == 0 { t as f64 } else { -(t as f64) }, |t| t as f64),
            tests(|t| if t % 2 == 0 { t as f64 } else { -(t as f64) }, |t| -(t as f64)),
            tests(|_| -2.5, |_| 5.0),
        ];
        insta::assert_snapshot!(all.join("\n\n"));
    }
}
