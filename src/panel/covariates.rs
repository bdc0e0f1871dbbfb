//! Covariates: columns other than the target, and whether their future is known.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::time::Timestamp;

/// A column other than the target that models may use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covariate {
    /// The name of the column in the input, or of a feature of the calendar.
    pub name: String,
    /// The meaning of its numbers.
    pub kind: CovariateKind,
    /// Whether it is known at the steps to forecast. Otherwise only its past is used.
    pub known_future: bool,
}

/// The meaning of the numbers of a covariate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CovariateKind {
    /// Quantities.
    Number,
    /// Categories: a number is a position in this list, or [`NO_CATEGORY`].
    Category(Vec<String>),
    /// The number of public holidays in a step, by the code of the country.
    Holidays(String),
    /// The number of days before public holidays in a step, by the code of the country.
    Eves(String),
}

impl CovariateKind {
    /// What its values are, in words.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Number => "numbers",
            Self::Category(_) => "words",
            Self::Holidays(_) => "holidays",
            Self::Eves(_) => "days before holidays",
        }
    }
}

/// A series with a covariate that is known in the future, but not at every step to forecast.
pub(crate) struct IncompleteFuture {
    /// The position of the series in its panel.
    pub(crate) series: usize,
    /// The name of the covariate.
    pub(crate) column: String,
    /// The number of steps without a value, at least 1.
    pub(crate) missing_steps: usize,
    /// The time of the first of them.
    pub(crate) first: Timestamp,
}

/// The maximum number of categories of a covariate. Rarer words have no category.
pub(crate) const MAX_CATEGORIES: usize = 20;

/// The number of a cell that is in none of the categories.
pub const NO_CATEGORY: f64 = -1.0;

/// The covariates of a panel. Most panels have none.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Covariates {
    columns: Vec<Covariate>,
    /// The number of steps after a cutoff that a backtest may use of columns that end with the target.
    assumed_steps: usize,
    /// `[series][column][step]`: finite up to the end of the series, and NaN at unknown steps after it.
    values: Vec<Vec<Vec<f64>>>,
}

impl Covariates {
    /// Builds covariates of series of these lengths from `values`, `[series][column][step]`, as
    /// [`Panel::with_covariates`](crate::panel::Panel::with_covariates) describes.
    pub(crate) fn new(mut columns: Vec<Covariate>, values: Vec<Vec<Vec<f64>>>, lengths: &[usize]) -> Self {
        assert_eq!(values.len(), lengths.len(), "covariates of every series");
        for (own, length) in values.iter().zip(lengths) {
            assert_eq!(own.len(), columns.len(), "every covariate of every series");
            for (column, values) in columns.iter_mut().zip(own) {
                assert!(values.len() >= *length, "a covariate is at least as long as its series");
                assert!(values[..*length].iter().all(|v| v.is_finite()), "a covariate is known in the past");
                column.known_future |= values.len() > *length;
            }
        }
        let values = if columns.is_empty() { Vec::new() } else { values };
        Self { columns, assumed_steps: 0, values }
    }

    /// The columns, in the order of the request.
    pub fn columns(&self) -> &[Covariate] {
        &self.columns
    }

    /// Whether there are no covariates.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The values of one series, `[column][step]`: its past, then its known future.
    pub fn values(&self, series: usize) -> &[Vec<f64>] {
        &self.values[series]
    }

    /// The covariates in words: `temperature, holiday known in the future; wind past only`.
    pub fn in_words(&self) -> String {
        let part = |(known_future, words): (bool, &str)| {
            let columns = self.columns.iter().filter(|column| column.known_future == known_future);
            let names: Vec<&str> = columns.map(|column| column.name.as_str()).collect();
            (!names.is_empty()).then(|| format!("{} {words}", names.join(", ")))
        };
        let parts = [(true, "known in the future"), (false, "past only")].into_iter().filter_map(part);
        parts.collect::<Vec<String>>().join("; ")
    }

    /// The same covariates, with the named ones known for `steps` after every cutoff of a backtest.
    pub(crate) fn assuming_known(mut self, names: &[String], steps: usize) -> Result<Self> {
        for name in names {
            let Some(at) = self.columns.iter().position(|column| column.name == *name) else {
                return Err(Error::unknown_name("covariate", name, self.columns.into_iter().map(|column| column.name)));
            };
            self.columns[at].known_future = true;
        }
        self.assumed_steps = steps;
        Ok(self)
    }

