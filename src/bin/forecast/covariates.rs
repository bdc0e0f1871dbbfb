//! Covariates: who may use them, and what is known of each.

use forecast::model::Model;
use forecast::panel::{Covariate, Panel};

use crate::cli_error::CliError;
use crate::reading::ReadArgs;

/// Refuses flags on covariates that would do nothing.
pub(crate) fn check<'a>(read: &ReadArgs, mut models: impl Iterator<Item = &'a dyn Model>) -> anyhow::Result<()> {
    let Some(flag) = read.covariates_flag() else {
        return match read.future_flag() {
            Some(flag) => Err(CliError::usage(
                format!("{flag} does nothing where no covariate is asked for"),
                "name the columns that are known ahead with `--covariates NAMES`, or `--covariates all`",
            )),
            None => Ok(()),
        };
    };
    let Some(first) = models.next() else { return Ok(()) };
    if first.uses_covariates() || models.any(Model::uses_covariates) {
        return Ok(());
    }
    let first = first.name();
    Err(CliError::usage(
        format!("{flag} does nothing for {first}, which uses the target alone"),
        format!("leave {flag} out, or let the default use it: `--model auto`"),
    ))
}

/// `covariates: temperature, holiday known ahead; wind past only`
pub(crate) fn line(panel: &Panel) -> Option<String> {
    let covariates = panel.covariates();
    let past = covariates.columns().iter().any(|column| !column.known_future);
    let why = if past { " (no value after the last of the target)" } else { "" };
    (!covariates.is_empty()).then(|| format!("covariates: {}{why}", covariates.in_words()))
}

/// The columns, for a record of the run.
pub(crate) fn columns(panel: &Panel) -> Vec<Covariate> {
    panel.covariates().columns().to_vec()
}
