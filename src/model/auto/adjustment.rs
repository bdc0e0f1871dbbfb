//! What is removed from the series before any model of `auto` sees them, and added to the forecasts.

use std::borrow::Cow;

use rayon::prelude::*;

use crate::forecast::quantile_forecast::Forecast;
use crate::model::auto::calendar_effects::CalendarEffects;
use crate::model::auto::calendar_effects::evidence::DayEffect;
use crate::model::auto::cumulative;
use crate::model::auto::level_dip::LevelDip;
use crate::model::effect::{Effect, EffectKind};
use crate::model::fit::{FitNotice, Hindcast};
use crate::model::regression::series_view::ExogenousData;
use crate::panel::covariates::CovariateKind;
use crate::panel::{Panel, TimeSeries};

/// The adjustment of each series of a panel.
#[derive(Debug)]
pub(crate) struct Adjustment {
    series: Vec<SeriesAdjustment>,
    /// The adjusted panel; `None` if no series is adjusted.
    panel: Option<Panel>,
}

/// The adjustment of one series.
#[derive(Debug)]
struct SeriesAdjustment {
    dip: Option<LevelDip>,
    calendar: Option<CalendarEffects>,
    /// The positions of the values without calendar effects, and the new values.
    removed: Vec<(usize, f64)>,
}

impl Adjustment {
    /// Adjusts a panel for forecasts of `horizon` steps.
    pub(crate) fn new(panel: &Panel, horizon: usize) -> Self {
        // a panel whose covariates end too early is an error of the models, which name the missing steps
        let extended = panel.for_horizon(horizon).ok().filter(|_| !panel.covariates().is_empty());
        let mut panel = extended.map_or(Cow::Borrowed(panel), Cow::Owned);
        let all: Vec<TimeSeries<'_>> = panel.iter().collect();
        let dips: Vec<Option<LevelDip>> = all.par_iter().map(LevelDip::find).collect();
        drop(all);
        for (which, dip) in dips.iter().enumerate() {
            if let Some(dip) = dip {
                panel = Cow::Owned(panel.into_owned().with_missing(which, dip.steps.clone(), &dip.filled));
            }
        }
        let all: Vec<TimeSeries<'_>> = panel.iter().collect();
        let estimate =
            |(which, series)| CalendarEffects::estimate(series, ExogenousData::if_any(&panel, which), horizon);
        let calendars: Vec<Option<CalendarEffects>> = all.par_iter().enumerate().map(estimate).collect();
        let removed = |(calendar, series): (&Option<CalendarEffects>, &TimeSeries<'_>)| {
            calendar.as_ref().map_or_else(Vec::new, |calendar| calendar.removed(series))
        };
        let removed: Vec<Vec<(usize, f64)>> = calendars.iter().zip(&all).map(removed).collect();
        let without_effects = without_effects(&panel, &removed, &calendars);
        let adjusted = without_effects.or_else(|| dips.iter().any(Option::is_some).then(|| panel.into_owned()));
        let series = dips.into_iter().zip(calendars).zip(removed);
        let series = series.map(|((dip, calendar), removed)| SeriesAdjustment { dip, calendar, removed });
        Self { series: series.collect(), panel: adjusted }
    }

    /// The panel for the models.
    pub(crate) fn panel<'a>(&'a self, original: &'a Panel) -> &'a Panel {
        self.panel.as_ref().unwrap_or(original)
    }

    /// The forecasts of the original series, from those of the adjusted ones.
    pub(crate) fn restore_forecasts(&self, original: &Panel, forecasts: Vec<Forecast>) -> Vec<Forecast> {
        let own = self.series.iter().zip(original.iter()).zip(forecasts);
        own.map(|((own, series), forecast)| own.restored(&series, forecast)).collect()
    }

