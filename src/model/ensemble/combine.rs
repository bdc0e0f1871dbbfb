//! Weights of a combination of forecasts, chosen by the errors on a holdout.
//!
//! Bates & Granger 1969, "The combination of forecasts", Operational Research Quarterly 20(4). A holdout of few series
//! says little of the best weights, so what it says is shrunk to a prior.

/// Of a grid of weights those with the least loss, if it is below `max_loss`. The first of equals counts.
pub(crate) fn grid_minimum<W>(grid: impl IntoIterator<Item = W>, max_loss: f64, loss: impl Fn(&W) -> f64) -> Option<W> {
    let (mut best, mut least) = (None, max_loss);
    for weights in grid {
        let loss = loss(&weights);
        if loss < least {
            (best, least) = (Some(weights), loss);
        }
    }
    best
}

/// How much an estimate from `count` cases counts against a prior that counts as much as `prior_count` cases, in [0,
/// 1).
pub(crate) fn trust(count: usize, prior_count: f64) -> f64 {
    count as f64 / (count as f64 + prior_count)
}

/// An estimate, shrunk to a prior: `trust` 0 gives the prior, 1 the estimate.
pub(crate) fn shrunk(prior: f64, estimate: f64, trust: f64) -> f64 {
    prior + trust * (estimate - prior)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_the_best_weights_is_taken_if_it_is_good_enough() {
        let loss = |w: &f64| (w - 0.5).abs().max(0.1);
        assert_eq!(grid_minimum([0.0, 0.45, 0.5, 1.0], f64::INFINITY, loss), Some(0.45));
        assert_eq!(grid_minimum([0.0, 0.45, 0.5, 1.0], 0.1, loss), None);
        assert_eq!(grid_minimum([0.3, 0.4], 1.0, |_| f64::NAN), None);
    }

    #[test]
    fn more_cases_bring_an_estimate_closer() {
        assert!(trust(0, 300.0).abs() < 1e-12 && (trust(300, 300.0) - 0.5).abs() < 1e-12);
        for (trust, expected) in [(0.0, 0.5), (0.5, 0.75), (1.0, 1.0)] {
            assert!((shrunk(0.5, 1.0, trust) - expected).abs() < 1e-12);
        }
    }
}
