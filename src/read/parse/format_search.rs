//! The search for the date format of a column.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::read::parse::century::CenturyWindow;
use crate::read::parse::date_format::{DateFormat, MonthPosition, parse_decimal_year};
use crate::read::parse::flag::without_flag;
use crate::read::parse::time_spans;
use crate::read::table::Cells;
use crate::time::DateOrder;
use crate::time::timestamp::{datetime_at, month_number};

/// How times are read that can be read in several ways.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct DateRules {
    /// The order of day and month that is asked for. No date is read in another one.
    pub(crate) given: Option<DateOrder>,
    /// The order of an earlier file. Dates that fit both orders are read in this one.
    pub(crate) earlier: Option<DateOrder>,
    /// Whether `2024KW01` is a quarter or a week, and `2024.1` a quarter or a month, by the frequency that is asked for, that of
    /// an earlier file, or the name of the column.
    pub(crate) are_quarters: Option<bool>,
}

/// The format that parses the most cells of a sample, and the share of cells that it parses. If most cells are spans, it
/// is that of their starts; if they have flags, that of the cells without them.
pub(crate) fn likely_format(sample: &[String]) -> Option<(DateFormat, f64)> {
    let most =
        |sample: &[String]| formats_by_count(sample, DateRules::default(), Search::UntilOneFitsAll).into_iter().next();
    let share = |(count, format): (usize, DateFormat)| (format, count as f64 / sample.len() as f64);
    let found = most(sample);
    if found.is_some_and(|(count, _)| count * 2 >= sample.len()) {
        return found.map(share);
    }
    let starts = time_spans::starts(sample);
    if let Some(of_starts) = starts.and_then(|starts| most(&starts)).filter(|(_, f)| time_spans::are_spans(sample, *f))
    {
        return Some(share(of_starts));
    }
    let without_flags: Vec<String> = sample.iter().map(|cell| without_flag(cell).unwrap_or(cell).to_owned()).collect();
    let of_flagged = if without_flags == sample { None } else { most(&without_flags) };
    of_flagged.filter(|(_, format)| !format.is_index() || format.is_year()).or(found).map(share)
}

/// Which formats are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Search {
    All,
    /// No more after one that parses all cells, since none parses more. It is the first of the formats that are found.
    UntilOneFitsAll,
}

pub(crate) fn is_allowed(format: DateFormat, order: Option<DateOrder>) -> bool {
    match order {
        Some(DateOrder::DayFirst) => format != DateFormat::MonthFirst,
        Some(DateOrder::MonthFirst) => format != DateFormat::DayFirst,
        None => true,
    }
}

/// The formats that parse any cell of a sample, each with its number of cells, by descending number. If a format of dates
/// parses half of the cells, the others are not read as another kind of number.
pub(crate) fn formats_by_count(sample: &[String], rules: DateRules, search: Search) -> Vec<(usize, DateFormat)> {
    let mut counted: Vec<(usize, DateFormat)> = Vec::new();
    for format in DateFormat::ALL.into_iter().filter(|format| is_allowed(*format, rules.given)) {
        let cells = sample.iter().filter(|cell| format.parse(cell, CenturyWindow::DEFAULT).is_some()).count();
        if cells > 0 {
            counted.push((cells, format));
        }
        // such a number may be left out below
        let is_certain = !matches!(
            format,
            DateFormat::YearPointQuarter | DateFormat::YearWeek | DateFormat::Index | DateFormat::Epoch { .. }
        );
        if search == Search::UntilOneFitsAll && is_certain && cells > 0 && cells == sample.len() {
            break;
        }
    }
    let of_half =
        |wanted: DateFormat| counted.iter().any(|(cells, format)| *format == wanted && cells * 2 >= sample.len());
    let (are_months, are_days) = (of_half(DateFormat::YearMonth), of_half(DateFormat::Compact));
    counted.retain(|(_, format)| match format {
        DateFormat::YearPointQuarter => rules.are_quarters.unwrap_or_else(|| are_quarters_after_point(sample)),
        DateFormat::YearWeek => !are_months,
        DateFormat::Index | DateFormat::Epoch { .. } => !are_months && !are_days,
        _ => true,
    });
    counted.sort_by_key(|(cells, _)| Reverse(*cells));
    counted
}

impl DateFormat {
    /// Whether the cells of a column agree on a format that all of them fit.
    pub(crate) fn suits(self, cells: &Cells, rules: DateRules) -> bool {
        let (mut has_one, mut has_ten) = (false, false);
        let mut positions: HashSet<MonthPosition> = HashSet::new();
        match self {
            // In `2012.1` and `2012.10` no zero is missing.
            Self::YearPointMonth => {
                cells.for_each(|_, cell| {
                    let fraction =
                        cell.and_then(|cell| cell.trim().split_once(['.', ','])).map(|(_, rest)| rest.trim_start());
                    has_one |= fraction == Some("1");
                    has_ten |= fraction == Some("10");
                });
                !(has_one && has_ten)
            }
            Self::DecimalYear => {
                cells.for_each(|_, cell| {
                    let position = cell.and_then(|cell| parse_decimal_year(cell.trim())).map(|(_, position)| position);
                    positions.extend(position);
                });
                positions.len() <= 1
            }
            Self::QuarterKw => rules.are_quarters.unwrap_or_else(|| are_quarters(cells)),
            _ => true,
        }
    }
}

