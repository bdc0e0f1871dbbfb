//! Hints for errors and notices of the library, with flags of the command line. A test compiles this folder, too.

use forecast::Error;
use forecast::error::{DataProblem, ReconcileProblem, RunProblem};

use self::data::problem_hint;
use self::quoting::{all_quoted, quoted, shell_line};

pub(crate) mod cells;
mod data;
mod future;
pub(crate) mod notices;
pub(crate) mod quoting;

/// The hint of an error. `None` if the message alone is enough. `is_typed_for` says whether a flag was typed with the name of
/// a column.
pub(crate) fn error_hint(error: &Error, is_typed_for: fn(&str, &str) -> bool) -> Option<String> {
    let left_out = |column: &str| covariate_left_out(column, is_typed_for);
    Some(match error {
        Error::Data { problem, .. } => {
            return match &**problem {
                DataProblem::InvalidCovariate { column, .. } => Some(left_out(column)),
                problem => problem_hint(problem),
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
        ReconcileProblem::DifferentPeriods { longer: Some(longer), .. } => format!(
            "make longer periods of the rows, in which both fit: `--frequency {longer} --duplicates sum`; or leave out \
             `--reconcile`"
        ),
        ReconcileProblem::DifferentEnds { last, .. } => {
            format!("add a row up to {last} to each series, with 0 where there was nothing, or leave out their rows")
        }
        _ => "leave out `--reconcile`".into(),
    }
}
