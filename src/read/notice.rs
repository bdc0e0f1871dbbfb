//! Notices: decisions of the reader that a user should know.

use crate::error::Location;
use crate::read::notice_words::{abridged, counted, percent, short_number};

/// A decision of the reader that a user should know. Its text is complete and names no flag of the command line. No
/// function returns it as an error.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant describes its fields")]
pub enum Notice {
    /// The table is one member of a JSON object, whose other members are no table.
    #[error("the table is the member {member} of the JSON object")]
    TableOfMember { member: String },
    /// The file is one of GHCN-Daily, which has fixed units. A number of its values failed a check and are missing.
    #[error(
        "a .dly file of GHCN-Daily: temperatures in tenths of a degree, precipitation in tenths of a millimetre; {failed} values failed a check of their quality and are missing"
    )]
    GhcnDaily { failed: usize },
    /// A number of bytes are not valid in the encoding of the file.
    #[error("{are} not valid {encoding}, unlike the rest, and read as \u{fffd}", are = counted(*bytes, "byte is", "bytes are"))]
    InvalidBytes { encoding: &'static str, bytes: usize },
    /// The file is in an encoding other than UTF-8, as the options or its first bytes say.
    #[error("the file is in {encoding}")]
    Encoding { encoding: &'static str },
    /// The file is not UTF-8, and its bytes suggest another encoding.
    #[error("the file is not UTF-8 and is read as {encoding}")]
    AssumedEncoding { encoding: &'static str },
    /// A number of comment lines were skipped.
    #[error("{starting} with # skipped as comments", starting = counted(*lines, "line starting", "lines starting"))]
    CommentsSkipped { lines: usize },
    /// The header is repeated between the rows, as in files that were joined.
    #[error("the header is repeated on {}", counted(*lines, "line", "lines"))]
    HeadersRepeated { lines: usize },
    /// A number of lines have fewer cells than the header.
    #[error("{} fewer cells than the header: the rest is read as empty", counted(*lines, "line has", "lines have"))]
    ShortLines { lines: usize },
    /// Lines that do not fit the header, or are not JSON objects, were skipped: their number and the first of them.
    #[error("{count} skipped, the first is {first}", count = counted(*lines, "unusable line", "unusable lines"))]
    LinesSkipped { lines: usize, first: Location },
    /// Lines above the header were skipped: their number and the beginning of the first.
    #[error("{count} above the header skipped, the first is: {first}", count = counted(*lines, "line", "lines"))]
    TitleSkipped { lines: usize, first: String },
    /// Lines between the header and the rows, such as units, were skipped: their number and the beginning of the first.
    #[error("{count} below the header skipped, the first is: {first}", count = counted(*lines, "line", "lines"))]
    LinesBelowHeader { lines: usize, first: String },
    /// Lines below the table were skipped, such as totals and sources: their number, and the first of them.
    #[error("{count} below the table skipped, the first is {first}: {text}", count = counted(*lines, "line", "lines"))]
    LinesBelowTable { lines: usize, first: Location, text: String },
    /// The sheet that the options name was read.
    #[error("sheet \"{sheet}\" is read")]
    SheetNamed { sheet: String },
    /// Several sheets with the same columns were read one after the other, and not the `others`.
    #[error(
        "sheets {list} are read one after the other, because they have the same columns{rest}",
        list = abridged(sheets),
        rest = if others.is_empty() { String::new() } else { format!("; the others are: {}", abridged(others)) }
    )]
    SheetsJoined { sheets: Vec<String>, others: Vec<String> },
    /// The sheet with the largest table was read, and not the `others`. `apart` is why one of them with similar columns was
    /// not joined.
    #[error(
        "sheet \"{sheet}\" is read, which has the largest table; the others are: {others}{why}", others = abridged(others),
        why = apart.as_ref().map(|apart| format!("; not joined, as {apart}")).unwrap_or_default()
    )]
    SheetChosen { sheet: String, others: Vec<String>, apart: Option<String> },
    /// Rows share their time with others of their series, and were merged as requested: their number, and that of all.
    #[error("{rows} of {of} rows ({percent} %) share their time with others and are merged", percent = percent(*rows, *of))]
    RowsMerged { rows: usize, of: usize },
    /// Cells that the spreadsheet could not compute were read as missing: their number, and the address and the error of
    /// the first of them.
    #[error(
        "{are} read as missing: {list}{more}",
        are = counted(*cells, "cell with an error is", "cells with an error are"),
        list = first.iter().map(|(address, error)| format!("{address} {error}")).collect::<Vec<_>>().join(", "),
        more = if *cells > first.len() { ", …" } else { "" }
    )]
    ErrorCells { cells: usize, first: Vec<(String, String)> },
    /// Cells with a formula that was saved without its value were read as missing: their number, and the address of the
    /// first.
    #[error(
        "{are} read as missing, the first is {first}",
        are = counted(*cells, "cell with a formula and no value is", "cells with a formula and no value are")
    )]
    FormulasSkipped { cells: usize, first: String },
    /// The file has no header, so its columns, of this number, have no names.
    #[error("the file has no header: its columns are called \"column 1\" to \"column {columns}\"")]
    NoHeader { columns: usize },
    /// A column of a typed file was not read because of its type.
    #[error("column {column} is not used, its type is {data_type}")]
    UnsupportedColumnType { column: String, data_type: String },
    /// Single cells right of the table of a sheet are no part of it: their number, and the address and the text of the first.
    #[error("{} right of the table left out, the first is {first}: {text}", counted(*cells, "cell", "cells"))]
    RemarksLeftOut { cells: usize, first: String, text: String },
    /// The point of a cell was read as decimal, although it may separate thousands.
    #[error("the point of {cell} is read as a decimal point, not as a separator of thousands")]
    AssumedDecimalPoint { cell: String },
    /// The comma of a cell was read as decimal, although it may separate thousands.
    #[error("the comma of {cell} is read as a decimal comma, not as a separator of thousands")]
    AssumedDecimalComma { cell: String },
    /// The comma of a cell was read as a separator of thousands, although it may be decimal.
    #[error("the comma of {cell} is read as a separator of thousands, not as a decimal comma")]
    AssumedThousandsComma { cell: String },
    /// The decimal mark is not that of an earlier file.
    #[error("numbers have a decimal {mark}, unlike the earlier file")]
    OtherDecimal { mark: &'static str },
    /// The order of day and month is not that of an earlier file.
    #[error("dates have the {first} first, unlike the earlier file")]
    OtherDateOrder { first: &'static str },
    /// The whole numbers in these columns tell the rows of one time apart, and so each of them is a series.
    #[error(
        "the numbers of {names} tell {series} series apart, and are read as ids, not as quantities", names = columns.join(", ")
    )]
    NumbersAsIds { columns: Vec<String>, series: usize },
    /// The column has a label in the first row of each block of rows, which is read for the whole block.
    #[error(
        "column {column} has a value in the first row of each block, which is read for all its rows: {series} series"
    )]
    LabelsOfBlocks { column: String, series: usize },
    /// Each of these columns is a series.
    #[error("each of {count} columns is a series: {names}", count = columns.len(), names = abridged(columns))]
    SeriesInColumns { columns: Vec<String> },
    /// Each row is a series, and the header holds the times in these columns.
    #[error("each row is a series, each of {count} columns a time: {names}", count = columns.len(), names = abridged(columns))]
    SeriesInRows { columns: Vec<String> },
    /// The rows and columns of the file together are the times of a number of series, such as years by months.
    #[error("{of} {step} series, laid out as {rows} by {columns}", of = if *series == 1 { "one".into() } else { series.to_string() })]
    PeriodGrid { series: usize, step: String, rows: &'static str, columns: &'static str },
    /// These columns are no part of the layout of the file.
    #[error("columns that are no part of the layout are left out: {}", abridged(columns))]
    ColumnsLeftOut { columns: Vec<String> },
    /// Hours are numbered from 1, and each begins one hour before its number.
    #[error("hours are numbered from 1: hour 1 begins at 00:00")]
    HoursCountedFromOne,
    /// Days have a 25th hour, as in a zone whose clocks are set back. The first of them is `day`.
    #[error("{day} has 25 hours, as in {zone} when clocks are set back: the hours of each day are counted on")]
    DaysOf25Hours { day: String, zone: String },
    /// The hours of a day of 23 hours are counted on, as in a zone where clocks are set forward on that day.
    #[error("{day} has 23 hours, as in {zone} when clocks are set forward: the hours of each day are counted on")]
    DaysOf23Hours { day: String, zone: String },
    /// Rows were left out because their times are not times, but words such as `Total`: their number and the first of
    /// them.
    #[error("{count} of totals left out, the first is {first}: {text}", count = counted(*rows, "row", "rows"))]
    TotalsLeftOut { rows: usize, first: Location, text: String },
    /// A column of percentages was read as plain numbers.
    #[error("column {column} is in percent: 12% is read as 12")]
    PercentColumn { column: String },
    /// Numbers have flags, such as `p` for provisional, which are not used: their number and the first of them.
    #[error("{count} read without the flag, the first is {text} on {first}", count = counted(*cells, "number is", "numbers are"))]
    FlagsIgnored { cells: usize, first: Location, text: String },
    /// A number stands for a missing value in a number of cells, the first of them at `first`.
    #[error(
        "column {column}: {are} read as missing, the first on {first}",
        are = counted(*cells, &format!("cell of {} is", short_number(*code)), &format!("cells of {} are", short_number(*code)))
    )]
    MissingCode { column: String, code: f64, cells: usize, first: Location },
    /// A number in most cells of a column may stand for a missing value, and is kept: the number of these cells and of all, and
    /// the first of them.
    #[error(
        "column {column}: {cells} of {of} numbers are {short}, which often stands for a missing value, and are read as they \
         are, the first on {first}",
        short = short_number(*code)
    )]
    MissingCodeKept { column: String, code: f64, cells: usize, of: usize, first: Location },
    /// The numbers of a column are not plain ones: the first such cell, and how it is read.
    #[error("column {column}: {example} is read as {value}{meaning}")]
    NumberForm { column: String, example: String, value: f64, meaning: &'static str },
    /// Cells that are not numbers were read as missing: their number and the first of them.
    #[error(
        "{are} read as missing, the first is on {first}",
        are = counted(*cells, "cell that is not a number is", "cells that are not numbers are")
    )]
    CellsSkipped { cells: usize, first: Location },
    /// The file has no times, so the rows are numbered.
    #[error("no column of dates or times: the rows are numbered from 1")]
    RowsNumbered,
    /// Rows without a readable time were skipped: their number and the first of them.
    #[error("{count} without a readable time skipped, the first is {first}", count = counted(*rows, "row", "rows"))]
    RowsWithoutTime { rows: usize, first: Location },
    /// Times are spans, and each was read as its start.
    #[error("the times are spans, and each is read as its start")]
    SpansReadByStart,
    /// Times are years with fractions of 52 weeks, which were read as weeks of ISO 8601.
    #[error(
        "the times are years with fractions of 52 weeks, and are read as weeks 1 to 52 of ISO 8601: no row is in a week 53"
    )]
    FractionsAreNumberedWeeks,
    /// Times are years with a fraction, in steps of a week.
    #[error("the times are years with a fraction in steps of 7 days, and are read as dates")]
    FractionsAreWeeks,
    /// Times are years with a fraction, in steps of a day.
    #[error("the times are years with a fraction in steps of a day, and are read as dates")]
    FractionsAreDays,
    /// A part of the times is written once and read for the cells below it, too: the first such cell, and how it is read.
    #[error(
        "column {column}: a part of the times is written once, and read for the cells below it, too: {first} is {value}"
    )]
    TimesWrittenOnce { column: String, first: Location, value: String },
    /// The eras of years are in a column of their own: the first year, and how it is read.
    #[error(
        "the years in column {column} are of the eras in column {eras}, and are read as common years: {first} is {value}"
    )]
    ErasOfYears { eras: String, column: String, first: Location, value: String },
    /// The months of a column are those of eras of Japan by their initials: the first of them, and how it is read.
    #[error("the months in column {column} are those of Japanese eras: {first} is {value}")]
    MonthsOfEras { column: String, first: Location, value: String },
    /// The years of a column are those of Taiwan: the first of them, and the year of the common era.
    #[error("the years in column {column} are those of Taiwan: {first} is {value}")]
    YearsOfTaiwan { column: String, first: Location, value: String },
    /// Rows of other steps than the requested one were left out: their number and the first of them.
    #[error("{are} not {step} and left out, the first is {first}: {text}", are = counted(*rows, "row is", "rows are"))]
    OtherStepsLeftOut { rows: usize, step: String, first: Location, text: String },
    /// Times with fractions of a millisecond were rounded.
    #[error("the times are rounded to the millisecond")]
    TimesRounded,
    /// The times are the midnights of a time zone, given in UTC.
    #[error("the times are the midnights of {zone}: each is read as a day")]
    MidnightsOfZone { zone: String },
    /// The changing offsets from UTC are those of a time zone.
    #[error("the offsets from UTC are those of {zone}")]
    OffsetsOfZone { zone: String },
    /// Times from `time` on occur twice, as they do in `zone` when its clocks are set back.
    #[error(
        "{time} occurs twice, as when clocks are set back: the times are read as those of {zone}, the first of two as \
         summer time"
    )]
    ClocksSetBack { time: String, zone: String },
    /// A time was filled that does not exist in `zone`, where clocks are set forward at it.
    #[error("{time} has no row, as when clocks are set forward in {zone}: it is filled")]
    SkippedHourFilled { time: String, zone: String },
    /// Dates were moved to the grid of a frequency: their number, and the old and the new date of the first.
    #[error(
        "{count} moved to the regular step ({frequency}), the first on {first}: from {from} to {to}",
        count = counted(*dates, "date", "dates")
    )]
    DatesMoved { dates: usize, frequency: String, first: Location, from: String, to: String },
    /// No row is on these days of the week, and they are not part of the series.
    #[error("no row is on {days}: these days are left out")]
    ClosedDaysLeftOut { days: String },
    /// No row is on these days of the week, and they are filled and forecast.
    #[error("no row is on {days}: these days are filled and forecast")]
    ClosedDaysFilled { days: String },
    /// No row is in these hours of the day, and they are filled and forecast.
    #[error("no row is from {hours}: these hours are filled and forecast")]
    ClosedHoursFilled { hours: String },
    /// A number of rows were aggregated to periods of a frequency by a method: `sum`, `mean` or `last value`. The periods
    /// start at midnight of `zone`, if the clocks of a zone change.
    #[error(
        "{count} aggregated by their {method}, {frequency}{cut}", count = counted(*rows, "row", "rows"),
        cut = zone.as_ref().map(|zone| format!(", cut at midnight of {zone}")).unwrap_or_default()
    )]
    RowsAggregated { rows: usize, method: &'static str, frequency: String, zone: Option<String> },
    /// Rows without a value were left out, since the rows with one are regular at a longer step.
    #[error("{rows} of {of} rows have no value and are left out, since the others are {frequency}")]
    EmptyRowsLeftOut { rows: usize, of: usize, frequency: String },
    /// Series have values at a longer step than the others, and are filled at the steps between: their number, the names of the
    /// first of them, and both steps.
    #[error(
        "{are} values at a longer step ({own}) than the others ({step}), and the steps between are filled: {names}{more}",
        are = counted(*count, "series has", "series have"),
        names = first.join(", "), more = if *count > first.len() { ", …" } else { "" }
    )]
    LongerSteps { count: usize, first: Vec<String>, own: String, step: String, common: String },
    /// Series without values were left out: their number and the names of the first of them.
    #[error(
        "{count} series without any value left out: {names}{more}",
        names = first.join(", "), more = if *count > first.len() { ", …" } else { "" }
    )]
    SeriesWithoutValues { count: usize, first: Vec<String> },
    /// Periods without a row were read as 0, as requested.
    #[error("{are} read as 0", are = counted(*periods, "period without a row is", "periods without a row are"))]
    GapsReadAsZero { periods: usize },
    /// Series with these names were left out as requested: their number and the first of them.
    #[error(
        "{count} series left out as requested: {names}{more}",
        names = first.join(", "), more = if *count > first.len() { ", …" } else { "" }
    )]
    SeriesLeftOut { count: usize, first: Vec<String> },
    /// The first of `count` series is the sum of `parts` others if it `is_sum`. Otherwise it only has the name of a total.
    /// All of them have one of `ids`.
    #[error(
        "series {series}{more} {what}",
        more = if *count > 1 { format!(" and {} more", count - 1) } else { String::new() },
        what = match (*is_sum, *count) {
            (true, 1) => format!("is the sum of the {parts} others, and is forecast as a series of its own"),
            (true, _) => "are sums of other series, and are forecast as series of their own".into(),
            (false, 1) => "has the name of a total, but is not the sum of the others".into(),
            (false, _) => "have the name of a total, but are not sums of others".into(),
        }
    )]
    TotalAmongSeries { series: String, count: usize, parts: usize, ids: Vec<String>, is_sum: bool },
    /// Series ended long before the others: their number, that of all series, and the first of them in words.
    #[error(
        "{count} of {of} series ended long before the {others}, and {are} forecast from {end}: {names}{more}",
        // most series are not left behind by "the others"
        others = match of - count {
            1 => "other one".to_owned(),
            later if later <= *count => format!("other {later}"),
            _ => "others".to_owned(),
        },
        are = if *count == 1 { "is" } else { "are" }, end = if *count == 1 { "its own end" } else { "their own ends" },
        names = first.join(", "), more = if *count > first.len() { ", …" } else { "" }
    )]
    SeriesEndedEarly { count: usize, of: usize, first: Vec<String> },
    /// Series are too short to check their forecasts on their past: their number, that of all series, the values that
    /// they would need, and the first of them in words.
    #[error(
        "{count} of {of} series {have} fewer than {need} values, too few to check a forecast on the past: {names}{more}",
        have = if *count == 1 { "has" } else { "have" },
        names = first.join(", "), more = if *count > first.len() { ", …" } else { "" }
    )]
    SeriesTooShortToCheck { count: usize, of: usize, need: usize, first: Vec<String> },
    /// The last period seems to be unfinished and was left out of `series` series. `value` is that of the first of them.
    #[error(
        "the last period {time}{of} seems to be unfinished ({number}) and is left out",
        of = if *series == 1 { String::new() } else { format!(" of the first of {series} series") },
        number = value.map_or_else(|| "no value".into(), |value| value.to_string())
    )]
    UnfinishedPeriodLeftOut { time: String, series: usize, value: Option<f64> },
    /// The last value of `series` series is far outside the usual range. `value` and `time` are those of the first of them.
    #[error(
        "the last value{of}, {value} at {time}, is far outside the usual range: the forecast does not start from it",
        of = if *series == 1 { String::new() } else { format!(" of the first of {series} series") }
    )]
    LastOutlierReplaced { time: String, series: usize, value: f64 },
    /// A given season is more than half of the longest series, which has `longest` values.
    #[error(
        "a season of {steps} steps is more than half of the longest series, which has {longest} values: its pattern cannot \
         be estimated"
    )]
    LongSeason { steps: usize, longest: usize },
    /// These columns cannot be covariates, each with the reason.
    #[error("these columns are not covariates: {list}", list = columns.join(", "))]
    ColumnsNotCovariates { columns: Vec<String> },
    /// A covariate has so many `categories` that only the most frequent are `kept`.
    #[error("covariate {column} has {categories} categories: only the {kept} most frequent are kept")]
    CategoriesLimited { column: String, categories: usize, kept: usize },
    /// A covariate has categories that a saved model does not have.
    #[error(
        "covariate {column} has {count} that the model does not have, such as \"{example}\": {are} treated as no category",
        count = counted(*categories, "category", "categories"),
        are = if *categories == 1 { "it is" } else { "they are" }
    )]
    UnknownCategories { column: String, categories: usize, example: String },
    /// A covariate is constant in some series, because of how it is read there.
    #[error("covariate {column} has no effect in {count}: {reason}", count = counted(*series, "series", "series"))]
    CovariateWithoutEffect { column: String, series: usize, reason: &'static str },
    /// A covariate has rows whose category never occurs in a row with a value of the target.
    #[error(
        "covariate {column} has {count} with a category that never occurs with a value of the target, such as \
         \"{example}\": it is treated as no category",
        count = counted(*rows, "row", "rows")
    )]
    UnseenCategories { column: String, rows: usize, example: String },
    /// Missing values of a covariate were filled with the value before: their number and the time of the first.
    #[error(
        "covariate {column}: {count} filled with the value before, the first at {first}",
        count = counted(*values, "missing value", "missing values")
    )]
    CovariateFilled { column: String, values: usize, first: String },
    /// Missing values of a covariate before its first value were filled with that: their number and the time of the first.
    #[error(
        "covariate {column}: {count} before its first value filled with that value, the first at {first}",
        count = counted(*values, "missing value", "missing values")
    )]
    CovariateStartsLate { column: String, values: usize, first: String },
    /// Series were left out because a covariate is not known at every step to forecast: their number, that of all series, and
    /// the first of them in words.
    #[error(
        "{series} of {of} series {are} left out, since covariates are not known at every step: {list}{more}",
        are = if *series == 1 { "is" } else { "are" },
        list = first.join("; "), more = if *series > first.len() { "; …" } else { "" }
    )]
    IncompleteFutures { series: usize, of: usize, first: Vec<String> },
    /// A covariate has several values at a number of times.
    #[error(
        "covariate {column}: {have} several values, which are replaced by their mean or the last of them",
        have = counted(*times, "time has", "times have")
    )]
    CovariateMerged { column: String, times: usize },
    /// The holidays of a country are not known for all times.
    #[error("{0}")]
    Holidays(String),
    /// The numbers of the future rows have another decimal mark than those of the history.
    #[error("the numbers have a decimal {mark}, unlike those of the history")]
    FutureDecimal { mark: &'static str },
    /// The dates of the future rows are written in another form than those of the history.
    #[error("the dates are written in another form than those of the history")]
    FutureDates,
    /// The future rows begin a number of steps late. Only they or the history have offsets from UTC, and the others have local
    /// times of the `zone`. In another zone, the future rows follow the history.
    #[error(
        "in {zone}, the rows begin {late} late; in {follows_in}, they follow the history",
        late = counted(*steps, "step", "steps")
    )]
    FutureGap { steps: usize, zone: String, follows_in: String },
    /// Series of the future rows have no row in the history: their number, and the names of the first of them.
    #[error(
        "{count} without a history left out: {names}{more}",
        count = counted(*count, "series", "series"), names = first.join(", "),
        more = if *count > first.len() { ", …" } else { "" }
    )]
    SeriesOfFutureOnly { count: usize, first: Vec<String> },
    /// A notice about the file of future rows.
    #[error("{file}: {notice}")]
    FutureRows { file: String, notice: Box<Self> },
}

#[cfg(feature = "excel")]
impl Notice {
    /// The same notice on a sheet, whose text has a line for each row.
    pub(crate) fn of_sheet(self) -> Self {
        match self {
            Self::LinesBelowTable { lines, first, text } => {
                Self::LinesBelowTable { lines, first: first.of_sheet(), text }
            }
            Self::TotalsLeftOut { rows, first, text } => Self::TotalsLeftOut { rows, first: first.of_sheet(), text },
            other => other,
        }
    }
}
