//! Profiles a column by its name and by a sample of its cells.

use std::collections::HashSet;

use crate::read::parse::calendar_names::WEEK_NAMES;
use crate::read::parse::east_asian::has_initial_of_era;
use crate::read::parse::flag::without_flag;
use crate::read::parse::number::{Decimal, Unit};
use crate::read::parse::{
    date_format::DateFormat,
    format_search::{are_consecutive_months, have_usual_step, likely_format},
    number_form::NumberForm,
};
use crate::read::table::{Cells, Column, is_missing};

/// Names of time columns, the most certain first.
#[rustfmt::skip]
const TIME_NAMES: [&str; 17] = [
    "ds", "datetime", "timestamp", "date", "time", "ts", "dt", "month", "week", "quarter", "year", "yearmonth",
    "yyyymm", "period", "day", "hour", "dates",
];
/// Names of step numbers, which are the time if no other column is.
const STEP_NAMES: [&str; 12] =
    ["index", "idx", "step", "t", "row", "obs", "nthday", "nthweek", "nthmonth", "dayindex", "weekindex", "monthindex"];
/// Names of row numbers, letters and digits only. Such a column is no quantity if it counts the rows from the first.
#[rustfmt::skip]
const ROW_NUMBER_NAMES: [&str; 16] = [
    "rownames", "rowname", "rowid", "rownumber", "rownum", "rowno", "rowindex", "sno", "srno", "slno", "serialno", "lfdnr",
    "no", "nr", "num", "x",
];
/// Names of targets, the most certain first.
pub(crate) const TARGET_NAMES: [&str; 4] = ["y", "target", "value", "values"];
/// Names of columns that are always ids.
const ID_NAMES: [&str; 6] = ["uniqueid", "itemid", "seriesid", "tsid", "series", "seriesname"];
/// Names of entities. A column with such a name, alone or with one of [`NUMBER_SUFFIXES`], may be an id.
#[rustfmt::skip]
const ENTITY_NAMES: [&str; 34] = [
    "store", "shop", "item", "sku", "product", "dept", "department", "station", "sensor", "meter", "customer",
    "region", "warehouse", "branch", "article", "zone", "ean", "gtin", "upc", "isbn", "barcode", "zip", "plz",
    "postcode", "plant", "account", "client", "site", "outlet", "device", "asset", "artikel", "filiale", "kunde",
];
const NUMBER_SUFFIXES: [&str; 8] = ["id", "nbr", "nr", "no", "num", "number", "code", "key"];
/// Names of parts of a time, whose numbers are not quantities.
#[rustfmt::skip]
const TIME_PART_NAMES: [&str; 32] = [
    "year", "month", "day", "hour", "minute", "quarter", "week", "weekday", "dayofweek", "dayofyear", "weekofyear",
    "season", "hourending", "hourbeginning", "hournumber", "hourofday", "settlementperiod", "halfhour", "doy", "qtr",
    "monthnumber", "weeknumber", "jahr", "monat", "tag", "stunde", "año", "mes", "hora", "année", "mois", "heure",
];
/// Starts of further names of parts of a time, which a table with years as columns may have in its rows.
const PARTS_IN_WORDS: [&str; 14] = [
    "quart", "trimes", "kwart", "miesi", "mês", "mese", "maand", "second", "minute", "hours", "days", "weeks",
    "months", "period",
];
/// Names of columns of years in other languages.
#[rustfmt::skip]
const YEAR_NAMES: [&str; 18] = [
    "yyyy", "yr", "jahr", "año", "ano", "année", "annee", "anno", "jaar", "rok", "år", "年", "年度", "年份", "年次", "西暦",
    "연도", "년도",
];
/// Names of columns of fiscal years.
pub(crate) const FISCAL_YEAR_NAMES: [&str; 3] = ["fy", "fiscalyear", "financialyear"];
/// Words at the start of the names of fiscal periods.
const FISCAL_WORDS: [&str; 5] = ["fiscal", "financial", "exercice", "fy", "posting"];
/// Words at the start or the end of the names of times.
#[rustfmt::skip]
const TIME_WORDS: [&str; 14] = [
    "woche", "semaine", "semana", "tydzień", "date", "time", "datum", "fecha", "zeit", "日付", "日期", "年月", "年月日",
    "時点",
];

