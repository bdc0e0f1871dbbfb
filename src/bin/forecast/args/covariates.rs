//! Checks the flags on covariates against the models.

use forecast::model::Model;

use crate::args::reading::ReadArgs;
use crate::cli_error::CliError;

/// Rejects flags on covariates that no model uses.
pub(crate) fn check<'a>(read: &ReadArgs, models: impl IntoIterator<Item = &'a dyn Model>) -> anyhow::Result<()> {
    let Some(flag) = read.covariates_flag() else {
        return match read.future_flag() {
            Some(flag) => Err(CliError::usage(
                format!("{flag} has no effect without covariates"),
                "name the columns that are known ahead with `--covariates NAMES`, or `--covariates all`",
            )),
            None => Ok(()),
        };
    };
    let mut models = models.into_iter();
    let Some(first) = models.next() else { return Ok(()) };
    if first.uses_covariates() || models.any(Model::uses_covariates) {
        return Ok(());
    }
    Err(CliError::usage(
        format!("{flag} has no effect on {}, which uses the target alone", first.name()),
        format!("leave {flag} out, or choose a model that uses it: `--model auto`"),
    ))
}
