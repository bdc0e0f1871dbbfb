//! Metrics against published numbers and numbers computed by hand, and the laws they obey.

use forecast::forecast::LEVELS;
use forecast::metric::{
    Undefined, coverage, crps, interval_score, interval_width, mae, mase, mean_weighted_quantile_loss, msis, pinball,
    rmse, seasonal_scale, smape, wape,
};
use proptest::prelude::*;

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

/// The worked example of scikit-learn's and sktime's documentation.
const ACTUAL: [f64; 4] = [3.0, -0.5, 2.0, 7.0];
const FORECAST: [f64; 4] = [2.5, 0.0, 2.0, 8.0];

#[test]
fn point_errors_agree_with_scikit_learn() {
    assert!(close(mae(&ACTUAL, &FORECAST), 0.5));
    assert!(close(rmse(&ACTUAL, &FORECAST), 0.375_f64.sqrt()));
    assert!(close(wape(&ACTUAL, &FORECAST).unwrap(), 2.0 / 12.5));
}

#[test]
fn mase_agrees_with_sktime() {
    let training = [5.0, 0.5, 4.0, 6.0, 3.0, 5.0, 2.0];
    let actual = [3.0, -0.5, 2.0, 7.0, 2.0];
    let forecast = [2.5, 0.0, 2.0, 8.0, 1.25];
    assert!(close(mase(&actual, &forecast, &training, 1).unwrap(), 0.183_333_333_333_333_33));
}

#[test]
fn smape_is_200_where_one_value_is_0_and_0_where_both_are() {
    assert!(close(smape(&[100.0], &[110.0]), 200.0 * 10.0 / 210.0));
    assert!(close(smape(&[0.0, 0.0], &[5.0, 0.0]), 100.0));
}

/// Hyndman & Athanasopoulos, *Forecasting: Principles and Practice* (3rd ed.), section 5.9: Google's closing price on
/// 4 January 2016, whose quantile score is twice the pinball loss.
#[test]
fn quantile_and_interval_scores_agree_with_the_textbook() {
    assert!(close(2.0 * pinball(&[741.84], &[744.54], 0.1), 4.86));
    let a_scale_of_one = [0.0, 1.0];
    let winkler = msis(&[741.84], (&[744.54], &[773.22]), 80.0, &a_scale_of_one, 1).unwrap();
    assert!(close(winkler, 55.68), "{winkler}");
}

#[test]
fn crps_of_many_levels_is_that_of_the_distribution() {
    // the logistic quantile function is exact: of the logistic distribution at its median, 2 ln 2 − 1
    let levels: Vec<f64> = (1..2000).map(|i| f64::from(i) / 2000.0).collect();
    let values: Vec<[f64; 1]> = levels.iter().map(|level| [(level / (1.0 - level)).ln()]).collect();
    let quantiles: Vec<(f64, &[f64])> = levels.iter().copied().zip(values.iter().map(<[f64; 1]>::as_slice)).collect();
    let exact = 2.0 * 2.0_f64.ln() - 1.0;
    assert!((crps(&[0.0], &quantiles) - exact).abs() < 2e-3, "{} {exact}", crps(&[0.0], &quantiles));
    // the five levels of a forecast give a higher score, because the centre of the distribution is flat
    let few: Vec<(f64, &[f64])> = quantiles.iter().copied().filter(|(level, _)| LEVELS.contains(level)).collect();
    assert!(few.len() == 5 && (1.1..1.25).contains(&(crps(&[0.0], &few) / exact)), "{}", crps(&[0.0], &few));
}

/// Uniform on [0, 1]: the integral of (F − 1{y ≤ x})² is y³/3 + (1 − y)³/3 inside, and the distance more outside.
#[test]
fn crps_of_linear_quantiles_is_exact() {
    let edge = 1e-9;
    let (low, high) = ([edge; 4], [1.0 - edge; 4]);
    let quantiles: [(f64, &[f64]); 2] = [(edge, &low), (1.0 - edge, &high)];
    for (y, expected) in
        [(0.5, 1.0 / 12.0), (0.25, (0.25_f64.powi(3) + 0.75_f64.powi(3)) / 3.0), (2.0, 1.0 + 1.0 / 3.0)]
    {
        assert!((crps(&[y; 4], &quantiles) - expected).abs() < 1e-6, "{y}");
    }
}

#[test]
fn interval_bounds_count_as_covered() {
    let (lower, upper) = ([0.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 3.0]);
    assert!(close(coverage(&[0.0, 1.0, 2.0, -1.0], &lower, &upper), 0.5));
    assert!(close(interval_width(&lower, &upper), 1.5));
}

#[test]
fn an_undefined_metric_returns_the_reason() {
    assert_eq!(seasonal_scale(&[1.0, 2.0, 3.0], 3), Err(Undefined::TooShort));
    assert_eq!(seasonal_scale(&[1.0, 2.0, 1.0, 2.0], 2), Err(Undefined::ZeroScale));
    assert_eq!(mase(&[1.0], &[2.0], &[5.0, 5.0], 1), Err(Undefined::ZeroScale));
    assert_eq!(wape(&[0.0, 0.0], &[1.0, 2.0]), Err(Undefined::AllZero));
}