/// Words at the end of the names of codes for the quality of another column, letters and digits only.
const QUALITY_WORDS: [&str; 5] = ["品質情報", "均質番号", "qualityflag", "qualitycode", "qcflag"];

#[expect(clippy::struct_excessive_bools, reason = "each is an independent property of the cells")]
pub(crate) struct ColumnProfile {
    /// The name in lower case, letters and digits only.
    pub(crate) name: String,
    /// Whether the name ends in the word `id`, unlike `paid` and `bid`.
    is_named_id: bool,
    /// Whether its cells are digits that are not a quantity: some start with a zero, or are more than a number keeps.
    pub(crate) is_code: bool,
    share_of_numbers: f64,
    /// The form of its numbers, and the share of cells that have it.
    pub(crate) form: NumberForm,
    share_of_form: f64,
    /// The date format that parses most cells, and the share of cells that it parses.
    times: Option<(DateFormat, f64)>,
    pub(crate) is_whole: bool,
    /// Whether the first cells are consecutive integers.
    is_consecutive: bool,
    /// Whether these begin with 0 or 1.
    is_count_of_rows: bool,
    is_ascending: bool,
    /// Whether the first cells are integers that never descend.
    is_sorted: bool,
    /// Whether the first cells are consecutive months, such as `201501`.
    are_consecutive_months: bool,
    is_empty: bool,
}

impl ColumnProfile {
    pub(crate) fn new(column: &Column, sample: &[String], decimal: Decimal) -> Self {
        let name: String = column.name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
        let (share_of_numbers, times) = match column.cells {
            Cells::Times { .. } => (0.0, Some((DateFormat::YearFirst, 1.0))),
            Cells::Numbers(_) => (if sample.is_empty() { 0.0 } else { 1.0 }, None),
            Cells::Field { .. } | Cells::Text(_) => {
                let is_flagged = |cell: &str| {
                    let rest = without_flag(cell).filter(|rest| !rest.is_empty());
                    rest.is_some_and(|rest| is_missing(rest) || decimal.parse(rest).is_some())
                };
                let is_number = |cell: &&String| decimal.parse(cell).is_some() || is_flagged(cell);
                let numbers = sample.iter().filter(is_number).count();
                (numbers as f64 / sample.len().max(1) as f64, likely_format(sample))
            }
        };
        // Quantities such as 1632.9 and 1475 are no months, although some of them could be. Codes such as R1.1.2 are no days
        // of an era.
        let may_be_others = |(format, share): (DateFormat, f64)| {
            let are_quantities = match format {
                DateFormat::YearFirst => share < 1.0 || !have_usual_step(sample, format),
                DateFormat::YearPointMonth | DateFormat::YearPointQuarter => !have_usual_step(sample, format),
                _ => false,
            };
            let are_quantities = are_quantities && are_decimals(sample);
            are_quantities || sample.iter().any(|cell| has_initial_of_era(cell))
        };
        // Numbers with a decimal comma, such as 1650,1, are quantities also in a column such as `Laufzeit`.
        let has_comma = sample.iter().any(|cell| cell.contains(','));
        let may_be_months = |format: DateFormat| {
            let may_be_quantities = has_comma && (format == DateFormat::YearFirst || is_month_number(format));
            let is_named = TIME_NAMES.contains(&name.as_str()) || TIME_PART_NAMES.contains(&name.as_str());
            !may_be_quantities || is_named || !are_decimals(sample) || are_consecutive_months(sample, format)
        };
        let times = times.filter(|times| is_named_time(&name) || !may_be_others(*times));
        let times = times.filter(|(format, _)| may_be_months(*format));
        let is_named_id =
            name == "id" || ["_id", "-id", " id", "Id", "ID"].iter().any(|end| column.name.ends_with(end));
        let (is_consecutive, is_ascending, is_sorted) = order_of_integers(sample);
        let is_empty = sample.is_empty();
        let is_count_of_rows = is_consecutive && sample.first().is_some_and(|cell| matches!(cell.trim(), "0" | "1"));
        let is_whole = !is_empty && sample.iter().all(|cell| cell.trim().parse::<i64>().is_ok());
        let may_be_special = sample.iter().any(|cell| decimal.parse(cell).is_none())
            && times.is_none_or(|(format, share)| share < 0.5 || format.is_number());
        let (form, share_of_form) =
            if may_be_special { NumberForm::infer(sample, decimal) } else { (NumberForm::Plain, share_of_numbers) };
        let is_code = !is_empty && (are_codes(sample) || are_codes_of_currencies(sample, decimal));
        let share_of_numbers = if is_code && !is_whole { 0.0 } else { share_of_numbers };
        Self {
            name,
            is_named_id,
            is_code,
            share_of_numbers,
            form,
            share_of_form,
            times,
            is_whole,
            is_consecutive,
            is_count_of_rows,
            is_ascending,
            is_sorted,
            are_consecutive_months: times
                .is_some_and(|(format, _)| is_month_number(format) && are_consecutive_months(sample, format)),
            is_empty,
        }
    }

