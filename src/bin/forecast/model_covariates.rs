//! Covariates of a saved model: flags that contradict them, and data that lack them.

use forecast::error::{CovariateProblem, DataProblem};
use forecast::panel::{Covariate, CovariateKind, TimeSeries};
use forecast::time::Holidays;
use forecast::{Error, Panel};

use crate::args::reading::ReadArgs;
use crate::exit_status::CliError;
use crate::report::hints::cells::word_hint;
use crate::report::text_table::counted;

/// Refuses flags on covariates for a model that was fitted without any, and holidays that it does not have. `sample` is the
/// flag of its training, if it is one of a sample.
pub(crate) fn check(
    covariates: &[Covariate],
    read: &ReadArgs,
    sample: Option<&str>,
    name: impl Fn() -> String,
) -> anyhow::Result<()> {
    let train = |flag: &str| read.train_command([sample.unwrap_or_default(), flag].join(" ").trim_start());
    let holidays = read.holidays().map(Holidays::code);
    let flags = read.covariate_flags().into_iter().chain(read.future_flag()).collect::<Vec<_>>();
    if let (Some(flag), true) = (flags.first(), covariates.is_empty()) {
        let command = match holidays.filter(|_| *flag == "--holidays") {
            Some(code) => train(&format!("--holidays {code}")),
            None => train("--covariates NAMES"),
        };
        return Err(CliError::usage(
            format!("{flag} has no effect on this model ({}), which was fitted without covariates", name()),
            format!("leave {} out, or train a model with covariates: `{command}`", flags.join(" and ")),
        ));
    }
    let own = covariates.iter().find_map(|own| match &own.kind {
        CovariateKind::Holidays(code) => Some(code.as_str()),
        _ => None,
    });
    let (Some(code), true) = (holidays, own != holidays) else { return Ok(()) };
    let trained = own.map_or_else(|| "without holidays".to_owned(), |own| format!("with the holidays of {own}"));
    Err(CliError::usage(
        format!("--holidays {code} does not suit this model ({}), which was trained {trained}", name()),
        format!("leave --holidays out, or train a model with them: `{}`", train(&format!("--holidays {code}"))),
    ))
}

/// An error of the reader, with a hint for covariates that are those of the training, because none were typed.
pub(crate) fn read_error(error: Error, typed: &ReadArgs) -> anyhow::Error {
    let Error::Data { problem, .. } = &error else { return error.into() };
    let retrain = "or train a model without it: `forecast train --csv FILE --horizon N --out DIR`";
    let (message, hint) = match &**problem {
        _ if !typed.covariate_column_flags().is_empty() => return error.into(),
        DataProblem::ColumnNotFound { setting: forecast::error::Setting::Covariates, .. } => (
            format!("the model was trained with other columns, too; {error}"),
            format!("give a file with this column, {retrain}"),
        ),
        DataProblem::InvalidCovariate { column, reason } => {
            let hint = match reason {
                CovariateProblem::MostlyUnique => "correct its cells, which are not as in the training",
                CovariateProblem::TimesInHeader => "give a file with a row for each time",
                _ => "add its values",
            };
            (format!("the model was trained with {column}; {error}"), format!("{hint}, {retrain}"))
        }
        DataProblem::WordsAmongNumbers { column, cells, can_be_skipped, in_future, .. } => (
            format!("{error}; the model was trained with numbers in {column}"),
            word_hint(cells, *can_be_skipped, *in_future, None),
        ),
        _ => return error.into(),
    };
    CliError::data(message, hint)
}

/// The error of data whose covariates are not those of a model. The data have those that were typed, or else those of the
/// training.
pub(crate) fn mismatch_error(error: Error, typed: &ReadArgs) -> anyhow::Error {
    let flags = typed.covariate_column_flags();
    match &error {
        // no flag asks for these words
        Error::CovariateKindMismatch { column, wanted: "numbers", .. } if !typed.is_typed_as_category(column) => {
            return CliError::data(error.to_string(), "correct the cells of this column");
        }
        Error::CovariateMismatch { .. } | Error::CovariateKindMismatch { .. } if !flags.is_empty() => {}
        _ => return error.into(),
    }
    let flags = flags.iter().map(|flag| format!("`{flag}`")).collect::<Vec<_>>().join(" and ");
    CliError::usage(error.to_string(), format!("leave out {flags}: the data are read with the covariates of the model"))
}

/// Adds a hint to the error of a forecast about its covariates. A saved model forecasts its whole horizon, and needs those
/// that are known in the future at all of its steps. `name` is that of the model in a sentence.
pub(crate) fn forecast_error(error: Error, panel: &Panel, typed: &ReadArgs, name: &str) -> anyhow::Error {
    let Error::CovariateTooShort { column, count, of, .. } = &error else { return mismatch_error(error, typed) };
    let horizon = of / panel.count().max(1);
    let last = panel.iter().max_by_key(TimeSeries::end);
    let last = last.map(|series| panel.format(series.time_at(series.len() + horizon - 1))).unwrap_or_default();
    let steps = if horizon == 1 { "the step".to_owned() } else { format!("all {}", counted(horizon, "step")) };
    let needs = format!("the model needs {column} at {steps} after the last value of a series, up to {last}");
    if count < of {
        return CliError::data(error.to_string(), format!("add these values: {needs}"));
    }
    CliError::data(
        format!(
            "{name} was trained with {column} known in the future, and the data have no value of it after the last one of \
                 the target"
        ),
        format!("{needs}: add rows without a value of the target, or give them in a file, with `--future FILE`"),
    )
}
