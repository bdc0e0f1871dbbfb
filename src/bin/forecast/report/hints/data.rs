//! Hints for problems of data files.

use forecast::error::{DataProblem, Location, Rejected, Setting, UnsupportedFormat};

use super::cells::{number_hint, word_hint};
use super::future::future_hint;
use super::quoting::{all_quoted, are_listable, quoted};

/// The hint of a problem. `None` if the message alone is enough.
pub(super) fn problem_hint(problem: &DataProblem) -> Option<String> {
    data_hint(problem).or_else(|| future_hint(problem)).or_else(|| fixed_data_hint(problem).map(Into::into))
}

/// The hint with names of the file.
fn data_hint(problem: &DataProblem) -> Option<String> {
    Some(match problem {
        DataProblem::RejectedLines(Rejected { first, .. }) => lines_hint(first),
        DataProblem::Malformed { location: Some(location), .. } => format!("correct or remove {location}"),
        DataProblem::ColumnNotFound { setting, similar: Some(similar), .. } => {
            format!("did you mean `{} {}`?", flag(*setting), quoted(similar))
        }
        DataProblem::ColumnNotFound { setting, similar: None, .. } => {
            format!("name one of these columns with `{} NAME`", flag(*setting))
        }
        DataProblem::SheetNotFound { similar: Some(similar), .. } => {
            format!("did you mean `--sheet {}`?", quoted(similar))
        }
        DataProblem::SheetNotFound { sheets, .. } => {
            let first = sheets.first().map_or("NAME".into(), |name| quoted(name));
            format!("name one of these sheets, as in `--sheet {first}`")
        }
        DataProblem::ConflictingRoles { first, second, .. } => {
            format!("give `{}` and `{}` different columns", flag(*first), flag(*second))
        }
        DataProblem::AmbiguousTarget { candidates } => {
            let first = candidates.first().map_or("NAME".into(), |name| quoted(name));
            let is_short = candidates.len() <= 3 && are_listable(candidates);
            let all = if is_short { all_quoted(candidates) } else { "all".into() };
            format!("name one with `--target {first}`, or forecast each as a series with `--wide {all}`")
        }
        DataProblem::LikelyTimesInHeader { ids, quantities, .. } => header_hint(ids, quantities),
        DataProblem::RepeatedTime { candidates, .. } if !candidates.is_empty() && are_listable(candidates) => format!(
            "if they are several series, name their column: `--id {}`; if not, choose how to merge the rows: \
             `--duplicates sum`, `mean` or `last`",
            quoted(&candidates[0])
        ),
        DataProblem::InvalidNumbers { cells, present, can_be_skipped, .. } => {
            number_hint(cells, *present, *can_be_skipped)
        }
        DataProblem::WordsAmongNumbers { column, cells, can_be_skipped, in_future, .. } => {
            word_hint(cells, *can_be_skipped, *in_future, Some(column))
        }
        DataProblem::MixedKinds { column, .. } => {
            format!("`--categories {}` reads it as words; for numbers, correct its cells", quoted(column))
        }
        DataProblem::UnknownSeries { similar: Some(similar), .. } => {
            format!("did you mean `--leave-out {}`?", quoted(similar))
        }
        DataProblem::OffGrid { is_requested: false, period: Some(period), .. } => {
            let of_days = match period.as_str() {
                "weekly" | "monthly" | "quarterly" => {
                    "; if nothing happened on days without a row: `--frequency daily --gaps zero`"
                }
                _ => "",
            };
            format!(
                "correct these times, or make regular periods of the rows: `--frequency {period} --duplicates sum` (or \
                 `mean` or `last`){of_days}"
            )
        }
        DataProblem::TooSparse { is_scattered: false, location, .. } => {
            format!("correct the time of {location}, or remove the rows on one side of the gap")
        }
        DataProblem::TooSparse { is_within_a_day: false, is_scattered: true, frequency, .. } => {
            let of_days = if frequency == "daily" { "--frequency daily " } else { "" };
            format!(
                "if nothing happened in the periods without a row, read them as 0: `{of_days}--gaps zero`; if not, make \
                 longer periods, as in `--frequency monthly --duplicates sum` (or `mean` or `last`)"
            )
        }
        DataProblem::AmbiguousDuration { value, .. } => format!(
            "write all three parts in each cell: 0:{value:0>5} for minutes and seconds, {value}:00 for hours and minutes"
        ),
        DataProblem::FiscalPeriod { period, .. } => format!(
            "add a column with the first day of each {period}, such as 2024-02-04, and name it with `--time NAME`"
        ),
        DataProblem::IrregularTimes { period, candidates, .. } => {
            let whole = "make regular periods of the rows: `--frequency";
            let of_ids =
                candidates.first().map(|name| format!("; for a series of each {name}, add `--id {}`", quoted(name)));
            format!("{whole} {period} --duplicates sum` (or `mean` or `last`){}", of_ids.unwrap_or_default())
        }
        DataProblem::MixedSteps { steps, .. } => {
            let (shortest, others) =
                steps.split_last().map_or(("monthly", &[][..]), |(last, rest)| (last.as_str(), rest));
            let others: Vec<String> = others.iter().map(|step| format!("`{step}`")).collect();
            format!(
                "`--frequency {shortest}` reads these rows and leaves the others out, as does {}",
                others.join(" or ")
            )
        }
        DataProblem::DifferentSteps { common, .. } => format!(
            "make regular periods of all rows: `--frequency {common} --duplicates sum` (or `mean` or `last`), or give each \
             series in a file of its own"
        ),
        _ => return None,
    })
}