    /// Whether its name is that of a fiscal year.
    pub(crate) fn is_fiscal_year(&self) -> bool {
        FISCAL_YEAR_NAMES.contains(&self.name.as_str())
    }

    /// The name without the word that says that it is of a fiscal year; `None` if it has no such word.
    pub(crate) fn fiscal_part(&self) -> Option<&str> {
        FISCAL_WORDS.iter().find_map(|word| self.name.strip_prefix(word))
    }

    /// A score by which the time column is chosen: the column with the highest. `None` if this cannot be the time.
    pub(crate) fn time_score(&self) -> Option<usize> {
        let rank = TIME_NAMES.iter().position(|name| *name == self.name || (*name == "year" && self.is_fiscal_year()));
        let rank = rank.map(|rank| 100 - rank);
        let are_months = self.are_consecutive_months && is_part_of_time(&self.name);
        let named = rank.or_else(|| rank_of_words(&self.name)).or(are_months.then_some(30));
        let (format, share) = self.times.unwrap_or((DateFormat::Index, 0.0));
        match named {
            _ if self.is_sure_id() => None,
            _ if share >= 0.5 && !format.is_number() => Some(1_000 + named.unwrap_or(0)),
            // Years such as `平成17年` are no numbers.
            _ if share >= 0.5 && format.is_year() && self.share_of_numbers < 0.5 => Some(1_000 + named.unwrap_or(0)),
            // A month or an hour alone is less likely the time than the year or date next to it.
            Some(named) if share >= 0.5 && self.is_part_as_index() && format == DateFormat::Index => Some(200 + named),
            Some(named) if share >= 0.5 => Some(500 + named),
            // The column has the name of a time: the error lists its cells if no other is the time.
            Some(_) if rank.is_some() && self.share_of_numbers < 0.5 => Some(2),
            // A first column of dates in digits is the time if there is no header.
            None if self.name == "column1" && share >= 1.0 && !format.is_index() => Some(3),
            None if self.name == "column1" && share >= 1.0 && format.is_year() && self.is_consecutive => Some(3),
            // Numbers such as 202201 to 202252 are weeks.
            None if format == DateFormat::YearWeek && share >= 1.0 && self.is_sorted => Some(3),
            // So are numbers such as 201501 to 201812 months.
            None if self.are_consecutive_months && !self.is_named_code() => Some(3),
            None if STEP_NAMES.contains(&self.name.as_str()) && format.is_index() && share >= 1.0 => Some(1),
            _ => None,
        }
    }

    /// Whether its cells are dates, or its name is that of a time and its cells are numbers.
    pub(crate) fn is_surely_time(&self) -> bool {
        self.time_score().is_some_and(|score| score >= 200)
    }

    /// Whether its cells are dates, or years with the name of a time.
    pub(crate) fn has_dates(&self) -> bool {
        let are_years = |format: DateFormat| format.is_year() && self.time_score().is_some_and(|score| score >= 240);
        self.date_format().is_some_and(|format| !format.is_number() || are_years(format))
    }

