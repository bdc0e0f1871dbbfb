//! A series as the regressions and the segment network read it.

use crate::panel::covariates::Covariate;

/// The values of one series, its seasons and its covariates.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SeriesView<'a> {
    /// Values on the scale of the model; gaps are filled.
    pub(crate) values: &'a [f64],
    /// Which values were observed. Models learn from these alone.
    pub(crate) observed: &'a [bool],
    /// Season lengths in steps, ascending; empty for a series without a season.
    pub(crate) seasons: &'a [usize],
    /// Steps from an absolute origin to the first value. It fixes the phase of periods that are no whole number of steps.
    pub(crate) ordinal: i64,
    /// The covariates, if the model uses them.
    pub(crate) exogenous: Option<ExogenousData<'a>>,
}

impl SeriesView<'_> {
    /// The shortest season length, 1 for a series without a season.
    pub(crate) fn season(&self) -> usize {
        self.seasons.first().copied().unwrap_or(1)
    }
}

/// The covariates of one series.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ExogenousData<'a> {
    pub(crate) columns: &'a [Covariate],
    /// Values by column and step. They are as long as the series, and longer where the future is known.
    pub(crate) values: &'a [Vec<f64>],
}

impl ExogenousData<'_> {
    /// Whether the future of at least one column is known.
    pub(crate) fn has_known_future(&self) -> bool {
        self.columns.iter().any(|column| column.known_future)
    }
}
