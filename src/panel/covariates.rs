//! Columns beside the target, step by step, and how far ahead of it each is known.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// A column beside the target that models may use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covariate {
    /// The column's name in the input, or what was made of the calendar.
    pub name: String,
    /// What its numbers stand for.
    pub kind: CovariateKind,
    /// Whether it is known for the steps that are forecast, too; otherwise only its past is.
    pub known_future: bool,
}

/// What the numbers of a covariate stand for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CovariateKind {
    /// Amounts.
    Number,
    /// Words: a number is the word's place in this list, and [`NO_CATEGORY`] stands for none of them.
    Category(Vec<String>),
    /// The public holidays of a country, by its code: days of a step that are holidays.
    Holidays(String),
    /// The days before them, in the same way.
    Eves(String),
}

/// Stands for a cell that is none of a covariate's categories.
pub const NO_CATEGORY: f64 = -1.0;

/// The covariates of a panel; none in most.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Covariates {
    columns: Vec<Covariate>,
    /// Steps after a cutoff for which columns count as known that have no value after the last target.
    assumed: usize,
    /// A value a step, by series and column. Finite wherever the series has a value; after its end NaN where it is not
    /// known, and as long as anything is.
    values: Vec<Vec<Vec<f64>>>,
}

impl Covariates {
    /// Puts them together: [series][column][step], in the panel's order of series. What has a value after the end of its
    /// series, `lengths` steps, is known ahead.
    ///
    /// # Panics
    /// If a promise of the fields is broken: that is a mistake of the caller, not of the data.
    pub(crate) fn new(mut columns: Vec<Covariate>, values: Vec<Vec<Vec<f64>>>, lengths: &[usize]) -> Self {
        assert_eq!(values.len(), lengths.len(), "covariates for every series");
        for (own, length) in values.iter().zip(lengths) {
            assert_eq!(own.len(), columns.len(), "every covariate for every series");
            for (column, values) in columns.iter_mut().zip(own) {
                assert!(values.len() >= *length, "a covariate is as long as its series at least");
                assert!(values[..*length].iter().all(|v| v.is_finite()), "a covariate is known throughout the past");
                column.known_future |= values.len() > *length;
            }
        }
        Self { columns, assumed: 0, values }
    }

    /// The columns, in the order in which they were asked for.
    pub fn columns(&self) -> &[Covariate] {
        &self.columns
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The values of one series, by column and step: those of its past, and after them what is known ahead.
    ///
    /// # Panics
    /// If there is no such series.
    pub fn values(&self, series: usize) -> &[Vec<f64>] {
        &self.values[series]
    }

    /// `temperature, holiday known ahead; wind past only`
    pub fn in_words(&self) -> String {
        let named = |ahead: bool| {
            let names =
                self.columns.iter().filter(|column| column.known_future == ahead).map(|column| column.name.as_str());
            names.collect::<Vec<_>>().join(", ")
        };
        let (ahead, past) = (named(true), named(false));
        match (ahead.is_empty(), past.is_empty()) {
            (false, false) => format!("{ahead} known ahead; {past} past only"),
            (false, true) => format!("{ahead} known ahead"),
            _ => format!("{past} past only"),
        }
    }

    /// The same, those named counting as known ahead at every cutoff in the past by as many steps as are forecast.
    pub(crate) fn assuming(mut self, names: &[String], steps: usize) -> Result<Self> {
        for name in names {
            let there = || self.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>();
            let choices = there();
            let column = self.columns.iter_mut().find(|column| column.name == *name);
            let Some(column) = column else {
                return Err(Error::UnknownName { what: "covariate of this run", given: name.clone(), choices });
            };
            column.known_future = true;
        }
        self.assumed = steps;
        Ok(self)
    }

    /// What is left of one series' when its last `steps` are not known, and it keeps `kept` of its `length` values.
    pub(crate) fn cut(&self, series: usize, length: usize, steps: usize, kept: usize) -> Vec<Vec<f64>> {
        let cut = |(column, values): (&Covariate, &Vec<f64>)| {
            let lead = if values.len() > length { values.len() - length } else { self.assumed };
            let known = if column.known_future { length.saturating_sub(steps) + lead } else { kept };
            values[..known.clamp(kept, values.len())].to_vec()
        };
        self.columns.iter().zip(&self.values[series]).map(cut).collect()
    }

    /// The same columns with other values.
    pub(crate) fn with_values(&self, values: Vec<Vec<Vec<f64>>>) -> Self {
        Self { columns: self.columns.clone(), values, ..*self }
    }

    /// Goes through the columns one by one, of every series.
    pub(crate) fn for_each_mut(&mut self, mut call: impl FnMut(usize, &Covariate, &mut Vec<f64>)) {
        for (series, own) in self.values.iter_mut().enumerate() {
            for (column, values) in self.columns.iter().zip(own) {
                call(series, column, values);
            }
        }
    }

    /// Whether what is known ahead is only said to be.
    pub(crate) fn is_assumed(&self) -> bool {
        self.assumed > 0
    }

    /// The columns that a model learned from, in its order and with its categories.
    ///
    /// # Errors
    /// If one is missing here, or of another kind.
    pub(crate) fn like(&self, wanted: &[Covariate]) -> Result<Self> {
        let names = |columns: &[Covariate]| columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>();
        let other = || Error::CovariateMismatch { wanted: names(wanted), got: names(&self.columns) };
        let mut places = Vec::with_capacity(wanted.len());
        for want in wanted {
            let place = self.columns.iter().position(|column| column.name == want.name).ok_or_else(other)?;
            let same = std::mem::discriminant(&self.columns[place].kind) == std::mem::discriminant(&want.kind);
            places.push(Some(place).filter(|_| same).ok_or_else(other)?);
        }
        if self.columns.len() != wanted.len() {
            return Err(other());
        }
        let values = self.values.iter().map(|own| {
            let column = |(want, place): (&Covariate, &usize)| recoded(&own[*place], &self.columns[*place].kind, want);
            wanted.iter().zip(&places).map(column).collect()
        });
        Ok(Self { columns: wanted.to_vec(), assumed: self.assumed, values: values.collect() })
    }
}

/// Values by the categories of another covariate.
fn recoded(values: &[f64], kind: &CovariateKind, want: &Covariate) -> Vec<f64> {
    let (CovariateKind::Category(own), CovariateKind::Category(wanted)) = (kind, &want.kind) else {
        return values.to_vec();
    };
    let places: Vec<f64> = own
        .iter()
        .map(|label| wanted.iter().position(|other| other == label).map_or(NO_CATEGORY, |at| at as f64))
        .collect();
    let code = |value: &f64| if *value >= 0.0 { places[*value as usize] } else { *value };
    values.iter().map(code).collect()
}
