//! The components of one series, and how they are made from its effects and its split.

use std::iter;

use rayon::prelude::*;

use crate::components::split::Split;
use crate::forecast::quantile_forecast::Forecast;
use crate::model::{Effect, EffectKind};
use crate::panel::{Panel, TimeSeries};

/// The largest number of past values with components, unless the horizon is longer.
const MAX_HISTORY: usize = 400;
/// The largest share of the size of the values that rounding may leave.
const ROUNDING: f64 = 1e-9;

/// What a component stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ComponentKind {
    /// The level, with its trend.
    Level,
    /// A season, by its length in steps.
    Season(usize),
    /// An effect that the model knows.
    Effect(EffectKind),
    /// What no other component has.
    Other,
}

impl ComponentKind {
    /// The name of its column in components.csv: `level`, `season_7`, `calendar`, `covariate_price`, `networks`, `other`.
    pub fn column(&self) -> String {
        match self {
            Self::Level => "level".to_owned(),
            Self::Season(length) => format!("season_{length}"),
            Self::Effect(EffectKind::Calendar) => "calendar".to_owned(),
            Self::Effect(EffectKind::Networks) => "networks".to_owned(),
            // a prefix, so that no covariate has the name of another component
            Self::Effect(EffectKind::Covariate(name)) => format!("covariate_{name}"),
            Self::Other => "other".to_owned(),
        }
    }

    /// The component with a column of this name.
    pub(crate) fn of_column(name: &str) -> Option<Self> {
        let kind = match name {
            "level" => Self::Level,
            "calendar" => Self::Effect(EffectKind::Calendar),
            "networks" => Self::Effect(EffectKind::Networks),
            "other" => Self::Other,
            _ => match (name.strip_prefix("season_"), name.strip_prefix("covariate_")) {
                (Some(length), _) => Self::Season(length.parse().ok()?),
                (None, Some(covariate)) => Self::Effect(EffectKind::Covariate(covariate.to_owned())),
                (None, None) => return None,
            },
        };
        Some(kind)
    }
}

/// A part of the past values and of the median forecast of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    /// What it stands for.
    pub kind: ComponentKind,
    /// One value for each step of [`Components::totals`], in the unit of the target.
    pub values: Vec<f64>,
}

/// The components of one series.
#[derive(Debug, Clone, PartialEq)]
pub struct Components {
    /// The number of known values of the series. The first step of the forecast is at this position.
    pub cutoff: usize,
    /// The position in the series of the first step.
    pub first: usize,
    /// The values of the series from `first` on, as the models see them, then the median forecast.
    pub totals: Vec<f64>,
    /// All components, which add up to the totals. All series of a panel have the same kinds.
    pub parts: Vec<Component>,
}

impl Components {
    /// The components of each forecast of a panel. `forecasts` and `effects`, those that the model knows, have one item
    /// for each series, in the order of the panel.
    ///
    /// ```
    /// use forecast::components::Components;
    /// use forecast::{Baseline, Model, Panel, SilentObserver, Task};
    ///
    /// let values: Vec<f64> = (0..70).map(|t| f64::from(t + 10 * (t % 7))).collect();
    /// let panel = Panel::from_values(&values, 7);
    /// let fit = Baseline::Ets.fit(&panel, &Task::new(7), &mut SilentObserver)?;
    /// let (forecasts, effects) = (fit.predict(&panel)?, fit.forecaster.effects(&panel)?);
    /// let components = Components::of_panel(&panel, &forecasts, &effects);
    /// let names: Vec<String> = components[0].parts.iter().map(|part| part.kind.column()).collect();
    /// assert_eq!(names, ["level", "season_7", "other"]);
    /// # Ok::<(), forecast::Error>(())
    /// ```
    pub fn of_panel(panel: &Panel, forecasts: &[Forecast], effects: &[Vec<Effect>]) -> Vec<Self> {
        let kinds = kinds(effects);
        let all: Vec<TimeSeries<'_>> = panel.iter().collect();
        let one = |((series, forecast), effects): ((&TimeSeries<'_>, &Forecast), &Vec<Effect>)| {
            Self::of_series(series, forecast, effects, &kinds, panel.seasons().lengths())
        };
        all.par_iter().zip(forecasts).zip(effects).map(one).collect()
    }

    fn of_series(
        series: &TimeSeries<'_>,
        forecast: &Forecast,
        effects: &[Effect],
        kinds: &[EffectKind],
        lengths: &[usize],
    ) -> Self {
        let (cutoff, horizon) = (series.len(), forecast.times().len());
        let of_kind = |kind: &EffectKind| -> Vec<f64> {
            let Some(effect) = effects.iter().find(|effect| effect.kind == *kind) else {
                return vec![0.0; cutoff + horizon];
            };
            let before = iter::repeat_n(0.0, cutoff - effect.past.len());
            // a saved model knows its effects for its whole horizon, of which the forecast may be the start
            let all = before.chain(effect.past.iter().chain(&effect.future).copied());
            all.take(cutoff + horizon).collect()
        };
        let effects: Vec<(EffectKind, Vec<f64>)> = kinds.iter().map(|kind| (kind.clone(), of_kind(kind))).collect();
        let all: Vec<f64> = series.values.iter().chain(forecast.median()).copied().collect();
        let without = |(at, value): (usize, &f64)| value - effects.iter().map(|(_, of)| of[at]).sum::<f64>();
        let without: Vec<f64> = all.iter().enumerate().map(without).collect();
        let split = Split::new(&without[..cutoff], series.observed, &without[cutoff..], lengths);
        let wanted = (4 * horizon).max(MAX_HISTORY);
        let first = split.skipped.max(cutoff.saturating_sub(wanted));
        let of_split = |values: Vec<f64>| values[first - split.skipped..].to_vec();
        let totals = all[first..].to_vec();
        let size = totals.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
        let unless_rounding = |value: f64| if value.abs() <= ROUNDING * size { 0.0 } else { value };
        let mut parts = vec![Component { kind: ComponentKind::Level, values: of_split(split.level) }];
        let seasons = split.seasons.into_iter();
        parts.extend(seasons.map(|(m, values)| Component { kind: ComponentKind::Season(m), values: of_split(values) }));
        let effects = effects.into_iter();
        parts.extend(
            effects.map(|(kind, values)| Component {
                kind: ComponentKind::Effect(kind),
                values: values[first..].to_vec(),
            }),
        );
        let rest = of_split(split.rest).into_iter().map(unless_rounding).collect();
        parts.push(Component { kind: ComponentKind::Other, values: rest });
        Self { cutoff, first, totals, parts }
    }

    /// The number of past steps.
    pub fn past(&self) -> usize {
        self.cutoff - self.first
    }

    /// The number of steps of the forecast.
    pub fn steps(&self) -> usize {
        self.totals.len() - self.past()
    }
}

/// All kinds of effects of some series, each once: the calendar, covariates in their order, and networks.
fn kinds(effects: &[Vec<Effect>]) -> Vec<EffectKind> {
    let mut kinds: Vec<EffectKind> = Vec::new();
    for effect in effects.iter().flatten() {
        if !kinds.contains(&effect.kind) {
            kinds.push(effect.kind.clone());
        }
    }
    let rank = |kind: &EffectKind| match kind {
        EffectKind::Calendar => 0,
        EffectKind::Covariate(_) => 1,
        EffectKind::Networks => 2,
    };
    kinds.sort_by_key(rank);
    kinds
}
