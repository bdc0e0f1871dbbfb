//! The repair log: every value that differs from the file, and the policies for repairs.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;
use crate::time::timestamp::Timestamp;

/// One value that differs from the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Repair {
    /// The values of the id columns.
    pub series: Vec<String>,
    /// The time. For a run of blanks it is the first one.
    pub time: Timestamp,
    /// The problem and its repair.
    pub kind: RepairKind,
    /// The value in the file, if any.
    pub from: Option<f64>,
    /// The value in the panel, if any.
    pub to: Option<f64>,
}

/// A problem and its repair, in the order of summaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RepairKind {
    /// A time without a row, filled.
    Missing,
    /// A row without a value, filled.
    Empty,
    /// Several equal rows of one time, merged.
    Duplicate,
    /// Several different rows of one time, merged by the [`DuplicatePolicy`].
    Merged,
    /// A value far from all others, clipped for models. Forecasts are scored against the value in the file.
    Spike,
    /// A last value far outside the usual range, replaced for models. Forecasts are scored against the value in the file.
    LastOutlier,
    /// Rows without a value at the start, left out.
    LeadingBlank,
    /// Rows without a value at the end, left out.
    TrailingBlank,
    /// An unfinished period at the end, left out.
    Unfinished,
    /// A covariate without a value in the past, filled with the value before.
    Covariate,
}

impl RepairKind {
    /// The name in repairs.csv.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing row filled",
            Self::Empty => "empty value filled",
            Self::Duplicate => "equal rows merged",
            Self::Merged => "different rows merged",
            Self::Spike => "spike clipped",
            Self::LastOutlier => "last outlier replaced",
            Self::LeadingBlank => "leading blank left out",
            Self::TrailingBlank => "trailing blank left out",
            Self::Unfinished => "unfinished period left out",
            Self::Covariate => "covariate filled",
        }
    }

    /// The kind with this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let all = [
            Self::Missing,
            Self::Empty,
            Self::Duplicate,
            Self::Merged,
            Self::Spike,
            Self::LastOutlier,
            Self::LeadingBlank,
            Self::TrailingBlank,
            Self::Unfinished,
            Self::Covariate,
        ];
        all.into_iter().find(|kind| kind.name() == name)
    }

    /// A number of repairs in words: `3 missing days filled`. `unit` is the name of the steps.
    pub(crate) fn count_in_words(self, count: usize, unit: &str) -> String {
        let s = if count == 1 { "" } else { "s" };
        match self {
            Self::Missing => format!("{count} missing {unit} filled"),
            Self::Empty => format!("{count} empty value{s} filled"),
            Self::Duplicate => format!("{count} duplicate row{s} merged"),
            Self::Merged => format!("{count} {unit} with different rows merged"),
            Self::Spike => format!("{count} spike{s} clipped"),
            Self::LastOutlier => format!("{count} last outlier{s} replaced"),
            Self::LeadingBlank => format!("{count} leading blank{s} left out"),
            Self::TrailingBlank => format!("{count} trailing blank{s} left out"),
            Self::Unfinished => format!("{count} unfinished {unit} left out"),
            Self::Covariate => format!("{count} value{s} of covariates filled"),
        }
    }
}

impl Repair {
    /// The series, the time and the repair in words. `time` is [`Repair::time`] as the file writes it, by
    /// [`Panel::format`](crate::Panel::format).
    pub fn in_words(&self, time: &str) -> String {
        let number = |value: Option<f64>| value.map_or_else(|| "nothing".into(), |value| value.to_string());
        let (from, to) = (number(self.from), number(self.to));
        let what = match self.kind {
            RepairKind::Missing => format!("no row, filled with {to}"),
            RepairKind::Empty => format!("no value, filled with {to}"),
            RepairKind::Duplicate => "equal rows merged".into(),
            RepairKind::Merged => format!("different rows, the first {from}, merged into {to}"),
            RepairKind::Spike => format!("{from} is far from all other values, models get {to}"),
            RepairKind::LastOutlier => {
                format!("the last value, {from}, is far outside the usual range, models get {to}")
            }
            RepairKind::LeadingBlank => "no value yet, left out".into(),
            RepairKind::TrailingBlank => "no later value, left out".into(),
            RepairKind::Unfinished => format!("{from} is of an unfinished period, left out"),
            RepairKind::Covariate => format!("a covariate has no value, filled with {to}"),
        };
        let of = if self.series.is_empty() { String::new() } else { self.series.join(" / ") + ", " };
        format!("{of}{time}: {what}")
    }
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_words(&self.time.to_string()))
    }
}

/// The policy for several rows of one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DuplicatePolicy {
    /// Merges equal rows; different rows are an error.
    #[default]
    Equal,
    /// Takes the sum.
    Sum,
    /// Takes the mean.
    Mean,
    /// Takes the last row in the order of the file.
    Last,
    /// Equal rows are an error, too.
    Error,
}

impl FromStr for DuplicatePolicy {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let policies = [
            ("equal", Self::Equal),
            ("sum", Self::Sum),
            ("mean", Self::Mean),
            ("last", Self::Last),
            ("error", Self::Error),
        ];
        Error::named("duplicate policy", text, &policies)
    }
}

/// The policy for lines and cells that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BadRowPolicy {
    /// Reports them as an error.
    #[default]
    Error,
    /// Leaves them out, and counts them.
    Skip,
}

impl FromStr for BadRowPolicy {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Error::named("bad row policy", text, &[("error", Self::Error), ("skip", Self::Skip)])
    }
}

/// How missing values are filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GapFill {
    /// By the season, and a line between the neighbours.
    #[default]
    Seasonal,
    /// With the last value before.
    LastValue,
    /// Times without a row are 0, as if nothing had happened then. Rows without a value are filled by the season.
    Zero,
}

impl FromStr for GapFill {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let choices = [("fill", Self::Seasonal), ("last", Self::LastValue), ("zero", Self::Zero)];
        Error::named("way to fill gaps", text, &choices)
    }
}

/// Whether a problem is repaired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RepairPolicy {
    /// Repairs it.
    #[default]
    Repair,
    /// Keeps the values of the file.
    Keep,
}
