//! The problems of data files, and the settings and file formats that they name.

use std::fmt;

use chrono::NaiveDate;

use crate::error::location::{Location, Rejected, and_more};

/// What is wrong with a file of data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant describes its fields")]
pub enum DataProblem {
    /// The file has no text other than white space.
    #[error("the file is empty")]
    Empty,
    /// The file has a header and no rows.
    #[error("the file has a header, but no rows below it")]
    NoRows,
    /// The file has more rows than the reader can handle.
    #[error("{rows} rows are too many, the maximum is {max}")]
    TooManyRows { rows: usize, max: usize },
    /// The file is in a format that is not a table or not supported.
    #[error("the file is {0}, which cannot be read")]
    UnsupportedFormat(UnsupportedFormat),
    /// The workbook has no sheet with the name of the options. `similar` is the most similar name.
    #[error("no sheet \"{sheet}\" (the sheets are: {list})", list = sheets.join(", "))]
    SheetNotFound { sheet: String, sheets: Vec<String>, similar: Option<String> },
    /// The options name a sheet, but the file is not a workbook.
    #[error("the file has no sheets, because it is not a workbook")]
    NoSheets,
    /// Cells of a sheet have formulas whose values were not saved: their number, and the address of the first.
    #[error(
        "{first}{others} a formula without a value: the program that wrote the file did not compute it",
        others = if *cells == 1 { " has".into() } else { format!(" and {} other cells have", cells - 1) }
    )]
    UncomputedFormulas { cells: usize, first: String },
    /// Lines do not fit the header or the format of the file.
    #[error("{}", .0.lines())]
    RejectedLines(Rejected),
    /// The file violates the rules of its format.
    #[error("{at}{reason}", at = location.map(|location| format!("{location}: ")).unwrap_or_default())]
    Malformed { location: Option<Location>, reason: String },
    /// An object of JSON is neither rows nor columns.
    #[error("the JSON is no table: {reason}")]
    NotATable { reason: String },
    /// Rows of JSON have so many different columns that nearly all cells are empty, counted up to the row that shows it.
    #[error("the first {rows} rows have {columns} columns and {values} values: nearly all cells are empty")]
    MostlyEmpty { rows: usize, columns: usize, values: usize },
    /// An Arrow stream ends before the message that marks its end.
    #[error("the Arrow stream is cut at byte {at}, before the message that marks its end")]
    StreamCut { at: usize },
    /// Something follows an Arrow stream, such as another one.
    #[error("{bytes} bytes follow the end of the Arrow stream")]
    BytesAfterStream { bytes: usize },
    /// An Arrow stream is longer than what its reader accepts.
    #[error("the Arrow stream has more than {max_bytes} bytes")]
    StreamTooLong { max_bytes: usize },
    /// A column has a type that is neither text nor numbers nor times.
    #[error("column {column} has the type {data_type}, which cannot be read")]
    UnreadableColumn { column: String, data_type: String },
    /// Two columns have the same name.
    #[error("two columns have the name {column}")]
    RepeatedColumn { column: String },
    /// There is no column with the name that a setting gives. `similar` is the most similar name.
    #[error("no column \"{column}\" (the columns are: {list})", list = columns.join(", "))]
    ColumnNotFound { column: String, setting: Setting, columns: Vec<String>, similar: Option<String> },
    /// Two settings name the same column.
    #[error("column \"{column}\" cannot be both {first} and {second}")]
    ConflictingRoles { column: String, first: Setting, second: Setting },
    /// No column has numbers that could be forecast.
    #[error("no column of numbers (the columns are: {list})", list = columns.join(", "))]
    NoNumericColumn { columns: Vec<String> },
    /// Several columns could be the target.
    #[error("several columns could be the target: {list}", list = candidates.join(", "))]
    AmbiguousTarget { candidates: Vec<String> },
    /// The names of columns may be times, and no column has times. Each row may be a series, which the columns `ids` name. If
    /// the times are those of several `quantities`, these are listed.
    #[error("no column of dates or times, but the names of the columns {list} may be times", list = columns.join(", "))]
    LikelyTimesInHeader { columns: Vec<String>, ids: Vec<String>, quantities: Vec<String> },
    /// There are several series, and no column orders their rows.
    #[error("no column of dates or times (the columns are: {list})", list = columns.join(", "))]
    NoTimeColumn { columns: Vec<String> },
    /// Cells of the time column are not times, of the file of future rows if they are `in_future`. Rows are skipped only if
    /// they are few enough, which `can_be_skipped` says.
    #[error("{}{}", cells.cells(column, "is not a date", "are not dates"), too_many(*can_be_skipped))]
    InvalidTimes { column: String, cells: Rejected, can_be_skipped: bool, in_future: bool },
    /// Rows with values have no time: the first of them, and their number. They are `in_future` and skipped as those of
    /// [`InvalidTimes`](Self::InvalidTimes).
    #[error(
        "{} no time in column {column}{}{}",
        rows_have(first, *count), listed(first, *count), too_many(*can_be_skipped)
    )]
    TimesMissing { column: String, first: Vec<Location>, count: usize, can_be_skipped: bool, in_future: bool },
    /// A period of a fiscal year, such as a week. Its first day is not known.
    #[error("{location}, column {column}: \"{value}\" is a fiscal {period}, whose first day is not known")]
    FiscalPeriod { column: String, location: Location, value: String, period: &'static str },
    /// The time column has years, quarters, months, weeks or days below one another: the names of these steps from the
    /// longest on, and for each its rows in words and the first of them.
    #[error(
        "column {column} mixes {list}",
        list = in_words(examples.iter().map(|(rows, location, cell)| format!("{rows} ({location} \"{cell}\")")))
    )]
    MixedSteps { column: String, steps: Vec<String>, examples: Vec<(String, Location, String)> },
    /// The steps between the times are shorter than a millisecond, such as those between two rows.
    #[error(
        "column {column}: {p} \"{a}\" and {q} \"{b}\" are less than a millisecond apart",
        p = one.0, a = one.1, q = other.0, b = other.1
    )]
    StepsBelowAMillisecond { column: String, one: (Location, String), other: (Location, String) },
    /// The columns are parts of a longer period, such as months of a year, and no column has that period.
    #[error("the columns {first} to {last} are {parts}, and no column has their {whole}")]
    PartsWithoutPeriod { first: String, last: String, parts: &'static str, whole: &'static str },
    /// The months of a file do not begin with January, and its years, such as `year`, have one number. The months are in the
    /// rows or in the columns.
    #[error(
        "the {parts} run from {first} to {last}, so a year such as {year} may be that of either",
        parts = if *are_in_rows { "rows" } else { "columns" }
    )]
    YearsFromAnotherMonth { year: String, first: String, last: String, are_in_rows: bool },
    /// The months, quarters or weeks of a file are those of years such as `2019/20`, and do not tell the first month.
    #[error("the {parts} are those of years such as {year}, whose first month is not known")]
    PartsOfFiscalYear { year: String, parts: &'static str },
    /// All dates can be read both with the day first and with the month first.
    #[error(
        "{location}, column {column}: \"{value}\" may be {day_first} or {month_first}, and no other date decides it"
    )]
    AmbiguousDateOrder {
        column: String,
        location: Location,
        value: String,
        day_first: NaiveDate,
        month_first: NaiveDate,
    },
    /// The offsets from UTC change, but not as those of any known time zone.
    #[error("{location}, column {column}: the offset from UTC changes here, as in no known time zone")]
    UnknownTimeZone { column: String, location: Location },
    /// Some times have an offset from UTC, others have none. If those of the history and of the future rows differ, the future
    /// rows may follow in a zone of the local times.
    #[error("{location}, column {column}: \"{value}\" has {has} offset from UTC, unlike the times before it", has = if *has_offset { "an" } else { "no" })]
    MixedOffsets {
        column: String,
        location: Location,
        value: String,
        has_offset: bool,
        follows_in: Option<&'static str>,
    },
    /// Cells of a column of numbers are not numbers, of `present` cells that are not empty. Too many cannot be skipped.
    #[error(
        "{}{share}", cells.cells(column, "is not a number", "are not numbers"),
        share = if *can_be_skipped { String::new() } else { format!(" (of {present} cells)") }
    )]
    InvalidNumbers { column: String, cells: Rejected, present: usize, can_be_skipped: bool },
    /// A column of durations such as `3:07`, of minutes and seconds or of hours and minutes.
    #[error("{location}, column {column}: \"{value}\" may be minutes and seconds, or hours and minutes")]
    AmbiguousDuration { column: String, location: Location, value: String },
    /// Cells of a column have different units.
    #[error(
        "column {column}: {p} \"{a}\" and {q} \"{b}\" have different units",
        p = one.0, a = one.1, q = other.0, b = other.1
    )]
    MixedUnits { column: String, one: (Location, String), other: (Location, String) },
    /// The target has no value.
    #[error("column {column} has no value")]
    NoValues { column: String },
    /// Rows of one time have different values. The `candidates` are columns that may be ids.
    #[error(
        "{time}{of} has several rows: {list}",
        of = series.as_ref().map(|series| format!(" of {series}")).unwrap_or_default(),
        list = locations.iter().map(Location::to_string).collect::<Vec<_>>().join(" and ")
    )]
    RepeatedTime { time: String, series: Option<String>, locations: Vec<Location>, candidates: Vec<String> },
    /// Several rows, and all of them have one time.
    #[error("column {column}: all {rows} rows have the time {time}")]
    ConstantTime { column: String, rows: usize, time: String },
    /// The times of the rows follow no regular step, such as those of orders. `period` is the shortest step whose periods
    /// mostly have rows, and `candidates` are columns that may be ids.
    #[error(
        "column {column}: {rows} rows at irregular times, such as {list}: they have no frequency",
        list = examples.iter().map(|(location, time)| format!("{location} {time}")).collect::<Vec<_>>().join(" and ")
    )]
    IrregularTimes {
        column: String,
        rows: usize,
        examples: Vec<(Location, String)>,
        period: String,
        candidates: Vec<String>,
    },
    /// Two series, each with its frequency, have steps of different lengths. `common` is the step that both can be
    /// aggregated to.
    #[error("series {a} is {p}, series {b} {q}: the series of a file need one step", a = one.0, p = one.1, b = other.0, q = other.1)]
    DifferentSteps { one: (String, String), other: (String, String), common: String },
    /// There is one time only, and so no step between times.
    #[error("there is one time only, so the frequency is unknown")]
    SingleTime,
    /// The times do not have the frequency of the options. If their step `is_finer`, the rows could be aggregated.
    #[error("the times are {inferred}, not {requested}")]
    FrequencyMismatch { requested: String, inferred: String, is_finer: bool },
    /// Of the times of `rows` rows, `count` are off the grid of a frequency. The options give it if `is_requested`.
    /// The rows can be aggregated to `period`, if most of these periods have rows.
    #[error("column {column}: {count} of {rows} times are off the regular step ({frequency}), the first: {list}", list = cells.iter().map(|(location, value)| format!("{location} {value}")).collect::<Vec<_>>().join(", "))]
    OffGrid {
        column: String,
        frequency: String,
        period: Option<String>,
        is_requested: bool,
        cells: Vec<(Location, String)>,
        count: usize,
        rows: usize,
    },
    /// Most periods between the first and the last time have no row. The longest gap is `from` one time `to` another. The
    /// row at `location` is next to it, on the side with fewer rows. Without this gap most periods are missing too, if they
    /// are scattered.
    #[error(
        "{rows} rows for {periods} periods ({frequency}): most are missing, the longest gap is from {from} to {to} \
         ({location})"
    )]
    TooSparse {
        frequency: String,
        is_within_a_day: bool,
        is_scattered: bool,
        rows: usize,
        periods: usize,
        from: String,
        to: String,
        location: Location,
    },
    /// No series has this value in an id column, which a setting leaves out. `similar` is the most similar value.
    #[error("no series has the id \"{id}\", which is to be left out")]
    UnknownSeries { id: String, similar: Option<String> },
    /// A column cannot be a covariate.
    #[error("column \"{column}\" cannot be a covariate: {reason}")]
    InvalidCovariate { column: String, reason: CovariateProblem },
    /// Cells of a numeric covariate that are not numbers, of `present` cells that are not empty. Too many cannot be
    /// skipped. If one is `in_future`, in the file of future rows, it cannot be read as missing.
    #[error(
        "{}{share}", cells.cells(column, "is not a number", "are not numbers"),
        share = if *can_be_skipped { String::new() } else { format!(" (of {present} cells)") }
    )]
    WordsAmongNumbers { column: String, cells: Rejected, present: usize, can_be_skipped: bool, in_future: bool },
    /// A covariate that is read by series has numbers and words. `number` and `word` are the first of each.
    #[error(
        "covariate \"{column}\" has numbers, such as {}{words}", in_quotes(number),
        words = word.as_ref().map(|word| format!(", and words, such as {}", in_quotes(word))).unwrap_or_default()
    )]
    MixedKinds { column: String, number: (Location, String), word: Option<(Location, String)> },
    /// The times of the history are dates and those of the future rows are not, or the reverse.
    #[error(
        "{location}, column {column}: \"{value}\" is {own}, and the times of the history are {others}",
        own = if *is_date { "a date" } else { "no date" }, others = if *is_date { "no dates" } else { "dates" }
    )]
    OtherFutureTimes { column: String, location: Location, value: String, is_date: bool },
    /// The first future row is not after the `last` time of the history. Only one of both has an offset from UTC, and the other
    /// is a local time of the `zone`. The future rows may follow the history in another zone.
    #[error(
        "{location}, column {column}: \"{value}\" is not after the last time of the history, \"{last}\", in {zone}"
    )]
    FutureNotAfterHistory {
        column: String,
        location: Location,
        value: String,
        last: String,
        zone: &'static str,
        follows_in: Option<&'static str>,
    },
    /// The first future row is not a whole number of steps after the `last` time of the history. Only one of both has an offset
    /// from UTC, and the other is a local time of the `zone`. The future rows follow the history in another zone.
    #[error(
        "{location}, column {column}: \"{value}\" is {local} in {zone}, which is not a whole number of steps after the last time \
         of the history, \"{last}\""
    )]
    FutureOffSteps {
        column: String,
        location: Location,
        value: String,
        local: String,
        last: String,
        zone: &'static str,
        follows_in: &'static str,
    },
    /// Future rows have one time, and different values of a covariate. They may be those of several `series`, which
    /// are named by a column. The bool says whether the file of the `history` has this column, too.
    #[error(
        "{time} has several rows with different values of {covariate}: {list}{more}",
        list = locations.iter().map(Location::to_string).collect::<Vec<_>>().join(" and "),
        more = match series {
            Some((column, true)) => format!("; the column {column} may name their series"),
            Some((column, false)) => format!("; the column {column}, which {history} lacks, may name their series"),
            None => String::new(),
        }
    )]
    SeveralFutureRows {
        time: String,
        covariate: String,
        locations: Vec<Location>,
        series: Option<(String, bool)>,
        history: String,
    },
    /// The file of future rows lacks the time column or an id column of the `history`. `similar` is the most similar name.
    #[error("no column \"{column}\" (the columns are: {list})", list = columns.join(", "))]
    FutureColumnMissing {
        column: String,
        is_time: bool,
        columns: Vec<String>,
        similar: Option<String>,
        history: String,
    },
    /// The file of future rows lacks a covariate of the `history`. It has the `similar` column, which the history lacks, or no
    /// covariate at all.
    #[error("no column \"{column}\" (the columns are: {list})", list = columns.join(", "))]
    FutureCovariateMissing { column: String, columns: Vec<String>, similar: Option<String>, history: String },
    /// A future row has a value of the target, which the file of the `history` has.
    #[error("{location} has a value of the target {target}")]
    FutureTarget { location: Location, target: String, history: String },
    /// No series of the `history` has a future row: the names of the first series of these rows, the number of all, and the name
    /// of a series of the history.
    #[error(
        "no series of {history} has a row in this file, whose series are: {names}{more}",
        names = first.join(", "), more = if *count > first.len() { ", …" } else { "" }
    )]
    FutureSeriesUnknown { first: Vec<String>, count: usize, history: String, known: String },
}