    /// The format that parses at least half of its cells as times.
    pub(crate) fn date_format(&self) -> Option<DateFormat> {
        self.times.filter(|(_, share)| *share >= 0.5).map(|(format, _)| format)
    }

    /// Whether its name is always that of an id, and its cells are not dates. Some exports name the rows of a header there.
    pub(crate) fn is_sure_id(&self) -> bool {
        let are_dates = self.times.is_some_and(|(format, share)| share >= 1.0 && !format.is_number());
        ID_NAMES.contains(&self.name.as_str()) && !are_dates
    }

    /// Whether its numbers are times by its name, or ascending years.
    pub(crate) fn is_time_in_numbers(&self) -> bool {
        let are_years = self.is_whole && self.is_sorted && self.times == Some((DateFormat::Year, 1.0));
        are_years || self.time_score().is_some_and(|score| score >= 500)
    }

    /// Whether its name is that of a quarter.
    pub(crate) fn is_quarter(&self) -> bool {
        const STARTS: [&str; 5] = ["quart", "qtr", "trimes", "kwart", "kvart"];
        STARTS.into_iter().any(|start| self.name.starts_with(start))
    }

    /// Whether its numbers are codes for the quality of another column by its name.
    pub(crate) fn is_quality_code(&self) -> bool {
        QUALITY_WORDS.iter().any(|word| self.name.ends_with(word))
    }

    /// Whether its name is usual for a target.
    pub(crate) fn is_named_target(&self) -> bool {
        TARGET_NAMES.contains(&self.name.as_str())
    }

    /// Whether its name is that of a part of a time, such as a week, which may be the time of one year.
    fn is_part_as_index(&self) -> bool {
        self.is_time_part() || WEEK_NAMES.contains(&self.name.as_str())
    }

    pub(crate) fn is_time_part(&self) -> bool {
        TIME_PART_NAMES.contains(&self.name.as_str())
    }

    pub(crate) fn is_number(&self) -> bool {
        self.share_of_numbers >= 0.5 || (self.form == NumberForm::Triangles && self.share_of_form >= 0.9)
    }

    /// Whether nearly all of its cells are numbers of another form than a plain one, such as durations.
    pub(crate) fn is_special_number(&self) -> bool {
        const TIMES_OF_DAY: [&str; 5] = ["time", "timeofday", "clock", "hr", "uhrzeit"];
        self.form != NumberForm::Plain
            && self.share_of_form >= 0.9
            && !self.is_time_part()
            && !TIMES_OF_DAY.contains(&self.name.as_str())
    }

    /// Whether most of its cells are neither numbers nor times.
    pub(crate) fn is_text(&self) -> bool {
        !self.is_empty && !self.is_number() && !self.times.is_some_and(|(_, share)| share >= 0.5)
    }

    /// Whether its integers ascend and it has no name, or a usual name of row numbers.
    pub(crate) fn is_row_number(&self) -> bool {
        let name = self.name.as_str();
        let has_usual_name = name.starts_with("unnamed") || name.starts_with("column") || STEP_NAMES.contains(&name);
        let counts_rows = || self.is_count_of_rows && ROW_NUMBER_NAMES.contains(&name);
        self.is_whole && self.is_ascending && (has_usual_name || counts_rows())
    }

    /// Whether its name is that of a code.
    pub(crate) fn is_named_code(&self) -> bool {
        ["key", "id", "no", "nr"].contains(&self.name.as_str())
            || ["code", "number", "nummer"].iter().any(|word| self.name.ends_with(word))
    }

    /// Whether its name is that of a time, of a part of one, or of a step number other than a row number.
    pub(crate) fn is_named_time_or_step(&self) -> bool {
        const ROWS: [&str; 3] = ["index", "idx", "row"];
        let name = self.name.as_str();
        let is_step = STEP_NAMES.contains(&name) && !ROWS.contains(&name);
        is_step || is_part_of_time(name) || is_named_time(name)
    }

    /// Whether its cells identify entities, such as shops: words, codes, or numbers with the name of an entity.
    pub(crate) fn may_be_id(&self) -> bool {
        self.is_text() || self.is_code || self.is_entity_number()
    }

