//! How the cells of a file are written, as far as the file shows it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::read::notice::Notice;
use crate::read::parse::number::Decimal;
use crate::time::DateOrder;

/// How the numbers and the dates of a file are written, as far as the file shows it.
///
/// Few rows can often be read in two ways. [`ReadOptions`](crate::read::ReadOptions) then decides, with those of an earlier file.
///
/// ```
/// use forecast::read::{Decimal, ReadOptions, Source, read};
///
/// let earlier = Source::Bytes("day;price\n2024-01-01;1,25\n2024-01-02;1,5\n".into());
/// let conventions = read(&earlier, &ReadOptions::default())?.conventions;
/// assert_eq!(conventions.decimal, Some(Decimal::Comma));
/// let newer = Source::Bytes("day;price\n2024-01-03;1.206\n2024-01-04;1.310\n".into());
/// let dataset = read(&newer, &ReadOptions { conventions, ..ReadOptions::default() })?;
/// assert!(dataset.panel.iter().all(|series| series.values == [1206.0, 1310.0]));
/// # Ok::<(), forecast::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conventions {
    /// The decimal mark; `None` if no number has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimal: Option<Decimal>,
    /// The order of day and month; `None` if no date depends on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dates: Option<DateOrder>,
    /// Numbers that stand for a missing value, such as -999, each once, by the names of their columns.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub missing: BTreeMap<String, Vec<String>>,
}

impl Conventions {
    /// The conventions of a file, whose notices name the numbers that stand for a missing value.
    pub(crate) fn new(decimal: Option<Decimal>, dates: Option<DateOrder>, notices: &[Notice]) -> Self {
        let mut missing: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for notice in notices {
            if let Notice::MissingCode { column, code, .. } = notice {
                missing.entry(column.clone()).or_default().push(code.to_string());
            }
        }
        for codes in missing.values_mut() {
            codes.sort();
            codes.dedup();
        }
        Self { decimal, dates, missing }
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Notices on what differs from an earlier file.
    pub(crate) fn differences(&self, earlier: &Self) -> Vec<Notice> {
        let decimal = self.decimal.filter(|own| earlier.decimal.is_some_and(|earlier| earlier != *own));
        let dates = self.dates.filter(|own| earlier.dates.is_some_and(|earlier| earlier != *own));
        let decimal = decimal.map(|own| Notice::OtherDecimal { mark: own.name() });
        let dates = dates.map(|own| Notice::OtherDateOrder { first: own.first() });
        decimal.into_iter().chain(dates).collect()
    }
}
