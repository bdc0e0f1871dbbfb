//! Hints for files of future rows, and for rows without a time in either file.

use forecast::error::{DataProblem, Location};

use super::quoting::quoted;

/// The hint for future rows that do not continue the history, or for rows without a time. `None` for other problems.
pub(super) fn future_hint(problem: &DataProblem) -> Option<String> {
    Some(match problem {
        DataProblem::SeveralFutureRows { series: Some((column, is_in_history)), history, .. } => {
            let series = if *is_in_history {
                format!("if these are several series, name their column: `--id {}`", quoted(column))
            } else {
                format!("keep the rows of one series in this file, or add the column {column} to {history}")
            };
            format!("{series}; the mean of the rows is taken with `--duplicates mean`")
        }
        DataProblem::OtherFutureTimes { .. } => {
            "give the future rows times of the same kind as those of the history".into()
        }
        DataProblem::FutureNotAfterHistory { follows_in: Some(zone), .. } => format!(
            "the future rows follow the history in `--zone {zone}`; if the zone given is right, remove the future rows up to the \
             last time of the history"
        ),
        DataProblem::FutureNotAfterHistory { .. } => {
            "remove the future rows up to the last time of the history, or name another zone with `--zone NAME`".into()
        }
        DataProblem::SeveralFutureRows { .. } => {
            "keep one row for each time, or take their mean: `--duplicates mean`".into()
        }
        DataProblem::FutureColumnMissing { similar: Some(similar), column, history, .. } => {
            format!("rename the column {similar} to {column}, as in {history}")
        }
        DataProblem::FutureColumnMissing { is_time: true, column, history, .. } => {
            format!("name the column of times {column}, as in {history}")
        }
        DataProblem::FutureColumnMissing { column, history, .. } => {
            format!("add the column {column}, which tells the series of {history} apart")
        }
        DataProblem::MixedOffsets { follows_in: Some(zone), .. } => format!(
            "name the zone of the times without an offset; the future rows follow the history in `--zone {zone}`"
        ),
        DataProblem::FutureOffSteps { follows_in, .. } => {
            format!(
                "the future rows follow the history in `--zone {follows_in}`; if the zone given is right, correct their times"
            )
        }
        DataProblem::InvalidTimes { can_be_skipped: true, in_future: true, .. } => {
            "correct these cells, or skip their rows with `--bad-rows skip`".into()
        }
        DataProblem::InvalidTimes { in_future: true, .. } => {
            "write these times as those of the history, or as dates such as 2024-01-31, 31.01.2024, 2024 Q1 or Jan-24"
                .into()
        }
        DataProblem::TimesMissing { can_be_skipped: true, first, count: 1, .. } => {
            let row = first.first().map(Location::to_string).unwrap_or_default();
            format!("write the time of {row}, or skip it with `--bad-rows skip`")
        }
        DataProblem::TimesMissing { can_be_skipped: true, .. } => {
            "write these times, or skip the rows with `--bad-rows skip`".into()
        }
        DataProblem::TimesMissing { in_future: true, .. } => "write these times, or remove the rows".into(),
        DataProblem::TimesMissing { .. } => {
            "write these times, remove the rows, or name another column with `--time NAME`".into()
        }
        DataProblem::FutureCovariateMissing { similar: Some(similar), column, history, .. } => {
            format!("rename the column {similar} to {column}, as in {history}, or remove it if it has other values")
        }
        DataProblem::FutureCovariateMissing { column, .. } => {
            format!("add the column {column} with its values of the future, or leave out `--future`")
        }
        DataProblem::FutureTarget { target, history, .. } => format!(
            "remove the column {target} from this file; if its rows continue the history, add them to {history} and leave out \
             `--future`"
        ),
        DataProblem::FutureSeriesUnknown { history, known, .. } => {
            format!("write the ids as {history} has them, such as {known}")
        }
        _ => return None,
    })
}
