//! A series as the input of the regressions and of the segment network.

use crate::panel::covariates::Covariate;
use crate::panel::{Panel, TimeSeries};

/// The values of one series, its seasons and its covariates.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SeriesView<'a> {
    /// Values on the scale of the model; gaps are filled.
    pub(crate) values: &'a [f64],
    /// Which values were observed. Only these are training targets.
    pub(crate) observed: &'a [bool],
    /// Season lengths in steps, ascending; empty for a series without a season.
    pub(crate) seasons: &'a [usize],
    /// Steps from an absolute origin to the first value. They fix the phase of periods that are not a whole number of
    /// steps.
    pub(crate) ordinal: i64,
    /// The covariates, if the model uses them.
    pub(crate) exogenous: Option<ExogenousData<'a>>,
}

impl<'a> SeriesView<'a> {
    /// A series with these seasons and without covariates.
    pub(crate) fn without_covariates(series: &TimeSeries<'a>, seasons: &'a [usize]) -> Self {
        Self {
            values: series.values,
            observed: series.observed,
            seasons,
            ordinal: series.frequency.ordinal(series.start),
            exogenous: None,
        }
    }

    /// The shortest season length, 1 for a series without a season.
    pub(crate) fn season(&self) -> usize {
        self.seasons.first().copied().unwrap_or(1)
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct ExogenousData<'a> {
    pub(crate) columns: &'a [Covariate],
    /// Values by column and step. They are as long as the series, and longer if the future is known.
    pub(crate) values: &'a [Vec<f64>],
}

impl<'a> ExogenousData<'a> {
    /// Those of the series at a position of a panel that has covariates.
    pub(crate) fn of(panel: &'a Panel, series: usize) -> Self {
        Self { columns: panel.covariates().columns(), values: panel.covariates().values(series) }
    }

    /// As [`Self::of`]; `None` for a panel without covariates.
    pub(crate) fn if_any(panel: &'a Panel, series: usize) -> Option<Self> {
        (!panel.covariates().is_empty()).then(|| Self::of(panel, series))
    }

    /// Whether the future of at least one column is known.
    pub(crate) fn has_known_future(&self) -> bool {
        self.columns.iter().any(|column| column.known_future)
    }
}
