//! The global model with covariates: their effect on the error, what may change a forecast, and saved models.

use forecast::forecast::Forecast;
use forecast::model::global::Global;
use forecast::model::{Model, SilentObserver, Task, load};
use forecast::panel::{Covariate, CovariateKind, Panel};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::fixtures::{normal, panel};

const HORIZON: usize = 7;
const LENGTH: usize = 70;

/// Series of different sizes, and the days of promotions of each.
struct Shops {
    /// With the values of the horizon.
    values: Vec<Vec<f64>>,
    promotions: Vec<Vec<f64>>,
}

/// The logarithm of sales rises by `effect` on the days of a promotion.
fn shops(effect: f64) -> Shops {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let mut promotions = Vec::new();
    let mut series = |i: usize| {
        let size = 10f64.powi((i % 3) as i32);
        let promotion: Vec<f64> = (0..LENGTH + HORIZON).map(|_| f64::from(u8::from(rng.random_bool(0.2)))).collect();
        let week = [0.0, 0.3, -0.2, 0.1, 0.2, -0.3, 0.0];
        let mut log = |t: usize| 3.0 + week[t % 7] + effect * promotion[t] + 0.1 * normal(&mut rng);
        let values = (0..LENGTH + HORIZON).map(|t| size * log(t).exp()).collect();
        promotions.push(promotion);
        values
    };
    let values = (0..24).map(&mut series).collect();
    Shops { values, promotions }
}

impl Shops {
    fn plain(&self) -> Panel {
        panel(self.values.iter().map(|values| values[..LENGTH].to_vec()).collect(), 7)
    }

    /// The first `steps` values of the covariate, which is known in the future if they are more than those of the series.
    fn with_covariate(&self, steps: usize) -> Panel {
        let promotion = Covariate { name: "promotion".into(), kind: CovariateKind::Number, known_future: false };
        let values = self.promotions.iter().map(|own| vec![own[..steps].to_vec()]).collect();
        self.plain().with_covariates(vec![promotion], values)
    }

    /// The mean absolute error of the logarithms of the medians.
    fn error(&self, forecasts: &[Forecast]) -> f64 {
        let errors = self.values.iter().zip(forecasts).flat_map(|(values, forecast)| {
            values[LENGTH..].iter().zip(forecast.median()).map(|(value, median)| (value / median).ln().abs())
        });
        errors.sum::<f64>() / (self.values.len() * HORIZON) as f64
    }
}

fn quick() -> Global {
    Global { members: 2, hidden: 8, epochs: Some(1), ..Global::default() }
}

fn forecasts(panel: &Panel) -> Vec<Forecast> {
    quick().fit(panel, &Task::new(HORIZON), &mut SilentObserver).unwrap().predict(panel).unwrap()
}

/// The errors with a covariate that has this effect, and without the covariate.
fn errors_with_and_without_covariate(effect: f64) -> [f64; 2] {
    let shops = shops(effect);
    [shops.with_covariate(LENGTH + HORIZON), shops.plain()].map(|panel| shops.error(&forecasts(&panel)))
}

#[test]
fn a_covariate_with_an_effect_lowers_the_error() {
    let [with, without] = errors_with_and_without_covariate(0.6);
    assert!(with < 0.6 * without, "{with} with, {without} without");
}

#[test]
fn a_covariate_without_an_effect_hardly_changes_the_error() {
    let [with, without] = errors_with_and_without_covariate(0.0);
    assert!(with < 1.03 * without, "{with} with, {without} without");
}

#[test]
fn a_forecast_depends_on_known_future_values_and_on_none_beyond_the_horizon() {
    let mut shops = shops(0.6);
    let known = |shops: &Shops| forecasts(&shops.with_covariate(LENGTH + HORIZON).without_last(HORIZON, 1).unwrap());
    let before = known(&shops);
    // of a panel without its last values, the covariate is known as far after the end
    shops.promotions.iter_mut().for_each(|own| own[LENGTH..].fill(9.0));
    assert_eq!(known(&shops), before, "values beyond the horizon");
    shops.promotions.iter_mut().for_each(|own| own[LENGTH - HORIZON..].fill(1.0));
    assert_ne!(known(&shops), before, "values of the horizon");
}

#[test]
fn past_values_alone_have_no_influence_after_the_cutoff() {
    let mut shops = shops(0.6);
    let past = |shops: &Shops| forecasts(&shops.with_covariate(LENGTH).without_last(HORIZON, 1).unwrap());
    let before = past(&shops);
    shops.promotions.iter_mut().for_each(|own| own[LENGTH - HORIZON..].fill(1.0));
    assert_eq!(past(&shops), before);
}

#[test]
fn a_saved_model_uses_its_covariates_and_refuses_a_history_without_them() {
    let (shops, folder) = (shops(0.6), tempfile::tempdir().unwrap());
    let panel = shops.with_covariate(LENGTH + HORIZON);
    let fitted = quick().fit(&panel, &Task::new(HORIZON), &mut SilentObserver).unwrap();
    fitted.forecaster.save(folder.path()).unwrap();
    let loaded = load(folder.path()).unwrap();
    assert_eq!(loaded.covariates(), panel.covariates().columns());
    assert_eq!(loaded.predict(&panel).unwrap(), fitted.predict(&panel).unwrap());
    let error = |panel: &Panel| loaded.predict(panel).unwrap_err().to_string();
    assert!(error(&shops.plain()).contains("promotion"), "{}", error(&shops.plain()));
    let short = shops.with_covariate(LENGTH + HORIZON - 1);
    let missing = error(&short);
    assert_eq!(missing, short.for_horizon(HORIZON).unwrap_err().to_string());
    assert_eq!(quick().fit(&short, &Task::new(HORIZON), &mut SilentObserver).unwrap_err().to_string(), missing);
}

#[test]
fn a_forecast_does_not_depend_on_the_covariates_of_other_series() {
    let shops = shops(0.6);
    let all = shops.with_covariate(LENGTH + HORIZON);
    let alone = Shops { values: shops.values[..1].to_vec(), promotions: shops.promotions[..1].to_vec() };
    let fitted = quick().fit(&all, &Task::new(HORIZON), &mut SilentObserver).unwrap();
    let among = fitted.predict(&all).unwrap().remove(0);
    let alone = fitted.predict(&alone.with_covariate(LENGTH + HORIZON)).unwrap().remove(0);
    for (a, b) in among.median().iter().zip(alone.median()) {
        assert!((a / b).ln().abs() < 1e-4, "{a} among others, {b} alone");
    }
}