/// Why most words of a column are no categories.
pub(crate) const MOSTLY_UNIQUE: &str = "most of its values occur once only";

/// Why a column cannot be a covariate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant describes its fields")]
pub enum CovariateProblem {
    /// It has no value in the past, or none in that of this series.
    #[error("it has no value in the past{}", series.as_ref().map(|series| format!(" of {series}")).unwrap_or_default())]
    NoValues { series: Option<String> },
    /// Its cells are words, of which most occur once only.
    #[error("{}", MOSTLY_UNIQUE)]
    MostlyUnique,
    /// The header has the times of the values, so that no column has a value for each time.
    #[error("the header of the file has times, and so no column has a value for each time")]
    TimesInHeader,
}

/// A setting of [`ReadOptions`](crate::read::ReadOptions) that names columns or numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Setting {
    /// [`ReadOptions::time`](crate::read::ReadOptions::time).
    Time,
    /// [`ReadOptions::target`](crate::read::ReadOptions::target).
    Target,
    /// [`ReadOptions::ids`](crate::read::ReadOptions::ids).
    Ids,
    /// [`ReadOptions::wide`](crate::read::ReadOptions::wide).
    Wide,
    /// [`ReadOptions::covariates`](crate::read::ReadOptions::covariates).
    Covariates,
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Time => "the time column",
            Self::Target => "the target",
            Self::Ids => "an id column",
            Self::Wide => "a series of its own",
            Self::Covariates => "a covariate",
        })
    }
}

