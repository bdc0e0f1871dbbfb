//! The ledger: every value that is not as the file has it, and what was done.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;
use crate::time::timestamp::Timestamp;

/// One value that is not as the file has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Repair {
    /// The values of the id columns.
    pub series: Vec<String>,
    /// The period; of several in a row that have no value, the first.
    pub time: Timestamp,
    /// What was found and done.
    pub kind: RepairKind,
    /// The value in the file, if there was one.
    pub from: Option<f64>,
    /// The value now, if there is one.
    pub to: Option<f64>,
}

/// What was found and done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RepairKind {
    /// The period had no row: filled.
    Missing,
    /// The period's row had no value: filled.
    Empty,
    /// The period had several rows that agree: merged.
    Duplicate,
    /// The period had several rows that differ: merged as asked for.
    Merged,
    /// The value lies far from all others: models are given less of it, and are still judged by it.
    Spike,
    /// The first rows have no value: left out.
    LeadingBlank,
    /// The last rows have no value: left out.
    TrailingBlank,
    /// The last period is not over: left out.
    Unfinished,
    /// A covariate has no value at a time in the past: the one before it stands.
    Covariate,
}

impl RepairKind {
    /// All of them, in the order in which they are counted.
    pub const ALL: [Self; 9] = [
        Self::Missing,
        Self::Empty,
        Self::Duplicate,
        Self::Merged,
        Self::Spike,
        Self::LeadingBlank,
        Self::TrailingBlank,
        Self::Unfinished,
        Self::Covariate,
    ];

    /// The name in the ledger.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing row filled",
            Self::Empty => "empty value filled",
            Self::Duplicate => "equal rows merged",
            Self::Merged => "different rows merged",
            Self::Spike => "spike clipped",
            Self::LeadingBlank => "leading blank left out",
            Self::TrailingBlank => "trailing blank left out",
            Self::Unfinished => "unfinished period left out",
            Self::Covariate => "covariate filled",
        }
    }

    /// So many of them in words, `unit` being what a period is called: `3 missing days filled`.
    pub(crate) fn counted(self, count: usize, unit: &str) -> String {
        let s = if count == 1 { "" } else { "s" };
        match self {
            Self::Missing => format!("{count} missing {unit} filled"),
            Self::Empty => format!("{count} empty value{s} filled"),
            Self::Duplicate => format!("{count} duplicate row{s} merged"),
            Self::Merged => format!("{count} {unit} with different rows merged"),
            Self::Spike => format!("{count} spike{s} clipped"),
            Self::LeadingBlank => format!("{count} leading blank{s} left out"),
            Self::TrailingBlank => format!("{count} trailing blank{s} left out"),
            Self::Unfinished => format!("{count} unfinished {unit} left out"),
            Self::Covariate => format!("{count} value{s} of covariates filled"),
        }
    }
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.series.is_empty() {
            write!(f, "{}, ", self.series.join(" / "))?;
        }
        let number = |value: Option<f64>| value.map_or_else(|| "nothing".into(), |value| value.to_string());
        let (from, to) = (number(self.from), number(self.to));
        match self.kind {
            RepairKind::Missing => write!(f, "{}: no row, filled with {to}", self.time),
            RepairKind::Empty => write!(f, "{}: no value, filled with {to}", self.time),
            RepairKind::Duplicate => write!(f, "{}: equal rows merged", self.time),
            RepairKind::Merged => write!(f, "{}: rows that differ, the first {from}, merged into {to}", self.time),
            RepairKind::Spike => write!(f, "{}: {from} is far from all else, models are given {to}", self.time),
            RepairKind::LeadingBlank => write!(f, "{}: no value yet, left out", self.time),
            RepairKind::TrailingBlank => write!(f, "{}: no value any more, left out", self.time),
            RepairKind::Unfinished => write!(f, "{}: {from} is of a period that is not over, left out", self.time),
            RepairKind::Covariate => write!(f, "{}: a covariate has no value, filled with {to}", self.time),
        }
    }
}

/// What is done with several rows of one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DuplicatePolicy {
    /// Equal rows are one, different ones an error.
    #[default]
    Equal,
    /// They are added up.
    Sum,
    /// Their mean is taken.
    Mean,
    /// The last in the file's order is taken.
    Last,
    /// Even equal rows are an error.
    Error,
}

impl DuplicatePolicy {
    /// The names as they are written.
    pub const NAMES: [&'static str; 5] = ["equal", "sum", "mean", "last", "error"];
}

impl FromStr for DuplicatePolicy {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Ok(match text.to_lowercase().as_str() {
            "equal" => Self::Equal,
            "sum" => Self::Sum,
            "mean" => Self::Mean,
            "last" => Self::Last,
            "error" => Self::Error,
            _ => {
                let choices = Self::NAMES.map(String::from).to_vec();
                return Err(Error::UnknownName { what: "way with duplicates", given: text.into(), choices });
            }
        })
    }
}

/// What is done with lines and cells that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BadRowPolicy {
    /// They are reported, and nothing is read.
    #[default]
    Error,
    /// They are left out, and counted.
    Skip,
}

impl FromStr for BadRowPolicy {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text.to_lowercase().as_str() {
            "error" => Ok(Self::Error),
            "skip" => Ok(Self::Skip),
            _ => {
                let choices = vec!["error".into(), "skip".into()];
                Err(Error::UnknownName { what: "way with bad rows", given: text.into(), choices })
            }
        }
    }
}

/// What stands in for a value that was not observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GapFill {
    /// What the season suggests, on a line between the neighbours.
    #[default]
    Seasonal,
    /// The last value before.
    LastValue,
}

/// Whether something is repaired, or left as the file has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RepairPolicy {
    /// It is.
    #[default]
    Repair,
    /// It is left as it is.
    Keep,
}
