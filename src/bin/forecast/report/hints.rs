//! Hints for errors and notices of the library, with flags of the command line.

use std::path::Path;

use forecast::Error;
use forecast::error::{DataProblem, ReconcileProblem, Rejected, RunProblem, Setting, UnsupportedFormat};
use forecast::read::Notice;

/// The hint of an error. `None` if the message alone is enough. `is_typed_for` says whether a flag was typed with the name of
/// a column.
pub(crate) fn error_hint(error: &Error, is_typed_for: fn(&str, &str) -> bool) -> Option<String> {
    let left_out = |column: &str| covariate_left_out(column, is_typed_for);
    Some(match error {
        Error::Data { problem, .. } => {
            return match &**problem {
                DataProblem::InvalidCovariate { column, .. } => Some(left_out(column)),
                problem => data_hint(problem).or_else(|| fixed_data_hint(problem).map(Into::into)),
            };
        }
        Error::InvalidSeason { max, .. } if *max < 2 => "leave out the season with `--season none`".into(),
        Error::InvalidSeason { max, .. } => {
            format!("give whole numbers of 2 to {max} steps, as in `--season {}`, or `--season none`", max.min(&12))
        }
        Error::NotReconcilable(problem) => reconcile_hint(problem),
        Error::UnusableRun { problem, .. } => run_hint(problem),
        Error::FileNotFound { similar: Some(similar), .. } => format!("did you mean {}?", similar.display()),
        Error::IsFolder { table: Some(table), .. } => format!("give a file in it, such as {}", table.display()),
        Error::CovariateTooShort { reach: 0, column, .. } => format!(
            "add these values, or {}; a covariate of the past only has no value after the last one of the target",
            left_out(column)
        ),
        Error::CovariateTooShort { reach, column, .. } => {
            format!("add these values, forecast `--horizon {reach}`, or {}", left_out(column))
        }
        Error::UnknownName { what: "covariate", given, choices } => {
            let all = choices.iter().chain([given]).cloned().collect::<Vec<_>>();
            format!("name it among the covariates, too: `--covariates {} --known {}`", all_quoted(&all), quoted(given))
        }
        _ => return fixed_hint(error).map(Into::into),
    })
}

/// How a column is left out of the covariates, with the flags that name it.
fn covariate_left_out(column: &str, is_typed_for: fn(&str, &str) -> bool) -> String {
    let typed =
        ["`--covariates`", "`--categories`"].into_iter().filter(|flag| is_typed_for(flag.trim_matches('`'), column));
    let flags = typed.collect::<Vec<&str>>().join(" and ");
    format!("leave {column} out of {}", if flags.is_empty() { "the covariates" } else { flags.as_str() })
}

fn fixed_hint(error: &Error) -> Option<&'static str> {
    Some(match error {
        Error::Read { source, .. } if source.kind() == std::io::ErrorKind::PermissionDenied => {
            "allow yourself to read it: `chmod u+r FILE`"
        }
        Error::FileNotFound { .. } => "`ls` lists the files of this folder",
        Error::IsFolder { .. } => "give the path of a file",
        Error::TooShort { .. } => "`--model seasonal-naive` needs one value only, a smaller `--horizon` fewer values",
        Error::NoPretrainedNetworks { .. } => "`--model global` trains networks on the file itself",
        Error::Diverged { .. } => "try a smaller `--learning-rate` or a smaller `--clip`",
        Error::UnusableModel { .. } => "give the folder that `forecast train --csv FILE --horizon N --out DIR` wrote",
        _ => return None,
    })
}

fn run_hint(problem: &RunProblem) -> String {
    match problem {
        RunProblem::MissingFile { command, .. }
        | RunProblem::NotWritten { command, .. }
        | RunProblem::Damaged { command, .. } => {
            format!("make the run again: `{}`", shell_line(command))
        }
        _ => "give the folder that `forecast --csv FILE --horizon N` wrote".into(),
    }
}

fn reconcile_hint(problem: &ReconcileProblem) -> String {
    match problem {
        ReconcileProblem::TooManyTotals { .. } => "add up the forecasts of the series: `--reconcile bottom-up`".into(),
        ReconcileProblem::TooManyIdColumns { max, .. } => format!("name at most {max} id columns with `--id`"),
        ReconcileProblem::ReservedId { id, .. } => format!("leave out these series: `--leave-out {}`", quoted(id)),
        ReconcileProblem::TotalAmongSeries { ids, .. } => {
            format!("leave out these series, as the sums are made anew: `--leave-out {}`", all_quoted(ids))
        }
        ReconcileProblem::DifferentEnds { last, .. } => {
            format!("add a row up to {last} to each series, with 0 where there was nothing, or leave out their rows")
        }
        _ => "leave out `--reconcile`".into(),
    }
}