fn values(count: usize) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-1e3..1e3, count)
}

proptest! {
    #[test]
    fn a_perfect_forecast_scores_0(actual in values(6), training in values(9), season in 1..4_usize) {
        prop_assert_eq!(mae(&actual, &actual), 0.0);
        prop_assert_eq!(rmse(&actual, &actual), 0.0);
        prop_assert_eq!(smape(&actual, &actual), 0.0);
        prop_assert_eq!(wape(&actual, &actual), Ok(0.0));
        prop_assert_eq!(mase(&actual, &actual, &training, season), Ok(0.0));
        prop_assert_eq!(pinball(&actual, &actual, 0.3), 0.0);
        prop_assert_eq!(crps(&actual, &[(0.1, &actual), (0.5, &actual), (0.9, &actual)]), 0.0);
        prop_assert_eq!(interval_score(&actual, (&actual, &actual), 80.0), 0.0);
        prop_assert_eq!(msis(&actual, (&actual, &actual), 95.0, &training, season), Ok(0.0));
        prop_assert_eq!(coverage(&actual, &actual, &actual), 1.0);
    }

    #[test]
    fn scaled_errors_do_not_depend_on_the_unit(actual in values(5), forecast in values(5), training in values(9), unit in 0.01..100.0_f64) {
        let scaled = |values: &[f64]| values.iter().map(|v| v * unit).collect::<Vec<f64>>();
        let (a, f, t) = (scaled(&actual), scaled(&forecast), scaled(&training));
        prop_assert!(close(mase(&a, &f, &t, 2).unwrap(), mase(&actual, &forecast, &training, 2).unwrap()));
        prop_assert!(close(wape(&a, &f).unwrap(), wape(&actual, &forecast).unwrap()));
        prop_assert!(close(smape(&a, &f), smape(&actual, &forecast)));
    }

    #[test]
    fn seasonal_naive_has_a_mase_of_1_in_the_training_part(training in values(12), season in 1..6_usize) {
        let seasonal_naive = &training[..12 - season];
        prop_assert!(close(mase(&training[season..], seasonal_naive, &training, season).unwrap(), 1.0));
    }

    #[test]
    fn twice_the_medians_pinball_loss_is_the_absolute_error(actual in values(5), forecast in values(5)) {
        prop_assert!(close(2.0 * pinball(&actual, &forecast, 0.5), mae(&actual, &forecast)));
        let weighted = mean_weighted_quantile_loss(&actual, &[(0.5, &forecast)]).unwrap();
        prop_assert!(close(weighted, wape(&actual, &forecast).unwrap()));
    }

    /// Without spread, only the error of the median is left. A shift of values and forecasts changes nothing.
    #[test]
    fn crps_without_spread_is_the_absolute_error(actual in values(5), forecast in values(5), shift in -1e3..1e3_f64) {
        let alone = crps(&actual, &[(0.5, &forecast)]);
        prop_assert!(close(alone, mae(&actual, &forecast)));
        prop_assert!(close(crps(&actual, &[(0.1, &forecast), (0.8, &forecast)]), alone));
        let shifted = |values: &[f64]| values.iter().map(|v| v + shift).collect::<Vec<f64>>();
        let spread = |values: &[f64]| values.iter().map(|v| v + 7.0).collect::<Vec<f64>>();
        let of = |y: &[f64], f: &[f64]| crps(y, &[(0.1, f), (0.6, &spread(f))]);
        prop_assert!((of(&shifted(&actual), &shifted(&forecast)) - of(&actual, &forecast)).abs() < 1e-6);
    }

    /// The quantile of a sample has the lowest pinball loss of all constants, so the loss is proper.
    #[test]
    fn pinball_loss_is_lowest_at_the_quantile(mut actual in values(11), other in -1e3..1e3_f64, rank in 1..10_usize) {
        actual.sort_by(f64::total_cmp);
        let level = (rank as f64 + 0.5) / 11.0;
        let loss = |constant: f64| pinball(&actual, &[constant; 11], level);
        prop_assert!(loss(actual[rank]) <= loss(other) + 1e-9);
    }

    #[test]
    fn an_interval_score_is_lowest_if_all_values_are_covered(actual in values(5), width in 0.0..50.0_f64, training in values(9)) {
        let around = |by: f64| actual.iter().map(|y| y + by).collect::<Vec<f64>>();
        let hit = msis(&actual, (&around(-width), &around(width)), 80.0, &training, 1).unwrap();
        let miss = msis(&actual, (&around(1.0), &around(1.0 + 2.0 * width)), 80.0, &training, 1).unwrap();
        prop_assert!(hit < miss);
    }
}