/// Whether the first cells of a sample are at least six months, each after the one before, or each before it. One month may be
/// in several cells. The next series may begin with the first month again. They are of at least two years, since prices may be
/// consecutive numbers from 1999.01 to 1999.09.
pub(crate) fn are_consecutive_months(sample: &[impl AsRef<str>], format: DateFormat) -> bool {
    const MIN_MONTHS: usize = 6;
    let months = first_months(sample, format).unwrap_or_default();
    let have_step = |step: i64| months.windows(2).all(|pair| pair[1] - pair[0] == step || pair[1] == months[0]);
    let distinct: BTreeSet<&i64> = months.iter().collect();
    let years: BTreeSet<i64> = months.iter().map(|month| month.div_euclid(12)).collect();
    distinct.len() >= MIN_MONTHS && years.len() > 1 && (have_step(1) || have_step(-1))
}

/// Whether most steps between the first cells of a sample are equal, in months. Those between quantities such as 1610.5 and
/// 1632.9 are not. Several cells may have the same month. Two quantities in a short column are no months, either.
pub(crate) fn have_usual_step(sample: &[impl AsRef<str>], format: DateFormat) -> bool {
    const MIN_STEPS: usize = 2;
    const MAX_STEP: i64 = 12;
    let months = first_months(sample, format).unwrap_or_default();
    let steps: Vec<i64> = months.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let mut counts: HashMap<i64, usize> = HashMap::new();
    steps.iter().for_each(|step| *counts.entry(*step).or_default() += 1);
    counts.iter().any(|(step, count)| *count >= MIN_STEPS && count * 2 > steps.len() && step.abs() <= MAX_STEP)
}

/// The numbers of the months of the first cells, without those that repeat the one before. `None` if a cell is no month.
fn first_months(sample: &[impl AsRef<str>], format: DateFormat) -> Option<Vec<i64>> {
    const MAX_CELLS: usize = 100;
    let month = |cell: &str| {
        let time = format.parse(cell, CenturyWindow::DEFAULT)?;
        datetime_at(time.ticks).map(month_number)
    };
    let mut months: Vec<i64> = Vec::new();
    for cell in sample {
        let month = month(cell.as_ref())?;
        if months.last() != Some(&month) {
            months.push(month);
        }
        if months.len() == MAX_CELLS {
            break;
        }
    }
    Some(months)
}

/// Whether cells are months in digits, such as `2015,01`, `2020.01` or `01.2020`. Their mark is no decimal mark, since
/// such numbers would not follow each other, have only these fractions, or begin with a zero.
pub(crate) fn are_months_in_digits(sample: &[impl AsRef<str>]) -> bool {
    /// The least number of months that follow each other.
    const MIN_CONSECUTIVE: usize = 3;
    /// The least number of different months whose order does not matter.
    const MIN_DISTINCT: usize = 6;
    let Some(first) = sample.first().map(AsRef::as_ref) else { return false };
    let are_months = |format: &DateFormat| {
        // A year before a comma is evidence only if the months of several years follow each other.
        if first.contains(',') {
            return are_consecutive_months(sample, *format);
        }
        let Some(months) = first_months(sample, *format) else { return false };
        let distinct: BTreeSet<i64> = months.iter().copied().collect();
        let have_step = |step: i64| months.windows(2).all(|pair| pair[1] - pair[0] == step || pair[1] == months[0]);
        let is_padded = |cell: &str| cell.len() == 7 && *format != DateFormat::YearFirst;
        let are_padded = sample.iter().all(|cell| is_padded(cell.as_ref().trim()));
        // Rates such as 10.1623 have others.
        let have_plausible_years = || distinct.iter().all(|month| (1900..2100).contains(&month.div_euclid(12)));
        let starts_with_zero = || sample.iter().any(|cell| cell.as_ref().trim().starts_with('0'));
        (distinct.len() >= MIN_CONSECUTIVE && (have_step(1) || have_step(-1)))
            || (are_padded && have_plausible_years() && (starts_with_zero() || distinct.len() >= MIN_DISTINCT))
    };
    let formats = [DateFormat::YearPointMonth, DateFormat::YearFirst, DateFormat::MonthYear];
    let has_mark = first.contains(['.', ',']);
    has_mark && formats.iter().any(are_months)
}

/// Whether all cells are a year and the number of a quarter, such as `2010.1` to `2010.4`: at least two consecutive years have
/// all four numbers. Months have other numbers too.
pub(crate) fn are_quarters_after_point(sample: &[impl AsRef<str>]) -> bool {
    let mut numbers: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
    for cell in sample {
        let Some(time) = DateFormat::YearPointQuarter.parse(cell.as_ref(), CenturyWindow::DEFAULT) else {
            return false;
        };
        let month = datetime_at(time.ticks).map_or(0, month_number);
        numbers.entry(month.div_euclid(12)).or_default().insert(month.rem_euclid(12));
    }
    let whole: Vec<i64> = numbers.iter().filter(|(_, quarters)| quarters.len() == 4).map(|(year, _)| *year).collect();
    whole.windows(2).any(|pair| pair[1] == pair[0] + 1)
}

/// Whether all cells such as `2023KW04` are quarters, as Statistics Netherlands writes them, and not weeks. Then they are of
/// several years, and none is above 4.
pub(crate) fn are_quarters(cells: &Cells) -> bool {
    let (mut years, mut has_week) = (HashSet::new(), false);
    cells.for_each(|_, cell| {
        let Some((year, number)) = cell.and_then(|cell| cell.trim().split_once("KW")) else { return };
        years.insert(year.to_owned());
        has_week |= !matches!(number, "01" | "02" | "03" | "04");
    });
    years.len() > 1 && !has_week
}