/// The hint for columns whose names may be times, next to columns that may name the series.
fn header_hint(ids: &[String], quantities: &[String]) -> String {
    if quantities.len() > 1 {
        let list = quantities.join(", ");
        return format!("write the columns of {list} to separate files, each with the columns that name the series");
    }
    let named = if are_listable(ids) { all_quoted(ids) } else { "NAME".into() };
    format!(
        "if each row is a series with a value for each of these times, name the column of the series: `--id {named}`; if \
         not, name the column that orders the rows with `--time NAME`"
    )
}

/// The hint for lines that do not fit the header or the format of the file, each with its fault.
fn lines_hint(first: &[(Location, String)]) -> String {
    match first {
        [(location, reason)] if reason.ends_with("has no column") => format!(
            "correct or remove {location}, with quotes around a cell that has the separator in it, or skip it with \
             `--bad-rows skip`"
        ),
        [(location, _)] => format!("correct or remove {location}, or skip it with `--bad-rows skip`"),
        // A few such lines are accidents; many have a comma in their numbers.
        [_, _, _, ..] if first.iter().all(|(_, reason)| reason.ends_with("has no column")) => {
            "if cells have the separator in them, such as a decimal comma, put them in quotes or separate the cells by \
             semicolons; a few lines can be skipped with `--bad-rows skip`"
                .into()
        }
        _ => "correct or remove these lines, or skip them with `--bad-rows skip`".into(),
    }
}