    /// The values of one series, `[column][step]`, before a cutoff `steps` before its end. `length` and `kept` are the
    /// numbers of its values before and after the cut.
    pub(crate) fn cut(&self, series: usize, length: usize, steps: usize, kept: usize) -> Vec<Vec<f64>> {
        let cut = |(column, values): (&Covariate, &Vec<f64>)| {
            let future = if values.len() > length { values.len() - length } else { self.assumed_steps };
            let known = if column.known_future { length.saturating_sub(steps) + future } else { kept };
            values[..known.clamp(kept, values.len())].to_vec()
        };
        self.columns.iter().zip(&self.values[series]).map(cut).collect()
    }

    /// The same columns with other values.
    pub(crate) fn with_values(&self, values: Vec<Vec<Vec<f64>>>) -> Self {
        Self { columns: self.columns.clone(), values, ..*self }
    }

    /// Replaces a value, if the covariate is known at the step.
    pub(crate) fn replace(&mut self, series: usize, column: usize, step: usize, value: f64) {
        self.values[series][column].get_mut(step).iter_mut().for_each(|own| **own = value);
    }

    pub(crate) fn for_each_mut(&mut self, mut call: impl FnMut(usize, &Covariate, &mut Vec<f64>)) {
        for (series, own) in self.values.iter_mut().enumerate() {
            for (column, values) in self.columns.iter().zip(own) {
                call(series, column, values);
            }
        }
    }

    /// Whether a backtest may use steps of covariates that the file does not have after its end.
    pub(crate) fn is_assumed(&self) -> bool {
        self.assumed_steps > 0
    }

    /// The same covariates with at most `max` categories of each column: the most frequent in the past of all series, whose
    /// `lengths` are given. Other values have no category.
    pub(crate) fn with_frequent_categories(&self, lengths: &[usize], max: usize) -> Self {
        let mut columns = self.columns.clone();
        for (at, column) in columns.iter_mut().enumerate() {
            let CovariateKind::Category(labels) = &mut column.kind else { continue };
            let mut counts = vec![0_usize; labels.len()];
            for (own, length) in self.values.iter().zip(lengths) {
                let known = own[at][..*length].iter().filter(|value| **value >= 0.0);
                known.for_each(|value| counts[*value as usize] += 1);
            }
            let mut kept: Vec<usize> = (0..labels.len()).filter(|label| counts[*label] > 0).collect();
            kept.sort_by_key(|label| (std::cmp::Reverse(counts[*label]), *label));
            kept.truncate(max);
            kept.sort_unstable();
            *labels = kept.into_iter().map(|label| std::mem::take(&mut labels[label])).collect();
        }
        self.matching(&columns).expect("the same columns with fewer categories")
    }

    /// The columns that a model was trained on, in its order and with its categories. It is an error if one is missing or of
    /// another kind, or if there are others.
    pub(crate) fn matching(&self, wanted: &[Covariate]) -> Result<Self> {
        let same_kind =
            |one: &Covariate, other: &Covariate| one.kind.name() == other.kind.name() && one.name == other.name;
        let position = |want: &Covariate| self.columns.iter().position(|column| same_kind(column, want));
        let positions: Option<Vec<usize>> = wanted.iter().map(position).collect();
        let Some(positions) = positions.filter(|found| found.len() == self.columns.len()) else {
            let other_kind = |want: &Covariate| {
                let given = self.columns.iter().find(|column| column.name == want.name && !same_kind(column, want))?;
                let (wanted, got) = (want.kind.name(), given.kind.name());
                Some(Error::CovariateKindMismatch { column: want.name.clone(), wanted, got })
            };
            let names = |columns: &[Covariate]| columns.iter().map(|column| column.name.clone()).collect();
            let others = || Error::CovariateMismatch { wanted: names(wanted), got: names(&self.columns) };
            return Err(wanted.iter().find_map(other_kind).unwrap_or_else(others));
        };
        let values = self.values.iter().map(|own| {
            let column = |(want, at): (&Covariate, &usize)| recoded(&own[*at], &self.columns[*at].kind, want);
            wanted.iter().zip(&positions).map(column).collect()
        });
        Ok(Self { columns: wanted.to_vec(), assumed_steps: self.assumed_steps, values: values.collect() })
    }
}

/// Values in the categories of another covariate.
fn recoded(values: &[f64], kind: &CovariateKind, want: &Covariate) -> Vec<f64> {
    let (CovariateKind::Category(own), CovariateKind::Category(wanted)) = (kind, &want.kind) else {
        return values.to_vec();
    };
    let code = |label| wanted.iter().position(|other| other == label).map_or(NO_CATEGORY, |at| at as f64);
    let codes: Vec<f64> = own.iter().map(code).collect();
    values.iter().map(|value| if *value >= 0.0 { codes[*value as usize] } else { *value }).collect()
}