/// A file format that the reader recognises, but does not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each text describes its format")]
pub enum UnsupportedFormat {
    #[error("an Excel workbook or a zip archive")]
    Zip,
    #[error("an Excel workbook of the old format .xls")]
    Excel,
    #[error("a workbook that is protected by a password")]
    Protected,
    #[error("a PDF")]
    Pdf,
    #[error("an SQLite database")]
    Sqlite,
    #[error("compressed with bzip2")]
    Bzip2,
    #[error("compressed with xz")]
    Xz,
    #[error("an HDF5 file")]
    Hdf5,
    #[error("a web page or another XML document")]
    Markup,
}

/// `3 lines have`, or the only one: `line 3 has`.
fn rows_have(first: &[Location], count: usize) -> String {
    match first {
        [only] if count == 1 => format!("{only} has"),
        [Location::Line(_) | Location::FutureLine(_), ..] => format!("{count} lines have"),
        _ => format!("{count} rows have"),
    }
}

/// `: line 3, line 4 and 5 more`, for more than one.
fn listed(first: &[Location], count: usize) -> String {
    let list = || first.iter().map(Location::to_string).collect::<Vec<_>>().join(", ");
    if count > 1 { format!(": {}{}", list(), and_more(count, first.len())) } else { String::new() }
}

fn too_many(can_be_skipped: bool) -> &'static str {
    if can_be_skipped { "" } else { "; these are too many to skip" }
}

/// A cell with its place: `line 3 "x"`.
fn in_quotes((location, text): &(Location, String)) -> String {
    format!("{location} \"{text}\"")
}

/// A list in words: `a, b and c`.
fn in_words(items: impl Iterator<Item = String>) -> String {
    let mut items: Vec<String> = items.collect();
    let last = items.pop().unwrap_or_default();
    if items.is_empty() { last } else { format!("{} and {last}", items.join(", ")) }
}
