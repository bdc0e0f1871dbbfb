//! Intermittent demand: how much at a time, and how often, smoothed apart.
//!
//! Croston (1972), *Forecasting and stock control for intermittent demands*, Operational Research Quarterly 23(3), with the
//! correction of its bias by Syntetos & Boylan (2005), *The accuracy of intermittent demand estimates*, International
//! Journal of Forecasting 21(2); and the method of Teunter, Syntetos, Babai (2011), *Intermittent demand: Linking
//! forecasting to inventory obsolescence*, European Journal of Operational Research 214(3), whose probability also falls
//! while nothing is asked for. The corrected Croston is the better on average, the other where demand dies out; the one
//! with the smaller squared one-step error is taken. Where every value is a demand there is no bias to correct.
//!
//! The forecast is the mean rate, which is no typical value of such a series: that would often be 0.

use crate::model::stat::PointWithStdErr;
use crate::model::stat::fit;
use crate::model::stat::fit::Fit;
use crate::panel::series::TimeSeries;

/// Smoothing of sizes, intervals and probabilities: the literature's and `StatsForecast`'s.
const ALPHA: f64 = 0.1;

pub(crate) fn outlook(history: &TimeSeries<'_>, horizon: usize) -> PointWithStdErr {
    let seen = history.values.iter().zip(history.observed).filter(|(_, observed)| **observed);
    let values: Vec<f64> = seen.map(|(value, _)| *value).collect();
    fit(&values, horizon).outlook(&vec![true; values.len()])
}

/// The rate, `horizon` times; finite whatever the values are.
pub(crate) fn forecast(values: &[f64], horizon: usize) -> Vec<f64> {
    fit(values, horizon).median
}

fn fit(values: &[f64], horizon: usize) -> Fit {
    fit::fit(values, (1, usize::MAX), horizon, |values| {
        let first = values.iter().position(|v| *v != 0.0)?;
        let intermittent = values.contains(&0.0);
        let methods: &[Method] =
            if intermittent { &[Method::Corrected, Method::Probability] } else { &[Method::Plain] };
        let loss = |errors: &[f64]| errors.iter().map(|e| e * e).sum::<f64>();
        let fits = methods.iter().map(|method| method.rate(values, first));
        let (rate, errors) = fits.min_by(|a, b| loss(&a.1).total_cmp(&loss(&b.1)))?;
        Some(Fit { median: vec![rate; horizon], errors, growth: vec![1.0; horizon], parameters: 2 })
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    /// Croston's.
    Plain,
    /// Croston's, corrected by Syntetos and Boylan.
    Corrected,
    /// That of Teunter, Syntetos and Babai.
    Probability,
}

impl Method {
    /// The rate at the end, and the errors after the first demand, which is at position `first`.
    fn rate(self, values: &[f64], first: usize) -> (f64, Vec<f64>) {
        let smooth = |state: f64, new: f64| state + ALPHA * (new - state);
        let (mut size, mut interval, mut since) = (values[first], (first + 1) as f64, 0.0);
        // the share of demands is smoothed from the first value on
        let start = if first == 0 { 1.0 } else { 0.0 };
        let mut probability = (1..=first).fold(start, |p, t| smooth(p, f64::from(t == first)));
        let mut errors = Vec::with_capacity(values.len() - first);
        let rate = |size: f64, interval: f64, probability: f64| match self {
            Self::Plain => size / interval,
            Self::Corrected => (1.0 - ALPHA / 2.0) * size / interval,
            Self::Probability => size * probability,
        };
        for &value in &values[first + 1..] {
            errors.push(value - rate(size, interval, probability));
            since += 1.0;
            if value != 0.0 {
                size = smooth(size, value);
                interval = smooth(interval, since);
                since = 0.0;
            }
            probability = smooth(probability, f64::from(value != 0.0));
        }
        (rate(size, interval, probability), errors)
    }
}

#[cfg(test)]
mod tests {
    use crate::model::stat::croston::{Method, forecast};

    /// Monthly demand of a spare part; the forecasts are those of `StatsForecast` 2.1.1, `CrostonClassic`, `CrostonSBA` and
    /// `TSB(0.1, 0.1)`.
    #[test]
    fn the_three_methods_agree_with_statsforecast() {
        let demand = [
            0.0, 2.0, 0.0, 1.0, 0.0, 11.0, 0.0, 0.0, 0.0, 0.0, 2.0, 0.0, 6.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 7.0, 0.0,
            0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 3.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0,
        ];
        for (method, expected) in ORACLE {
            assert!((method.rate(&demand, 1).0 - expected).abs() < 1e-12, "{method:?}");
        }
    }

    const ORACLE: [(Method, f64); 3] = [
        (Method::Plain, 0.984_596_521_357_8),
        (Method::Corrected, 0.935_366_695_289_9),
        (Method::Probability, 0.804_065_102_259_0),
    ];

    #[test]
    fn a_demand_that_died_out_is_forecast_to_stay_low() {
        let mut demand = vec![4.0, 0.0, 5.0, 4.0, 0.0, 6.0, 5.0, 4.0];
        demand.extend([0.0; 60]);
        assert!(forecast(&demand, 1)[0] < 0.1);
    }

    #[test]
    fn what_is_asked_for_every_time_has_no_bias_to_correct() {
        let rate = forecast(&[4.0, 6.0, 4.0, 6.0, 5.0, 5.0], 2);
        assert!(rate.len() == 2 && rate.iter().all(|v| *v > 4.0 && *v < 6.0), "{rate:?}");
    }
}
