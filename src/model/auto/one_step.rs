//! Forecasts of the next value at many cutoffs in a row, by the closed-form candidates that stand for an ensemble.
//!
//! The ensemble itself is forecast at a few origins only, because its networks take time. Residuals at so few cutoffs show
//! no autocorrelation.

use rayon::prelude::*;

use crate::forecast::quantile_forecast::Forecast;
use crate::model::auto::candidates::candidate::{Candidate, Paths, Strategy};
use crate::model::auto::candidates::forecast_series::ForecastSeries;
use crate::model::auto::closed_form_errors::MIN_WEIGHT;
use crate::model::auto::local::FittedLocal;
use crate::model::auto::series_model::{SeriesModel, series_view};
use crate::model::auto::weights::weighted_mean;
use crate::model::fit::{Hindcast, StandInForecasts};
use crate::model::regression::series_view::{ExogenousData, SeriesView};
use crate::panel::{Panel, TimeSeries};

/// The names of candidates, and their forecast at each cutoff.
type NamedForecasts = (Vec<String>, Vec<(usize, Forecast)>);

/// The only level of a forecast of a closed-form candidate.
const MEDIAN: [f64; 1] = [0.5];

impl FittedLocal {
    /// The forecasts of the next value at the last `count` cutoffs of each series that was fitted.
    pub(crate) fn stand_in_forecasts(&self, history: &Panel, count: usize) -> StandInForecasts {
        let all: Vec<(usize, TimeSeries<'_>)> = history.iter().enumerate().collect();
        // at earlier cutoffs, the seasons of the whole history were not known
        let count = count.min(history.steps_with_known_seasons());
        let of_series = |(index, series): &(usize, TimeSeries<'_>)| {
            let model = self.find(series.key)?;
            let (candidates, forecasts) =
                model.one_step_forecasts(series, ExogenousData::if_any(history, *index), count)?;
            let hindcast = |(cutoff, forecast)| Hindcast { series: *index, cutoff, forecast };
            Some((candidates, forecasts.into_iter().map(hindcast).collect::<Vec<_>>()))
        };
        let found: Vec<(Vec<String>, Vec<Hindcast>)> = all.par_iter().filter_map(of_series).collect();
        let is_of_model = history.iter().all(|series| self.find(series.key).is_some_and(SeriesModel::is_of_counts));
        let candidates = if found.len() == 1 { found[0].0.clone() } else { Vec::new() };
        let forecasts = found.into_iter().flat_map(|(_, own)| own).collect();
        StandInForecasts { forecasts, candidates, is_of_model }
    }
}

impl SeriesModel {
    /// The names of the candidates, and their weighted mean at each cutoff; `None` if the series is too short.
    fn one_step_forecasts(
        &self,
        series: &TimeSeries<'_>,
        exogenous: Option<ExogenousData<'_>>,
        count: usize,
    ) -> Option<NamedForecasts> {
        let season = self.seasons.first().copied().unwrap_or(1);
        let min_known = (series.len() / 3).max(2 * season + 2);
        let first = series.len().saturating_sub(count).max(min_known);
        let cutoffs: Vec<usize> = (first..series.len()).collect();
        let values: Vec<f64> = series.values.iter().map(|value| value / self.scale).collect();
        let scaled = &TimeSeries { values: &values, ..*series };
        let view = SeriesView { exogenous, ..series_view(scaled, &self.seasons) };
        let input = ForecastSeries { view, horizon: 1, first_cutoff: first };
        let members = match self.candidates.as_slice() {
            [only] if self.is_of_counts() => vec![(only.candidate, 1.0)],
            _ => self.closed_form_candidates(),
        };
        let with_paths = |(candidate, weight): (Candidate, f64)| {
            Some((candidate.to_string(), weight + MIN_WEIGHT, candidate.one_step_paths(input, &cutoffs)?))
        };
        let members: Vec<(String, f64, Paths)> = members.into_iter().filter_map(with_paths).collect();
        let forecast = |(at, &cutoff): (usize, &usize)| {
            let paths = members.iter().map(|(_, weight, paths)| (*weight, paths[at].as_ref()));
            let next = *weighted_mean(paths)?.first()?;
            let known = series.first(cutoff);
            let median = known.bounds().clamp(next * self.scale);
            Some((cutoff, Forecast::after(&known, &MEDIAN, vec![vec![median]])))
        };
        let forecasts: Vec<(usize, Forecast)> = cutoffs.iter().enumerate().filter_map(forecast).collect();
        (!forecasts.is_empty()).then(|| (members.into_iter().map(|(name, ..)| name).collect(), forecasts))
    }
}

impl Candidate {
    /// The forecasts of the next value at `cutoffs`; `None` for a kind that takes too long.
    fn one_step_paths(self, series: ForecastSeries<'_>, cutoffs: &[usize]) -> Option<Paths> {
        match (self.is_in_closed_form(), self.kind.method().strategy) {
            // the distribution of counts is fast, although it is fitted again at each cutoff
            (false, Strategy::Fit(fit)) => Some(fit(series, cutoffs)),
            _ => self.paths_in_closed_form(series, cutoffs),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::model::auto::settings::Auto;
    use crate::model::{Model, SilentObserver, Task};
    use crate::panel::Panel;

    #[test]
    fn one_step_forecasts_of_a_fit_depend_on_earlier_values_only() {
        let values: Vec<f64> = (0..150).map(|t| f64::from(50 + t / 9 + 8 * (t % 7) + t * t % 11)).collect();
        let auto = Auto { max_network_series: 0, ..Auto::default() };
        let fit = auto.fit(&Panel::from_values(&values, 7), &Task::new(5), &mut SilentObserver).unwrap();
        let of = |values: &[f64]| fit.forecaster.stand_in_forecasts(&Panel::from_values(values, 7), 60).unwrap();
        let changed = [&values[..120], &[55.0; 30]].concat();
        let (before, after) = (of(&values), of(&changed));
        assert_eq!(before.forecasts.len(), 60);
        assert!(!before.candidates.is_empty() && before.forecasts[0].cutoff == 90);
        assert_eq!(before.forecasts[..31], after.forecasts[..31]);
        assert_ne!(before.forecasts[31..], after.forecasts[31..]);
    }
}
