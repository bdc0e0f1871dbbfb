//! The hindcasts of one series by a global model and by its local model, from which their mixture is learned.

use crate::forecast::quantile_forecast::Forecast;
use crate::model::auto::local::FittedLocal;
use crate::model::auto::series_model::SeriesModel;
use crate::model::ensemble::holdout::{HoldoutCase, mase_scale};
use crate::model::fit::Hindcast;
use crate::panel::Panel;
use crate::panel::series::TimeSeries;

/// The hindcasts of one series at one cutoff by the global model and by its local model.
#[derive(Clone)]
pub(crate) struct HindcastPair<'a> {
    pub(crate) series: usize,
    pub(crate) whole: TimeSeries<'a>,
    pub(crate) cutoff: usize,
    pub(crate) is_of_counts: bool,
    pub(crate) forecasts: [&'a Forecast; 2],
}

impl HindcastPair<'_> {
    pub(crate) fn known(&self) -> &[f64] {
        &self.whole.values[..self.cutoff]
    }

    /// The forecasts and the values after the cutoff.
    pub(crate) fn case(&self, season: usize) -> HoldoutCase<'_, &Self> {
        let Self { whole, cutoff, forecasts, .. } = self;
        let end = (cutoff + forecasts[0].median().len()).min(whole.len());
        HoldoutCase {
            predicted: self,
            actual: &whole.values[*cutoff..end],
            observed: &whole.observed[*cutoff..end],
            mase_scale: mase_scale(self.known(), season),
        }
    }

    /// The number of the origin, from the last.
    pub(crate) fn origin(&self) -> usize {
        (self.whole.len() - self.cutoff) / self.forecasts[0].median().len()
    }
}

/// All pairs of hindcasts, which are in the order of the series and of the cutoffs.
pub(crate) fn hindcast_pairs<'a>(
    panel: &'a Panel,
    global: &'a [Hindcast],
    local: &'a [Hindcast],
    models: &FittedLocal,
) -> Vec<HindcastPair<'a>> {
    let all: Vec<TimeSeries<'_>> = panel.iter().collect();
    let pair = |&Hindcast { series, cutoff, ref forecast }: &'a Hindcast| {
        let at = global.binary_search_by_key(&(series, cutoff), |global| (global.series, global.cutoff)).ok()?;
        let (whole, forecasts) = (all[series], [&global[at].forecast, forecast]);
        let is_of_counts = models.find(whole.key).is_some_and(SeriesModel::is_of_counts);
        Some(HindcastPair { series, whole, cutoff, is_of_counts, forecasts })
    };
    local.iter().filter_map(pair).collect()
}
