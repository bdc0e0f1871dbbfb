//! Weights of a combination of forecasts, chosen by the errors on a holdout.
//!
//! Bates & Granger 1969, "The combination of forecasts", Operational Research Quarterly 20(4). A holdout of few series
//! says little about the best weights, so the estimate is shrunk to a prior.

/// The weights of a grid with the smallest loss, if it is below `max_loss`. Among equals, it is the first.
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

/// The weight of an estimate from `count` cases against a prior that is worth `prior_count` cases, in [0, 1).
pub(crate) fn estimate_weight(count: usize, prior_count: f64) -> f64 {
    count as f64 / (count as f64 + prior_count)
}

/// An estimate that is shrunk to a prior. The `estimate_weight` 0 gives the prior, and 1 the estimate.
pub(crate) fn shrunk(prior: f64, estimate: f64, estimate_weight: f64) -> f64 {
    prior + estimate_weight * (estimate - prior)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_minimum_is_returned_if_its_loss_is_below_the_limit() {
        let loss = |w: &f64| (w - 0.5).abs().max(0.1);
        assert_eq!(grid_minimum([0.0, 0.45, 0.5, 1.0], f64::INFINITY, loss), Some(0.45));
        assert_eq!(grid_minimum([0.0, 0.45, 0.5, 1.0], 0.1, loss), None);
        assert_eq!(grid_minimum([0.3, 0.4], 1.0, |_| f64::NAN), None);
    }

    #[test]
    fn more_cases_give_an_estimate_more_weight() {
        assert!(estimate_weight(0, 300.0).abs() < 1e-12 && (estimate_weight(300, 300.0) - 0.5).abs() < 1e-12);
        for (estimate_weight, expected) in [(0.0, 0.5), (0.5, 0.75), (1.0, 1.0)] {
            assert!((shrunk(0.5, 1.0, estimate_weight) - expected).abs() < 1e-12);
        }
    }
}
