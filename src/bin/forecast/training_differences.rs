//! How data differ from those that a saved model was trained on: what is refused, and the hints on the rest.

use forecast::Panel;
use forecast::model::{DataMismatch, TrainedOn};
use forecast::time::{Frequency, NamedFrequency};

use crate::args::reading::ReadArgs;
use crate::exit_status::CliError;
use crate::report::hints::quoting::quoted;

/// Whether a difference from the sample of a pooled model is relevant. That series are not in the sample is none, and neither is
/// that a single series has no ids.
pub(crate) fn is_relevant_for_sample(mismatch: &DataMismatch) -> bool {
    match mismatch {
        DataMismatch::NewSeries { .. } => false,
        DataMismatch::Ids { given, .. } => !given.is_empty(),
        _ => true,
    }
}

/// Refuses data that a model cannot forecast. Returns their other differences from the training data that are relevant.
pub(crate) fn differences_from(
    trained_on: Option<&TrainedOn>,
    read: &ReadArgs,
    panel: &Panel,
    is_relevant: fn(&DataMismatch) -> bool,
) -> anyhow::Result<Vec<String>> {
    let Some(trained_on) = trained_on else { return Ok(Vec::new()) };
    let all: Vec<DataMismatch> = trained_on.mismatches(panel).into_iter().filter(is_relevant).collect();
    check_fatal(&all, read, trained_on, panel)?;
    Ok(all.iter().map(|own| in_words(own, read, trained_on, panel)).collect())
}

/// Whether a flag asks for what differs from the training data.
fn is_typed(args: &ReadArgs, mismatch: &DataMismatch) -> bool {
    match mismatch {
        DataMismatch::Target { .. } => args.target().is_some(),
        DataMismatch::Ids { .. } => !args.ids().is_empty(),
        _ => false,
    }
}

/// Refuses data that a model cannot forecast.
fn check_fatal(
    mismatches: &[DataMismatch],
    args: &ReadArgs,
    trained_on: &TrainedOn,
    panel: &Panel,
) -> anyhow::Result<()> {
    match mismatches.iter().find(|mismatch| mismatch.is_fatal() && !is_typed(args, mismatch)) {
        Some(found) => Err(CliError::data(found.to_string(), hint(args, trained_on, panel, found).unwrap_or_default())),
        None => Ok(()),
    }
}

/// A difference from the training data in words, with a hint.
fn in_words(mismatch: &DataMismatch, args: &ReadArgs, trained_on: &TrainedOn, panel: &Panel) -> String {
    match hint(args, trained_on, panel, mismatch) {
        Some(hint) if !is_typed(args, mismatch) => format!("{mismatch} ({hint})"),
        _ => mismatch.to_string(),
    }
}

/// What settles a mismatch.
fn hint(args: &ReadArgs, trained_on: &TrainedOn, panel: &Panel, mismatch: &DataMismatch) -> Option<String> {
    let train = format!("`{}` trains a model of these data", args.train_command(""));
    Some(match mismatch {
        DataMismatch::Frequency { .. } => match coarser_name(trained_on.frequency, panel.frequency()) {
            Some(name) => format!("`--frequency {name} --duplicates sum`, or `mean`, aggregates the rows; or {train}"),
            None => train,
        },
        DataMismatch::Target { given, .. } => {
            format!("`--target {}` forecasts it with this model all the same", quoted(given))
        }
        DataMismatch::Ids { .. } => {
            format!("if the file has them under another name, give it with `--id NAME`; or {train}")
        }
        DataMismatch::TooFewValues { .. } => "give the history as well, not only the newest rows".into(),
        DataMismatch::EndsBeforeTraining { .. } => {
            format!("`{}` makes forecasts of the past without its later values", args.backtest_command())
        }
        DataMismatch::Scale { .. } => "check the column and its unit".into(),
        _ => return None,
    })
}

/// The name of the frequency of a model for `--frequency`, if that of the data has shorter steps.
fn coarser_name(trained: Frequency, given: Frequency) -> Option<NamedFrequency> {
    named_frequency(trained).filter(|_| given.has_shorter_steps_than(trained))
}

/// The name of a frequency for `--frequency`, if it has one.
pub(crate) fn named_frequency(frequency: Frequency) -> Option<NamedFrequency> {
    let name = frequency.name();
    let name = match name.as_str() {
        "month end" => "monthly",
        "quarter end" => "quarterly",
        "business days" => "business",
        name => name,
    };
    name.parse().ok()
}
