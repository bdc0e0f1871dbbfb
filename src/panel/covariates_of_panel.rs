//! The covariates of a panel: other columns, other values, and the steps at which they are known.

use crate::error::{Error, Result, location::MAX_LISTED};
use crate::panel::covariates::{Covariate, CovariateKind, Covariates, IncompleteFuture};
use crate::panel::{Panel, TimeSeries};
use crate::time::holidays;

impl Panel {
    /// The same panel with covariates. `values` is `[series][column][step]`, finite up to the end of each series. A
    /// column that continues after the end has a known future, with NaN for unknown steps.
    ///
    /// # Panics
    /// If the numbers of series, columns or values do not match, or a past value is not finite.
    #[must_use]
    pub fn with_covariates(self, columns: Vec<Covariate>, values: Vec<Vec<Vec<f64>>>) -> Self {
        let lengths: Vec<usize> = self.series.iter().map(|series| series.values.len()).collect();
        Self { covariates: Covariates::new(columns, values, &lengths), ..self }
    }

    /// The covariates.
    pub fn covariates(&self) -> &Covariates {
        &self.covariates
    }

    /// The same panel for backtests. The named covariates are known for `horizon` steps after each cutoff, also where
    /// they end with the target.
    ///
    /// # Errors
    /// If there is no such covariate.
    pub fn assuming_known(self, names: &[String], horizon: usize) -> Result<Self> {
        Ok(Self { covariates: self.covariates.assuming_known(names, horizon)?, ..self })
    }

    /// The same panel with the covariates that a model was trained on; an error if one is missing.
    pub(crate) fn with_matching_covariates(&self, wanted: &[Covariate]) -> Result<Self> {
        Ok(Self { covariates: self.covariates.matching(wanted)?, ..self.clone() })
    }

    /// The same panel with at most `max` categories of each covariate, the most frequent in the past of all series.
    pub(crate) fn with_frequent_categories(self, max: usize) -> Self {
        let lengths: Vec<usize> = self.series.iter().map(|series| series.values.len()).collect();
        Self { covariates: self.covariates.with_frequent_categories(&lengths, max), ..self }
    }

    /// The same panel with the known future of covariates cut to exactly `horizon` steps.
    ///
    /// # Errors
    /// If a covariate has values after the end of the target, but not at all these steps.
    pub fn for_horizon(&self, horizon: usize) -> Result<Self> {
        let panel = self.cut_to(horizon);
        match panel.covariate_too_short(horizon) {
            Some(error) if !self.covariates.is_assumed() => Err(error),
            _ => Ok(panel),
        }
    }

    /// The series with a covariate that is known in the future, but not at every one of the next `horizon` steps: one item
    /// for the first such covariate of each.
    pub(crate) fn incomplete_futures(&self, horizon: usize) -> Vec<IncompleteFuture> {
        // holidays are known at every step
        let is_of_calendar = |kind: &CovariateKind| matches!(kind, CovariateKind::Holidays(_) | CovariateKind::Eves(_));
        let columns = self.covariates.columns().iter().enumerate();
        let known: Vec<(usize, &Covariate)> =
            columns.filter(|(_, column)| column.known_future && !is_of_calendar(&column.kind)).collect();
        if known.is_empty() {
            return Vec::new();
        }
        let of_series = |(series, own): (usize, TimeSeries<'_>)| {
            known.iter().find_map(|(at, column)| {
                let steps: Vec<usize> = self.unknown_steps(series, *at, horizon).collect();
                let (column, first) = (column.name.clone(), own.time_at(own.len() + steps.first()?));
                Some(IncompleteFuture { series, column, missing_steps: steps.len(), first })
            })
        };
        self.iter().enumerate().filter_map(of_series).collect()
    }

    /// The same panel with the known future of covariates cut to exactly `horizon` steps, as far as it is known.
    fn cut_to(&self, horizon: usize) -> Self {
        let mut panel = self.clone();
        panel.covariates.for_each_mut(|which, column, values| {
            let series = &self.series[which];
            let end = series.values.len() + horizon;
            if let CovariateKind::Holidays(country) | CovariateKind::Eves(country) = &column.kind {
                let eves = matches!(column.kind, CovariateKind::Eves(_));
                let steps = (series.start, values.len()..end);
                values.extend(holidays::count_by_step(country, eves, self.frequency, self.zone, steps));
            }
            values.truncate(if column.known_future { end } else { series.values.len() });
        });
        panel
    }

    /// The steps after the end of a series, of the next `horizon`, at which a covariate is not known.
    fn unknown_steps(&self, series: usize, column: usize, horizon: usize) -> impl Iterator<Item = usize> {
        let (end, values) = (self.series[series].values.len(), &self.covariates.values(series)[column]);
        (0..horizon).filter(move |k| values.get(end + k).is_none_or(|value| value.is_nan()))
    }

    /// The error of the first covariate that is known in the future, but not at all steps of the horizon.
    fn covariate_too_short(&self, horizon: usize) -> Option<Error> {
        let (all_series, columns): (Vec<TimeSeries<'_>>, _) = (self.iter().collect(), self.covariates.columns());
        let unknown = |which: usize, column: usize| self.unknown_steps(which, column, horizon);
        let is_too_short =
            |which: usize, column: &usize| columns[*column].known_future && unknown(which, *column).next().is_some();
        let column = (0..self.count()).find_map(|which| (0..columns.len()).find(|at| is_too_short(which, at)))?;
        let steps = (0..self.count()).flat_map(|which| unknown(which, column).map(move |k| (which, k)));
        let steps: Vec<(usize, usize)> = steps.collect();
        let in_words = |(which, k): &(usize, usize)| {
            let series = &all_series[*which];
            let (name, time) = (series.name(), self.format(series.time_at(series.len() + k)));
            if name.is_empty() { time } else { format!("{name} {time}") }
        };
        Some(Error::CovariateTooShort {
            column: columns[column].name.clone(),
            missing: steps.iter().take(MAX_LISTED).map(in_words).collect(),
            count: steps.len(),
            of: horizon * self.count(),
            reach: steps.iter().map(|(_, k)| *k).min().unwrap_or(horizon),
        })
    }

    /// The same panel with other values of covariates at some places: the positions of the series, of the column and of the
    /// step.
    pub(crate) fn with_replaced_covariates(
        mut self,
        places: impl Iterator<Item = ((usize, usize, usize), f64)>,
    ) -> Self {
        places.for_each(|((series, column, step), value)| self.covariates.replace(series, column, step, value));
        self
    }
}
