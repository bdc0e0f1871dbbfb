//! Autoregressions: linear models of lags, seasonal lags, Fourier terms and covariates, fitted by ridge regression.
//!
//! Each forecasts at many rolling origins in one pass. Rows are added to one set of [normal
//! equations](ridge::NormalEquations) in the order of time. The equations are solved at each cutoff. The two strategies
//! for several steps are those of Ben Taieb, Bontempi, Atiya & Sorjamaa (2012), *A review and comparison of strategies
//! for multi-step ahead time series forecasting*, Expert Systems with Applications 39(8).

pub(crate) mod direct;
pub(crate) mod exogenous_columns;
pub(crate) mod exogenous_effect;
pub(crate) mod exogenous_features;
pub(crate) mod features;
pub(crate) mod recursive;
pub(crate) mod ridge;
pub(crate) mod series_view;

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::StandardNormal;

    use crate::model::regression::direct;
    use crate::model::regression::features::SeasonalDifference;
    use crate::model::regression::recursive;
    use crate::model::regression::series_view::SeriesView;

    /// They sum to 1, since the model predicts the distance from a moving level.
    const AR: [f64; 2] = [0.4, 0.6];

    fn second_order(count: usize, noise: f64) -> Vec<f64> {
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        let mut values = vec![55.0, 47.0];
        while values.len() < count {
            let n = values.len();
            values.push(AR[0] * values[n - 1] + AR[1] * values[n - 2] + noise * rng.sample::<f64, _>(StandardNormal));
        }
        values
    }

    fn view<'a>(values: &'a [f64], observed: &'a [bool], seasons: &'a [usize]) -> SeriesView<'a> {
        SeriesView { values, observed, seasons, ordinal: 0, exogenous: None }
    }

    #[test]
    fn forecasts_of_an_autoregression_agree_with_its_equation() {
        let values = second_order(3000, 1.0);
        let observed = vec![true; values.len()];
        let cutoffs: Vec<usize> = (2900..3000).collect();
        let view = view(&values, &observed, &[]);
        for paths in [recursive::forecast(view, None, 3, &cutoffs), direct::forecast(view, None, 3, &cutoffs)] {
            let (mut error, mut spread) = (0.0, 0.0);
            for (path, &t) in paths.iter().zip(&cutoffs) {
                let (mut last, mut before) = (values[t - 1], values[t - 2]);
                for predicted in path.as_ref().expect("enough to learn from") {
                    let truth = AR[0] * last + AR[1] * before;
                    error += (predicted - truth).powi(2);
                    spread += (values[t - 1] - truth).powi(2);
                    (last, before) = (truth, last);
                }
            }
            assert!(error < 0.05 * spread, "{}", error / spread);
        }
    }

    #[test]
    fn values_after_a_cutoff_change_no_forecast_made_at_it() {
        let values = second_order(400, 1.0);
        let mut changed = values.clone();
        changed[350..].fill(1e6);
        let observed = vec![true; values.len()];
        let cutoffs = [300, 325, 350, 400];
        let difference = Some(SeasonalDifference { lag: 7, seasons: 4 });
        let forecasts = |values: &[f64]| {
            let view = view(values, &observed, &[7]);
            let mut all =
                vec![recursive::forecast(view, None, 5, &cutoffs), recursive::forecast(view, difference, 5, &cutoffs)];
            all.extend([direct::forecast(view, None, 5, &cutoffs), direct::forecast(view, Some(60.0), 5, &cutoffs)]);
            all
        };
        for (before, after) in forecasts(&values).into_iter().zip(forecasts(&changed)) {
            assert!(before[..3] == after[..3] && before[3] != after[3] && before[..3].iter().all(Option::is_some));
        }
    }

    #[test]
    fn filled_values_are_not_training_targets() {
        let values = second_order(300, 1.0);
        let mut observed = vec![true; 300];
        observed[120..125].fill(false);
        let mut filled = values.clone();
        // a filled value is a lag, but not a target
        filled[120..125].fill(values[119]);
        let gapless = recursive::forecast(view(&values, &[true; 300], &[]), None, 5, &[300]).remove(0).expect("a path");
        let gap = recursive::forecast(view(&filled, &observed, &[]), None, 5, &[300]).remove(0).expect("a path");
        let far = gapless.iter().zip(&gap).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(far > 0.0 && far < 0.5, "{far}");
    }

    #[test]
    fn a_history_that_is_too_short_has_no_forecast() {
        let values = second_order(10, 1.0);
        let observed = [true; 10];
        assert_eq!(direct::forecast(view(&values, &observed, &[]), None, 5, &[8, 10]), [None, None]);
        assert_eq!(recursive::forecast(view(&values, &observed, &[]), None, 5, &[8, 10]), [None, None]);
    }
}
