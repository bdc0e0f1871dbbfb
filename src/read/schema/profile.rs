//! What a column looks like: by its name, and by its cells.

use crate::read::parse::datetime::Reading;
use crate::read::parse::number;
use crate::read::parse::number::Decimal;
use crate::read::parse::time_index;
use crate::read::schema::ids;
use crate::read::table::{Cells, Column};

/// Names of time columns, the surest first.
const TIMES: [&str; 17] = [
    "ds",
    "datetime",
    "timestamp",
    "date",
    "time",
    "ts",
    "dt",
    "month",
    "week",
    "quarter",
    "year",
    "yearmonth",
    "yyyymm",
    "period",
    "day",
    "hour",
    "dates",
];
/// Names of counted steps, which order rows where there is nothing better.
const STEPS: [&str; 6] = ["index", "idx", "step", "t", "row", "obs"];
/// Names of what is forecast, the surest first.
pub(crate) const TARGETS: [&str; 4] = ["y", "target", "value", "values"];
/// Names of columns that always tell series apart.
const SURE_IDS: [&str; 6] = ["uniqueid", "itemid", "seriesid", "tsid", "series", "seriesname"];
/// Names of numbers that may tell series apart, alone or with one of [`NUMBERINGS`].
const NUMBERED: [&str; 16] = [
    "store",
    "shop",
    "item",
    "sku",
    "product",
    "dept",
    "department",
    "station",
    "sensor",
    "meter",
    "customer",
    "region",
    "warehouse",
    "branch",
    "article",
    "zone",
];
/// What is added to a thing's name for its number.
const NUMBERINGS: [&str; 8] = ["id", "nbr", "nr", "no", "num", "number", "code", "key"];
/// Names of numbers that only say when.
const PARTS: [&str; 12] = [
    "year",
    "month",
    "day",
    "hour",
    "minute",
    "quarter",
    "week",
    "weekday",
    "dayofweek",
    "dayofyear",
    "weekofyear",
    "season",
];

/// What a column looks like.
#[expect(clippy::struct_excessive_bools, reason = "each says one thing of the cells, in any combination")]
pub(crate) struct ColumnProfile {
    /// The name in lower case, letters and digits only.
    pub(crate) name: String,
    /// Whether the name ends in the word `id`: not `paid`, not `bid`.
    says_id: bool,
    /// The share of its cells that are numbers.
    numbers: f64,
    /// The reading as times that most cells allow, and their share.
    times: Option<(Reading, f64)>,
    /// Whether its cells are whole numbers.
    pub(crate) whole: bool,
    /// Whether its first cells count on by one.
    counts: bool,
    /// Whether they ascend.
    ascends: bool,
    /// Whether it holds nothing.
    empty: bool,
}

/// Whether the first cells of a sample count on by one, and whether they ascend at all.
fn order(sample: &[String]) -> (bool, bool) {
    let numbers: Option<Vec<i64>> = sample.iter().take(100).map(|cell| cell.trim().parse().ok()).collect();
    let Some(numbers) = numbers else { return (false, false) };
    let all = |fits: fn(i64, i64) -> bool| numbers.windows(2).all(|pair| fits(pair[0], pair[1]));
    (all(|one, next| next.checked_sub(one) == Some(1)), all(|one, next| next > one))
}

impl ColumnProfile {
    pub(crate) fn at(column: &Column, sample: &[String], decimal: Decimal) -> Self {
        let name: String = column.name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
        let (numbers, times) = match column.cells {
            Cells::Times { .. } => (0.0, Some((Reading::YearFirst, 1.0))),
            Cells::Numbers(_) => (if sample.is_empty() { 0.0 } else { 1.0 }, None),
            Cells::Field { .. } | Cells::Text(_) | Cells::Integers(_) => {
                (number::share(sample, decimal), time_index::likely(sample))
            }
        };
        let says_id = name == "id" || ["_id", "-id", " id", "Id", "ID"].iter().any(|end| column.name.ends_with(end));
        let (counts, ascends) = order(sample);
        Self {
            name,
            says_id,
            numbers,
            times,
            whole: ids::whole_numbers(sample),
            counts,
            ascends,
            empty: sample.is_empty(),
        }
    }

    /// How surely it is the time column.
    pub(crate) fn time_score(&self) -> Option<usize> {
        let rank = TIMES.iter().position(|name| *name == self.name).map(|rank| 100 - rank);
        let part = ["date", "time"].iter().any(|part| self.name.starts_with(part) || self.name.ends_with(part));
        let named = rank.or(part.then_some(50)).or(self.name.contains("year").then_some(40));
        let (reading, share) = self.times.unwrap_or((Reading::Index, 0.0));
        match named {
            _ if self.is_sure_id() => None,
            _ if share >= 0.5 && !reading.is_number() => Some(1_000 + named.unwrap_or(0)),
            // a bare month or hour says less than the year or date beside it
            Some(named) if share >= 0.5 && self.is_part() && reading == Reading::Index => Some(200 + named),
            Some(named) if share >= 0.5 => Some(500 + named),
            // named like one: if nothing better is there, its cells are reported
            Some(_) if rank.is_some() && self.numbers < 0.5 => Some(2),
            // without a header the first column of dates in digits is the time
            None if self.name == "column1" && share >= 1.0 && !reading.is_index() => Some(3),
            None if self.name == "column1" && share >= 1.0 && reading.is_year() && self.counts => Some(3),
            None if STEPS.contains(&self.name.as_str()) && reading.is_index() && share >= 1.0 => Some(1),
            _ => None,
        }
    }

    /// Whether its cells are dates, or its name says so of its numbers.
    pub(crate) fn is_surely_time(&self) -> bool {
        self.time_score().is_some_and(|score| score >= 200)
    }

    /// Whether its name says that it tells series apart.
    pub(crate) fn is_sure_id(&self) -> bool {
        SURE_IDS.contains(&self.name.as_str())
    }

    /// Whether its name says that it holds a part of a time.
    pub(crate) fn is_part(&self) -> bool {
        PARTS.contains(&self.name.as_str())
    }

    pub(crate) fn is_number(&self) -> bool {
        self.numbers >= 0.5
    }

    /// Whether it holds words: neither numbers nor times.
    pub(crate) fn is_words(&self) -> bool {
        !self.empty && !self.is_number() && !self.times.is_some_and(|(_, share)| share >= 0.5)
    }

    /// A column without a name, or the row numbers that some programs write beside the data.
    pub(crate) fn is_row_number(&self) -> bool {
        self.whole
            && self.ascends
            && (self.name.starts_with("unnamed")
                || self.name.starts_with("column")
                || STEPS.contains(&self.name.as_str()))
    }

    /// Whether it holds the numbers of things rather than quantities.
    pub(crate) fn is_numbered(&self) -> bool {
        let numbers = |thing: &str| {
            self.name.strip_prefix(thing).is_some_and(|rest| rest.is_empty() || NUMBERINGS.contains(&rest))
        };
        self.whole && (self.says_id || NUMBERED.into_iter().any(numbers))
    }
}
