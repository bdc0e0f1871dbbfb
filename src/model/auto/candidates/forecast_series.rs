//! A series as the input of the candidates.

use crate::model::regression::series_view::SeriesView;

/// A series, and how it is forecast.
#[derive(Clone, Copy)]
pub(crate) struct ForecastSeries<'a> {
    pub(crate) view: SeriesView<'a>,
    pub(crate) horizon: usize,
    /// Number of values known at the first origin of the fit. The features of the regressions depend on it.
    pub(crate) first_cutoff: usize,
}