/// The hint with names of the file.
fn data_hint(problem: &DataProblem) -> Option<String> {
    Some(match problem {
        DataProblem::RejectedLines(Rejected { first, .. }) => match first.as_slice() {
            [(location, _)] => format!("correct or remove {location}, or skip it with `--bad-rows skip`"),
            // A few such lines are accidents; many have a comma in their numbers.
            [_, _, _, ..] if first.iter().all(|(_, reason)| reason.contains("cells, but the header has")) => {
                "if cells have the separator in them, such as a decimal comma, put them in quotes or separate the cells by \
                 semicolons; a few lines can be skipped with `--bad-rows skip`"
                    .into()
            }
            _ => "correct or remove these lines, or skip them with `--bad-rows skip`".into(),
        },
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
        DataProblem::RepeatedTime { candidates, .. } if !candidates.is_empty() && are_listable(candidates) => format!(
            "if they are several series, name their column: `--id {}`; if not, choose how to merge the rows: \
             `--duplicates sum`, `mean` or `last`",
            quoted(&candidates[0])
        ),
        DataProblem::InvalidNumbers { cells, can_be_skipped, .. } => number_hint(cells, *can_be_skipped),
        DataProblem::WordsAmongNumbers { column, cells, can_be_skipped, in_future, .. } => {
            word_hint(cells, *can_be_skipped, *in_future, Some(column))
        }
        DataProblem::MixedKinds { column, .. } => {
            format!("`--categories {}` reads it as words; for numbers, correct its cells", quoted(column))
        }
        DataProblem::SeveralFutureRows { series: Some((column, is_in_history)), history, .. } => {
            let series = if *is_in_history {
                format!("if these are several series, name their column: `--id {}`", quoted(column))
            } else {
                format!("keep the rows of one series in this file, or add the column {column} to {history}")
            };
            format!("{series}; the mean of the rows is taken with `--duplicates mean`")
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

/// Why cells may not be numbers.
enum NotNumbers<'a> {
    /// The columns of a spreadsheet were too narrow for its numbers.
    NarrowColumns,
    /// One word stands in several cells, and probably for a missing value.
    Word(&'a str),
    /// Any other reason.
    Other,
}

impl<'a> NotNumbers<'a> {
    fn of(cells: &'a Rejected) -> Self {
        let mut words: Vec<&str> = cells.first.iter().map(|(_, cell)| cell.as_str()).collect();
        words.dedup();
        match words.as_slice() {
            [word, ..] if word.len() > 2 && word.bytes().all(|byte| byte == b'#') => Self::NarrowColumns,
            [word] if cells.count > 1 => Self::Word(word),
            _ => Self::Other,
        }
    }
}

const NARROW_COLUMNS: &str =
    "the columns of the spreadsheet were too narrow for these numbers: make them wider and save the file again";

/// The hint for words in a covariate of numbers. A missing value is none in the future, which has to be known. `categories`
/// is the name of the column, if it may be one of words.
pub(crate) fn word_hint(cells: &Rejected, can_be_skipped: bool, in_future: bool, categories: Option<&str>) -> String {
    let skip = (can_be_skipped && !in_future).then(|| "read them as missing with `--bad-rows skip`".to_owned());
    let as_words =
        || categories.map(|column| format!("read the column as words with `--categories {}`", quoted(column)));
    let (first, missing, as_words) = match NotNumbers::of(cells) {
        NotNumbers::NarrowColumns => (NARROW_COLUMNS, skip, None),
        NotNumbers::Word(word) if !in_future => {
            let named = format!("name a word that stands for a missing value with `--missing {}`", quoted(word));
            ("correct these cells", Some(named), as_words())
        }
        _ => ("correct these cells", skip, as_words()),
    };
    let mut alternatives: Vec<String> = [Some(first.to_owned()), missing, as_words].into_iter().flatten().collect();
    let last = alternatives.pop().unwrap_or_default();
    if alternatives.is_empty() { last } else { format!("{}, or {last}", alternatives.join(", ")) }
}

/// The hint for cells of the target that are not numbers.
fn number_hint(cells: &Rejected, can_be_skipped: bool) -> String {
    match NotNumbers::of(cells) {
        NotNumbers::NarrowColumns => format!("{NARROW_COLUMNS}, or read the cells as missing with `--bad-rows skip`"),
        NotNumbers::Word(word) => {
            let named = format!("name it with `--missing {}`", quoted(word));
            format!("if {word} stands for a missing value, {named}; if not, correct these cells")
        }
        NotNumbers::Other if can_be_skipped => {
            "correct these cells, or read them as missing with `--bad-rows skip`; a missing value may be left empty or \
             written NA"
                .into()
        }
        NotNumbers::Other => {
            "these are too many to be read as missing: correct them, or name another column with `--target NAME`".into()
        }
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
            "send fewer rows in a request, or read them as a file: `forecast --csv FILE`"
        }
        DataProblem::UncomputedFormulas { .. } => {
            "open the file in a spreadsheet program and save it, or read these cells as missing with `--bad-rows skip`"
        }
        DataProblem::NoSheets => "leave out `--sheet`",
        DataProblem::UnknownSeries { .. } => "`forecast inspect --csv FILE --verbose` lists the series",
        DataProblem::OtherFutureTimes { .. } => {
            "give the rows of the future times of the same kind as those of the history"
        }
        DataProblem::SeveralFutureRows { .. } => "keep one row for each time, or take their mean: `--duplicates mean`",
        DataProblem::InvalidFutureRows { .. } => {
            "give a file with the time column, the id columns and the covariates of the steps to forecast"
        }
        DataProblem::NoNumericColumn { .. } => "if there is one, name it with `--target NAME`",
        DataProblem::NoTimeColumn { .. } | DataProblem::ConstantTime { .. } => {
            "name the column that orders the rows with `--time NAME`"
        }
        DataProblem::NoValues { .. } => "name another column with `--target NAME`",
        DataProblem::InvalidTimes { can_be_skipped: false, .. } => {
            "correct these cells, keep only rows of one kind, such as the months of a file that also has years, or name \
             another column with `--time NAME`; dates such as 2024-01-31, 31.01.2024, 2024 Q1 or Jan-24 can be read, with \
             times down to the millisecond"
        }
        DataProblem::InvalidTimes { .. } => {
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

/// A notice with the flag that changes the decision.
pub(crate) fn notice_line(notice: &Notice) -> String {
    let hint = match notice {
        Notice::AssumedDecimalPoint { .. } => "`--decimal comma` reads it as a separator",
        Notice::AssumedDecimalComma { .. } => "`--decimal point` reads it as a separator",
        Notice::AssumedThousandsComma { .. } => "`--decimal comma` reads it as decimal",
        Notice::AssumedEncoding { .. } => "`--encoding NAME` names another",
        Notice::MissingCode { .. } => "`--missing none` keeps them as numbers",
        Notice::MissingCodeKept { code, .. } => {
            return format!("{notice} (`--missing {code}` reads them as missing)");
        }
        Notice::LongerSteps { common, .. } => {
            return format!(
                "{notice} (`--frequency {common} --duplicates mean`, or `sum` or `last`, gives all one step)"
            );
        }
        Notice::NumbersAsIds { .. } => "`--id NAMES` names the ids",
        Notice::ClocksSetBack { .. } | Notice::DaysOf25Hours { .. } | Notice::DaysOf23Hours { .. } => {
            "`--zone NAME` chooses another zone"
        }
        Notice::SkippedHourFilled { zone, .. } => {
            return format!("{notice} (`--zone {zone}` reads the times as local)");
        }
        Notice::SheetChosen { .. } => "`--sheet NAME` reads another one",
        Notice::SheetsJoined { .. } => "`--sheet NAME` reads one of them",
        Notice::ClosedDaysLeftOut { .. } => "`--frequency daily` forecasts every day",
        Notice::ClosedHoursFilled { .. } => {
            "`--frequency daily --duplicates sum`, or `mean` or `last`, aggregates the rows to days"
        }
        Notice::UnfinishedPeriodLeftOut { .. } => "`--unfinished keep` keeps it",
        Notice::LastOutlierReplaced { .. } => "`--spikes keep` starts from it",
        Notice::TotalAmongSeries { ids, .. } => {
            return format!(
                "{notice} (`--leave-out {}` leaves {} out)",
                all_quoted(ids),
                if ids.len() == 1 { "it" } else { "them" }
            );
        }
        _ => return notice.to_string(),
    };
    format!("{notice} ({hint})")
}

/// A command as one line for a shell. The program is named without its folder.
pub(crate) fn shell_line(command: &[String]) -> String {
    let program = command.first().map(Path::new).and_then(Path::file_name);
    let program = program.map(|name| name.to_string_lossy().into_owned());
    let words = program.iter().chain(command.iter().skip(1));
    words.map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// A name as one argument of a shell.
pub(crate) fn quoted(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-.:/".contains(c);
    if !name.is_empty() && name.chars().all(is_plain) {
        name.into()
    } else {
        format!("'{}'", name.replace('\'', r"'\''"))
    }
}

/// Whether names can be listed in one flag, which is separated at commas.
fn are_listable(names: &[String]) -> bool {
    !names.iter().any(|name| name.contains(','))
}

fn all_quoted(names: &[String]) -> String {
    names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(",")
}
