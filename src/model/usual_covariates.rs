//! The effects of covariates on any forecast: its difference to the forecast with their usual values.

use crate::error::Result;
use crate::forecast::quantile_forecast::Forecast;
use crate::model::effect::{Effect, EffectKind, with_usual_future};
use crate::model::regression::exogenous_effect::past_by_covariate;
use crate::model::regression::series_view::{ExogenousData, SeriesView};
use crate::panel::{Panel, TimeSeries};

/// The effect of each covariate with a known future on each series of a panel, whose covariates reach to the end of the
/// horizon. In the past, it is the effect of a regression on the covariates and the seasons.
pub(crate) fn covariate_effects(
    panel: &Panel,
    predict: impl Fn(&Panel) -> Result<Vec<Forecast>>,
) -> Result<Vec<Vec<Effect>>> {
    let mut effects = vec![Vec::new(); panel.count()];
    let columns = panel.covariates().columns();
    if columns.iter().all(|column| !column.known_future) {
        return Ok(effects);
    }
    let all: Vec<TimeSeries<'_>> = panel.iter().collect();
    let past: Vec<Vec<(usize, Vec<f64>)>> =
        all.iter().enumerate().map(|(which, series)| past_by_covariate(&view(panel, which, series))).collect();
    let forecasts = predict(panel)?;
    for (at, column) in columns.iter().enumerate().filter(|(_, column)| column.known_future) {
        let mut values: Vec<Vec<Vec<f64>>> =
            (0..all.len()).map(|which| panel.covariates().values(which).to_vec()).collect();
        for (own, series) in values.iter_mut().zip(&all) {
            own[at] = with_usual_future(column, &own[at], series.len());
        }
        let usual = predict(&panel.clone().with_covariates(columns.to_vec(), values))?;
        for (which, (forecast, usual)) in forecasts.iter().zip(usual).enumerate() {
            let future = forecast.median().iter().zip(usual.median()).map(|(value, usual)| value - usual).collect();
            let own = past[which].iter().find(|(of, _)| *of == at).map_or_else(Vec::new, |(_, past)| past.clone());
            effects[which].extend(Effect::if_any(EffectKind::Covariate(column.name.clone()), own, future));
        }
    }
    Ok(effects)
}

fn view<'a>(panel: &'a Panel, which: usize, series: &TimeSeries<'a>) -> SeriesView<'a> {
    let of_target = SeriesView::without_covariates(series, panel.seasons().lengths());
    SeriesView { exogenous: ExogenousData::if_any(panel, which), ..of_target }
}
