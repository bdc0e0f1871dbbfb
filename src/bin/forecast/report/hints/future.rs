//! Hints for files of future rows.

use forecast::error::DataProblem;

use super::quoting::quoted;

/// The hint for future rows that do not continue the history. `None` for other problems.
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
            "the future rows follow a history in `--zone {zone}`; if it is in the zone given, remove the future rows up to its \
             last time"
        ),
        DataProblem::FutureNotAfterHistory { .. } => {
            "remove the future rows up to the last time of the history, or name its zone".into()
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
        DataProblem::FutureTimeMissing { location } => format!("write the time of {location}, or remove it"),
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