    /// Whether its numbers identify entities, such as shops, and are not quantities.
    pub(crate) fn is_entity_number(&self) -> bool {
        let is_named_after = |entity: &str| {
            self.name.strip_prefix(entity).is_some_and(|rest| rest.is_empty() || NUMBER_SUFFIXES.contains(&rest))
        };
        self.is_whole && (self.is_named_id || ENTITY_NAMES.into_iter().any(is_named_after))
    }
}

/// Whether a name is that of a time.
fn is_named_time(name: &str) -> bool {
    TIME_NAMES.contains(&name) || rank_of_words(name).is_some()
}

/// Whether a name is that of a part of a time, also in a language with other forms of the word.
fn is_part_of_time(name: &str) -> bool {
    TIME_PART_NAMES.contains(&name) || PARTS_IN_WORDS.iter().any(|part| name.starts_with(part))
}

/// The rank of a name that is not a usual one, but has the word of a time or of a year.
fn rank_of_words(name: &str) -> Option<usize> {
    let has_word = TIME_WORDS.iter().any(|part| name.starts_with(part) || name.ends_with(part));
    // A name such as `year2019` is that of values in one year.
    let has_year = || name.len() > 4 && name.bytes().rev().take(4).all(|byte| byte.is_ascii_digit());
    let is_year = (name.contains("year") && !has_year()) || YEAR_NAMES.contains(&name);
    has_word.then_some(50).or(is_year.then_some(40))
}

/// Whether each cell is digits with at most one decimal mark.
fn are_decimals(sample: &[String]) -> bool {
    let is_decimal = |cell: &String| {
        let (whole, fraction) = cell.trim().split_once(['.', ',']).unwrap_or((cell.trim(), ""));
        !whole.is_empty() && whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit())
    };
    sample.iter().all(is_decimal)
}

fn is_month_number(format: DateFormat) -> bool {
    matches!(format, DateFormat::YearMonth | DateFormat::YearPointMonth)
}

/// Whether cells are digits of which some start with a zero, or have more digits than a number keeps.
fn are_codes(sample: &[String]) -> bool {
    const MAX_DIGITS: usize = 15;
    let is_digits = |cell: &String| cell.bytes().all(|byte| byte.is_ascii_digit());
    let is_no_number = |cell: &String| (cell.len() > 1 && cell.starts_with('0')) || cell.len() > MAX_DIGITS;
    sample.iter().all(is_digits) && sample.iter().any(is_no_number)
}

/// Whether cells are codes of currencies, such as `EUR1` and `JPY100`: of several currencies, and each in many cells.
fn are_codes_of_currencies(sample: &[String], decimal: Decimal) -> bool {
    const CELLS_PER_CODE: usize = 4;
    if !sample.first().is_some_and(|cell| cell.starts_with(|c: char| c.is_ascii_alphabetic())) {
        return false;
    }
    let codes: HashSet<&String> = sample.iter().collect();
    let unit = |cell: &&String| decimal.parse_with_unit(cell).map(|(_, unit)| unit);
    let units: Option<Vec<Unit>> = codes.iter().map(unit).collect();
    let are_several = |units: Vec<Unit>| {
        let are_currencies = units.iter().all(|unit| matches!(unit, Unit::Currency(_)));
        are_currencies && units.iter().any(|unit| *unit != units[0])
    };
    codes.len() * CELLS_PER_CODE <= sample.len() && units.is_some_and(are_several)
}

/// Whether the first cells of a sample are consecutive integers, ascending ones, and ones that never descend.
fn order_of_integers(sample: &[String]) -> (bool, bool, bool) {
    const MAX_CELLS: usize = 100;
    let numbers: Option<Vec<i64>> = sample.iter().take(MAX_CELLS).map(|cell| cell.trim().parse().ok()).collect();
    let Some(numbers) = numbers else { return (false, false, false) };
    let all = |fits: fn(i64, i64) -> bool| numbers.windows(2).all(|pair| fits(pair[0], pair[1]));
    let is_consecutive = all(|one, next| next.checked_sub(one) == Some(1));
    (is_consecutive, all(|one, next| next > one), all(|one, next| next >= one))
}