fn fixed_data_hint(problem: &DataProblem) -> Option<&'static str> {
    Some(match problem {
        DataProblem::Empty | DataProblem::NoRows => "give a file with a header and a row for each time",
        DataProblem::TooManyRows { .. } => "split the file by series",
        DataProblem::UnsupportedFormat(format) => format_hint(*format),
        DataProblem::NotATable { .. } => {
            "give rows, each an object, as `df.to_json(orient=\"records\")` of pandas writes them, or a list for each column"
        }
        DataProblem::MostlyEmpty { .. } => {
            "give each row the same names, as in {\"date\": \"2024-01-01\", \"id\": \"a1\", \"sales\": 5}, and leave out those \
             that few rows have"
        }
        DataProblem::StreamCut { .. } => "write it again, and close its writer, which adds that message",
        DataProblem::UnreadableColumn { .. } => {
            "write it as text, a number, a date or a timestamp, as in `column.cast(\"float64\")`, or leave it out"
        }
        DataProblem::RepeatedColumn { .. } => "rename one of them, or leave it out",
        DataProblem::BytesAfterStream { .. } => "write all rows into one stream, and nothing after it",
        DataProblem::StreamTooLong { .. } => {
            "send fewer rows in a request, or read them as a file: `forecast --csv FILE --horizon N`"
        }
        DataProblem::UncomputedFormulas { .. } => {
            "open the file in a spreadsheet program and save it, or read these cells as missing with `--bad-rows skip`"
        }
        DataProblem::NoSheets => "leave out `--sheet`",
        DataProblem::UnknownSeries { .. } => "`forecast inspect --csv FILE --verbose` lists the series",
        DataProblem::NoNumericColumn { .. } => "if there is one, name it with `--target NAME`",
        DataProblem::NoTimeColumn { .. } | DataProblem::ConstantTime { .. } => {
            "name the column that orders the rows with `--time NAME`"
        }
        DataProblem::NoValues { .. } => "name another column with `--target NAME`",
        DataProblem::InvalidTimes { can_be_skipped: false, in_future: false, .. } => {
            "correct these cells, keep only rows of one kind, such as the months of a file that also has years, or name \
             another column with `--time NAME`; dates such as 2024-01-31, 31.01.2024, 2024 Q1 or Jan-24 can be read, with \
             times down to the millisecond"
        }
        DataProblem::InvalidTimes { in_future: false, .. } => {
            "correct these cells, skip their rows with `--bad-rows skip`, or name another column with `--time NAME`; \
             dates such as 2024-01-31, 31.01.2024, 2024 Q1 or Jan-24 can be read, with times down to the millisecond"
        }
        DataProblem::StepsBelowAMillisecond { .. } => {
            "aggregate the rows to milliseconds: `--frequency 1ms --duplicates mean`, or `sum` or `last`"
        }
        DataProblem::PartsWithoutPeriod { .. } => {
            "add a column with it, such as the year of the row, or put it into the names, as in `2024-01`"
        }
        DataProblem::YearsFromAnotherMonth { .. } => "write the years with both numbers, as in 2019/20",
        DataProblem::PartsOfFiscalYear { parts: "months", .. } => {
            "order the months as these years have them, such as from July to June; or write each year as one number, such \
             as 2019, if it is that of the calendar"
        }
        DataProblem::PartsOfFiscalYear { .. } => {
            "write each year as one number, such as 2019, if it is that of the calendar; if not, give each value a row with \
             the first day of its period, such as 2024-04-01"
        }
        DataProblem::AmbiguousDateOrder { .. } => "choose `--dates dmy` or `--dates mdy`",
        DataProblem::UnknownTimeZone { .. } => {
            "name the zone to show the times in, as in `--zone UTC` or `--zone Europe/Berlin`"
        }
        DataProblem::MixedOffsets { .. } => {
            "name the zone of the times without an offset, as in `--zone UTC` or `--zone Europe/Berlin`"
        }
        DataProblem::MixedUnits { .. } => {
            "give the column one unit, or read the cells with a rarer unit as missing with `--bad-rows skip`"
        }
        DataProblem::RepeatedTime { .. } => "choose how to merge them: `--duplicates sum`, `mean` or `last`",
        DataProblem::SingleTime => "name the frequency, as in `--frequency daily`",
        DataProblem::FrequencyMismatch { is_finer: false, .. } => {
            "leave out `--frequency`, or give the frequency of the data"
        }
        DataProblem::FrequencyMismatch { .. } | DataProblem::OffGrid { is_requested: true, .. } => {
            "choose how to aggregate the rows of a period: `--duplicates sum`, `mean` or `last`; or leave out `--frequency`"
        }
        DataProblem::OffGrid { period: None, .. } => "correct these times, or remove their lines",
        DataProblem::TooSparse { .. } => {
            "aggregate the rows to days, as in `--frequency daily --duplicates last` (or `sum` or `mean`)"
        }
        _ => return None,
    })
}

fn format_hint(format: UnsupportedFormat) -> &'static str {
    match format {
        UnsupportedFormat::Zip => "save the sheet as CSV, or unpack the archive, and give that file",
        UnsupportedFormat::Protected => "save it without a password, and give that file",
        UnsupportedFormat::Excel => "save it as .xlsx or CSV and give that file",
        UnsupportedFormat::Sqlite => "export the table as CSV and give that file",
        UnsupportedFormat::Bzip2 => "decompress it: `bzcat FILE | forecast --csv - --horizon N`",
        UnsupportedFormat::Xz => "decompress it: `xzcat FILE | forecast --csv - --horizon N`",
        UnsupportedFormat::Hdf5 => "save the table as CSV or Parquet and give that file",
        UnsupportedFormat::Markup => "download the file itself, or save the table as CSV and give that file",
        _ => "save the table as CSV and give that file",
    }
}

fn flag(setting: Setting) -> &'static str {
    match setting {
        Setting::Time => "--time",
        Setting::Target => "--target",
        Setting::Ids => "--id",
        Setting::Wide => "--wide",
        _ => "--covariates",
    }
}
