//! The forecasts of a candidate at all rolling origins of a series.

use crate::model::auto::candidates::candidate::Candidate;
use crate::model::auto::candidates::network::CandidateNetwork;
use crate::model::auto::origins::Origins;
use crate::model::auto::search::SearchLimits;
use crate::model::auto::year_end::YearEndEffect;
use crate::model::regression::series_view::SeriesView;

/// The paths of a candidate at each origin and after the whole history.
#[derive(Debug)]
pub(crate) struct CandidateBacktest {
    pub(crate) candidate: Candidate,
    /// A path at each origin; `None` if too few values were known or the budget was over.
    pub(crate) paths: Vec<Option<Vec<f64>>>,
    /// The path after the whole history.
    pub(crate) forecast: Option<Vec<f64>>,
    pub(crate) network: Option<CandidateNetwork>,
    /// Whether the budget was over before the candidate was fitted.
    pub(crate) is_left_out: bool,
}

impl CandidateBacktest {
    /// Forecasts a series without its year-end effect, and adds the effect to the paths.
    pub(crate) fn run(
        candidate: Candidate,
        view: SeriesView<'_>,
        horizon: usize,
        origins: &Origins,
        year_end: &YearEndEffect,
        limits: &SearchLimits,
    ) -> Self {
        let mut cutoffs = origins.cutoffs.clone();
        cutoffs.push(view.values.len());
        let is_left_out = limits.budget.is_over() && !candidate.is_fast();
        let (mut paths, network) = if is_left_out {
            (vec![None; cutoffs.len()], None)
        } else {
            candidate.forecast_at_cutoffs(view, horizon, &cutoffs, limits)
        };
        let mut forecast = paths.pop().flatten();
        for (path, &cutoff) in paths.iter_mut().chain([&mut forecast]).zip(&cutoffs) {
            if let Some(path) = path {
                year_end.restore(path, cutoff);
            }
        }
        Self { candidate, paths, forecast, network, is_left_out }
    }
}
