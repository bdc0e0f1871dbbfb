//! Croston's method for intermittent demand: demand sizes and intervals are smoothed separately.
//!
//! Croston (1972), *Forecasting and stock control for intermittent demands*, Operational Research Quarterly 23(3), with
//! the correction of its bias by Syntetos & Boylan (2005), *The accuracy of intermittent demand estimates*,
//! International Journal of Forecasting 21(2); and the method of Teunter, Syntetos, Babai (2011), *Intermittent demand:
//! Linking forecasting to inventory obsolescence*, European Journal of Operational Research 214(3), whose probability
//! also falls between demands. The former is more accurate on average, and the latter for demand that ends. The method
//! with the smaller squared one-step error is used. Without zeros there is no bias to correct.
//!
//! The forecast is the mean rate. It is not a typical value of the series, which would often be 0.

use crate::model::stat::method_fit::{self, MethodFit};

/// Smoothing rate of sizes, intervals and probabilities, as in the literature and `StatsForecast`.
const ALPHA: f64 = 0.1;

/// The fit to `values`, whose forecast is the demand rate at each step. It is finite for all values.
pub(crate) fn fit(values: &[f64], horizon: usize) -> MethodFit {
    method_fit::fit_scaled(values, (1, usize::MAX), horizon, |values| {
        let first = values.iter().position(|v| *v != 0.0)?;
        let intermittent = values.contains(&0.0);
        let methods: &[Method] =
            if intermittent { &[Method::Corrected, Method::Probability] } else { &[Method::Plain] };
        let loss = |errors: &[f64]| errors.iter().map(|e| e * e).sum::<f64>();
        let fits = methods.iter().map(|method| method.rate(values, first));
        let (rate, errors) = fits.min_by(|a, b| loss(&a.1).total_cmp(&loss(&b.1)))?;
        Some(MethodFit { median: vec![rate; horizon], errors, std_error_growth: vec![1.0; horizon], parameters: 2 })
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    /// Croston's method.
    Plain,
    /// Croston's method with the bias correction of Syntetos and Boylan.
    Corrected,
    /// The method of Teunter, Syntetos and Babai.
    Probability,
}

impl Method {
    /// The final rate, and the errors after the first demand, which is at position `first`.
    fn rate(self, values: &[f64], first: usize) -> (f64, Vec<f64>) {
        let smooth = |state: f64, new: f64| state + ALPHA * (new - state);
        let (mut size, mut interval, mut steps_since_demand) = (values[first], (first + 1) as f64, 0.0);
        // the probability of a demand is smoothed from the first value on
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
            steps_since_demand += 1.0;
            if value != 0.0 {
                size = smooth(size, value);
                interval = smooth(interval, steps_since_demand);
                steps_since_demand = 0.0;
            }
            probability = smooth(probability, f64::from(value != 0.0));
        }
        (rate(size, interval, probability), errors)
    }
}
