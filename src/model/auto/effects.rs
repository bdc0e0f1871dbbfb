//! The effects that the automatic model knows: of the calendar, of covariates, and of its networks.

use rayon::prelude::*;

use crate::error::Result;
use crate::model::auto::absent_seasons::remove_seasons;
use crate::model::auto::candidates::direct_fits::DirectFits;
use crate::model::auto::candidates::forecast_series::ForecastSeries;
use crate::model::auto::local::FittedLocal;
use crate::model::auto::series_model::{SeriesModel, WeightedCandidate};
use crate::model::effect::{Effect, EffectKind, with_usual_future};
use crate::model::regression::exogenous_effect::past_by_covariate;
use crate::model::regression::series_view::{ExogenousData, SeriesView};
use crate::panel::{Panel, TimeSeries};

/// The minimum weight of the other members of an ensemble. With less, they are no comparison for its networks.
pub(crate) const MIN_OTHER_WEIGHT: f64 = 0.2;

impl FittedLocal {
    /// The effects of covariates and networks on each series of a history without the effects of rare days.
    pub(crate) fn effects(&self, history: &Panel) -> Result<Vec<Vec<Effect>>> {
        let extended = self.with_covariates(history)?;
        let history = extended.as_ref().unwrap_or(history);
        let series: Vec<(usize, TimeSeries<'_>)> = history.iter().enumerate().collect();
        let effects = |(index, series): &(usize, TimeSeries<'_>)| {
            let exogenous = ExogenousData::if_any(history, *index);
            // a series that was not in the training panel has no ensemble yet
            self.find(series.key).map_or_else(Vec::new, |model| model.effects(series, self.horizon, exogenous))
        };
        Ok(series.par_iter().map(effects).collect())
    }
}

impl SeriesModel {
    fn effects(&self, history: &TimeSeries<'_>, horizon: usize, exogenous: Option<ExogenousData<'_>>) -> Vec<Effect> {
        if self.is_of_counts() {
            return Vec::new();
        }
        self.with_scaled(history, horizon, exogenous, |series| {
            let mut effects = self.covariate_effects(series);
            let path = || self.cached_path(history, exogenous).cloned().unwrap_or_else(|| self.path(series, false));
            effects.extend(self.network_effect(series, path));
            for value in effects.iter_mut().flat_map(|effect| effect.past.iter_mut().chain(&mut effect.future)) {
                *value *= self.scale;
            }
            effects
        })
    }

    /// What each covariate with a known future adds to the forecasts of the members that use it, by their weights: the
    /// difference to their forecasts with its usual value at all steps. In the past, it is the effect of a regression.
    fn covariate_effects(&self, series: ForecastSeries<'_>) -> Vec<Effect> {
        let Some(exogenous) = series.view.exogenous else { return Vec::new() };
        let used = self.candidates.iter().filter(|one| one.weight > 0.0 && one.candidate.with_covariates);
        let members: Vec<(&WeightedCandidate, Vec<f64>)> = used
            .filter_map(|one| {
                Some((one, one.candidate.forecast(series, one.network.as_ref(), &DirectFits::default())?))
            })
            .collect();
        let known = series.view.values.len();
        let past = if members.is_empty() { Vec::new() } else { past_by_covariate(&series.view) };
        let effect = |column: usize| {
            let mut values = exogenous.values.to_vec();
            values[column] = with_usual_future(&exogenous.columns[column], &values[column], known);
            let usual = ExogenousData { values: &values, ..exogenous };
            let usual = ForecastSeries { view: SeriesView { exogenous: Some(usual), ..series.view }, ..series };
            let mut future = vec![0.0; series.horizon];
            for (one, path) in &members {
                let Some(usual) = one.candidate.forecast(usual, one.network.as_ref(), &DirectFits::default()) else {
                    continue;
                };
                let differences = path.iter().zip(usual).map(|(value, usual)| one.weight * (value - usual));
                future.iter_mut().zip(differences).for_each(|(sum, difference)| *sum += difference);
            }
            let past = past.iter().find(|(of, _)| *of == column).map_or_else(Vec::new, |(_, past)| past.clone());
            Effect::if_any(EffectKind::Covariate(exogenous.columns[column].name.clone()), past, future)
        };
        (0..exogenous.columns.len())
            .filter(|column| exogenous.columns[*column].known_future)
            .filter_map(effect)
            .collect()
    }

    /// What the networks add to the mean of the other members. `path` is that of all. `None` if no network has a weight,
    /// or the others have too little.
    fn network_effect(&self, series: ForecastSeries<'_>, path: impl FnOnce() -> Vec<f64>) -> Option<Effect> {
        let used = self.candidates.iter().filter(|one| one.weight > 0.0 && one.candidate.kind.is_network());
        let networks: Vec<&WeightedCandidate> = used.collect();
        let weight: f64 = networks.iter().map(|one| one.weight).sum();
        if networks.is_empty() || 1.0 - weight < MIN_OTHER_WEIGHT {
            return None;
        }
        let mut sum = vec![0.0; series.horizon];
        for one in networks {
            let path = one.candidate.forecast(series, one.network.as_ref(), &DirectFits::default())?;
            sum.iter_mut().zip(path).for_each(|(sum, value)| *sum += one.weight * value);
        }
        remove_seasons(&mut sum, &self.absent_seasons);
        let difference = |(all, networks): (f64, f64)| all - (all - networks) / (1.0 - weight);
        let future = path().into_iter().zip(sum).map(difference).collect();
        Effect::if_any(EffectKind::Networks, Vec::new(), future)
    }
}