    /// The effect of the calendar on each original series, if it has one. `forecasts` are those of the adjusted series.
    pub(crate) fn calendar_effects(&self, original: &Panel, forecasts: Vec<Forecast>) -> Vec<Option<Effect>> {
        let all = self.series.iter().zip(original.iter()).zip(forecasts);
        let effect = |((own, series), forecast): ((&SeriesAdjustment, TimeSeries<'_>), Forecast)| {
            own.calendar.as_ref()?;
            let mut past = vec![0.0; series.len()];
            for (at, new) in &own.removed {
                past[*at] = series.values[*at] - new;
            }
            let without = forecast.median().to_vec();
            let with = own.restored(&series, forecast);
            let future = with.median().iter().zip(&without).map(|(with, without)| with - without).collect();
            Effect::if_any(EffectKind::Calendar, past, future)
        };
        all.map(effect).collect()
    }

    /// The hindcasts of the original series, without those that would depend on later values.
    pub(crate) fn restore_hindcasts(&self, original: &Panel, hindcasts: Vec<Hindcast>) -> Vec<Hindcast> {
        let all: Vec<TimeSeries<'_>> = original.iter().collect();
        let restored = |Hindcast { series, cutoff, forecast }| {
            let own = &self.series[series];
            let is_possible = own.is_known_at(cutoff);
            is_possible.then(|| {
                let forecast = own.restored(&all[series].first(cutoff), forecast);
                Hindcast { series, cutoff, forecast }
            })
        };
        hindcasts.into_iter().filter_map(restored).collect()
    }

    /// The notice on values that the models treat as missing.
    pub(crate) fn notice(&self, original: &Panel) -> Option<FitNotice> {
        let mut dips =
            self.series.iter().zip(original.iter()).filter_map(|(own, series)| Some((own.dip.as_ref()?, series)));
        let (dip, series) = dips.next()?;
        let [from, to] = [dip.steps.start, dip.steps.end - 1].map(|at| original.format(series.time_at(at)));
        Some(FitNotice::DipTreatedAsMissing { series: 1 + dips.count(), from, to })
    }
}

/// The panel without the effects of rare days; `None` if there are none. The columns of covariates that an effect
/// includes have their usual values on its days.
fn without_effects(
    panel: &Panel,
    removed: &[Vec<(usize, f64)>],
    calendars: &[Option<CalendarEffects>],
) -> Option<Panel> {
    let (mut replacements, mut of_covariates) = (Vec::new(), Vec::new());
    for (which, removed) in removed.iter().enumerate() {
        let Some(calendar) = &calendars[which] else { continue };
        replacements.extend(removed.iter().map(|(at, value)| (which, *at, *value)));
        for (column, covariate) in panel.covariates().columns().iter().enumerate() {
            let is_holiday = matches!(covariate.kind, CovariateKind::Holidays(_) | CovariateKind::Eves(_));
            let (steps, usual) = calendar.replaced_indicators(column, is_holiday);
            of_covariates.extend(steps.into_iter().map(|step| ((which, column, step), usual)));
        }
    }
    let has_effects = calendars.iter().any(Option::is_some);
    has_effects.then(|| {
        let panel = panel.clone().with_replaced_values(replacements.into_iter());
        panel.with_replaced_covariates(of_covariates.into_iter())
    })
}

impl SeriesAdjustment {
    /// The forecast after the known values of the original series.
    fn restored(&self, known: &TimeSeries<'_>, forecast: Forecast) -> Forecast {
        let forecast = match &self.calendar {
            Some(calendar) => {
                let effects = calendar.after(known.len());
                let bounds = known.bounds();
                let medians = forecast.median().to_vec();
                let restored = |k: usize, level, value| {
                    let restored = |effect: &DayEffect| calendar.restored(*effect, medians[k], level, value);
                    effects.get(k).map_or(value, |effect| bounds.clamp(restored(effect)))
                };
                forecast.with_each_value(restored)
            }
            None => forecast,
        };
        match cumulative::lower_bound(known) {
            Some(lowest) => forecast.rising_from(lowest),
            None => forecast,
        }
    }

    /// Whether everything that was removed was known at a cutoff.
    fn is_known_at(&self, cutoff: usize) -> bool {
        self.dip.as_ref().is_none_or(|dip| dip.is_known_at(cutoff))
            && self.calendar.as_ref().is_none_or(|calendar| cutoff >= calendar.known_from())
    }
}
