//! Hints for files of the future.

use forecast::error::DataProblem;

use super::quoting::quoted;

/// The hint for rows of the future that do not continue the history. `None` for other problems.
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
            "give the rows of the future times of the same kind as those of the history".into()
        }
        DataProblem::SeveralFutureRows { .. } => {
            "keep one row for each time, or take their mean: `--duplicates mean`".into()
        }
        DataProblem::InvalidFutureRows { .. } => {
            "give a file with the time column, the id columns and the covariates of the steps to forecast".into()
        }
        _ => return None,
    })
}
