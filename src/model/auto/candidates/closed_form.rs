//! Forecasts of closed-form candidates at many cutoffs, which show how errors grow with the step.

use crate::model::auto::candidates::candidate::{
    Candidate, CandidateKind, FitAtCutoffs, MAX_SMOOTHED_VALUES, Paths, Strategy,
};
use crate::model::auto::candidates::forecast_series::ForecastSeries;
use crate::model::regression::series_view::SeriesView;
use crate::model::smoothing::SmoothedSeries;

/// The maximum number of values, counted at every cutoff, to which Theta is fitted again.
const MAX_REFITTED_VALUES: usize = 60_000;

impl Candidate {
    /// Whether the kind forecasts at many cutoffs in little time.
    pub(crate) fn is_in_closed_form(self) -> bool {
        use CandidateKind::{Counts, Croston, Ets, Network, Pretrained, ResidualNetwork};
        !matches!(self.kind, Counts | Croston | Ets | Network(_) | Pretrained(_) | ResidualNetwork(_))
    }

    /// The forecasts at `cutoffs`, ascending, each from the values known there. `None` if the kind would have to be
    /// fitted again at each cutoff, which takes too long.
    pub(crate) fn paths_in_closed_form(self, series: ForecastSeries<'_>, cutoffs: &[usize]) -> Option<Paths> {
        let &first = cutoffs.first()?;
        let fit: Box<FitAtCutoffs> = match (self.kind, self.kind.method().strategy) {
            (CandidateKind::Smoothing, _) => Box::new(smoothing),
            (CandidateKind::Theta, Strategy::Fit(fit)) if cutoffs.iter().sum::<usize>() <= MAX_REFITTED_VALUES => fit,
            (CandidateKind::Theta, _) => return None,
            (_, Strategy::Fit(fit)) if self.is_in_closed_form() => fit,
            _ => return None,
        };
        let series = ForecastSeries { first_cutoff: first, ..series };
        let forecast =
            |view: SeriesView<'_>, cutoffs: &[usize]| Some((fit(ForecastSeries { view, ..series }, cutoffs), None));
        Some(self.forecast_around(series, first, cutoffs, forecast)?.0)
    }
}

/// Exponential smoothing with the parameters estimated at the first cutoff.
fn smoothing(ForecastSeries { view, horizon, .. }: ForecastSeries<'_>, cutoffs: &[usize]) -> Paths {
    let (first, last) = (cutoffs[0], cutoffs[cutoffs.len() - 1]);
    let from = first.saturating_sub(MAX_SMOOTHED_VALUES);
    let (values, observed) = (&view.values[from..first], &view.observed[from..first]);
    let mut smoothed = SmoothedSeries::fit(values, observed, view.seasons, horizon);
    view.values[first..last].iter().for_each(|value| smoothed.append(*value));
    let path = |cutoff: &usize| Some((1..=horizon).map(|k| smoothed.forecast(cutoff - from - 1, k)).collect());
    cutoffs.iter().map(path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_after_a_cutoff_change_no_path_from_it() {
        let values: Vec<f64> = (0..300).map(|t| f64::from(50 + t / 9 + 8 * (t % 7) + t * t % 11)).collect();
        let changed = [&values[..200], &[900.0; 100]].concat();
        let cutoffs: Vec<usize> = (120..290).step_by(8).collect();
        let unchanged = cutoffs.iter().filter(|cutoff| **cutoff <= 200).count();
        let kinds = [
            CandidateKind::Naive,
            CandidateKind::SeasonalNaive(7),
            CandidateKind::SeasonalMean(7),
            CandidateKind::Smoothing,
            CandidateKind::Theta,
            CandidateKind::Climatology,
            CandidateKind::RecursiveRidge,
            CandidateKind::DifferencedRidge { lag: 7, seasons: 1 },
            CandidateKind::DirectRidge,
        ];
        for kind in kinds {
            let paths = |values: &[f64]| {
                let observed = vec![true; values.len()];
                let view = SeriesView { values, observed: &observed, seasons: &[7], ordinal: 0, exogenous: None };
                let series = ForecastSeries { view, horizon: 5, first_cutoff: 250 };
                let candidate = Candidate::plain(kind);
                assert!(candidate.is_in_closed_form());
                candidate.paths_in_closed_form(series, &cutoffs).expect("a kind in closed form")
            };
            let (before, after) = (paths(&values), paths(&changed));
            assert!(before.iter().flatten().all(|path| path.len() == 5), "{kind:?}");
            assert_eq!(before[..unchanged], after[..unchanged], "{kind:?}");
            assert_ne!(before[unchanged..], after[unchanged..], "{kind:?}");
        }
        assert!(!Candidate::plain(CandidateKind::Ets).is_in_closed_form());
    }
}
