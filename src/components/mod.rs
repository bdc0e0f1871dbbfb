//! The components of a forecast: parts in the unit of the target that add up to it.

use crate::forecast::quantile_forecast::Forecast;
use crate::panel::{Panel, TimeSeries};

/// What a component stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ComponentKind {
    /// The level, with its trend.
    Level,
}

impl ComponentKind {
    /// The name of its column in components.csv.
    pub fn column(&self) -> String {
        match self {
            Self::Level => "level".to_owned(),
        }
    }
}

/// A part of the past values and of the median forecast of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    /// What it stands for.
    pub kind: ComponentKind,
    /// One value for each drawn step of the past, then for each step of the forecast, in the unit of the target.
    pub values: Vec<f64>,
}

/// The components of one series.
#[derive(Debug, Clone, PartialEq)]
pub struct Components {
    /// The number of values of the series that are known.
    pub cutoff: usize,
    /// The position in the series of the first step.
    pub first: usize,
    /// The values of the series from `first` on, then the median forecast. The components add up to them.
    pub totals: Vec<f64>,
    /// All components.
    pub parts: Vec<Component>,
}

impl Components {
    /// The components of each forecast of a panel. `forecasts` has one for each series, in the order of the panel.
    pub fn of_panel(panel: &Panel, forecasts: &[Forecast]) -> Vec<Self> {
        panel.iter().zip(forecasts).map(|(series, forecast)| Self::of_series(&series, forecast)).collect()
    }

    fn of_series(series: &TimeSeries<'_>, forecast: &Forecast) -> Self {
        let first = series.len().saturating_sub(4 * forecast.times().len());
        let totals: Vec<f64> = series.values[first..].iter().chain(forecast.median()).copied().collect();
        let parts = vec![Component { kind: ComponentKind::Level, values: totals.clone() }];
        Self { cutoff: series.len(), first, totals, parts }
    }
}
