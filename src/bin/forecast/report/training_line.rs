//! What the course of a training shows, in a sentence, with the flag that changes it.

use std::time::Duration;

use forecast::Model;
use forecast::model::{Epoch, ModelOption, TrainingFinding};

use crate::interrupt;

/// What a training shows, and what to try; empty without epochs. `budget` is that of the command.
pub(crate) fn training_line(model: &dyn Model, epochs: &[Epoch], budget: Option<Duration>) -> String {
    let Some(finding) = TrainingFinding::of(epochs) else { return String::new() };
    let advice = if interrupt::requested() { None } else { advice(finding, model, epochs, budget) };
    let advice = advice.map(|flag| format!(": try `{flag}`")).unwrap_or_default();
    match finding {
        TrainingFinding::NoValidation => "the training had no validation set, so the last weights are kept".into(),
        TrainingFinding::FewEpochs => format!("the training had too few epochs to judge it{advice}"),
        TrainingFinding::NoImprovement => format!("no epoch was better than the first{advice}"),
        TrainingFinding::StillFalling { share } => {
            let percent = 100.0 * share;
            format!("the validation loss still fell at the end, by {percent:.0} % of its whole fall{advice}")
        }
        TrainingFinding::Overfitting { best } => {
            format!("the validation loss rose after epoch {best} while the training loss fell{advice}")
        }
        TrainingFinding::OftenClipped { share } => {
            format!("{:.0} % of the updates at the end were clipped{advice}", 100.0 * share)
        }
        TrainingFinding::Converged { best } => {
            format!("the validation loss was lowest after epoch {best} and hardly changed at the end")
        }
        _ => String::new(),
    }
}

/// The flag to try, if the model has one.
fn advice(finding: TrainingFinding, model: &dyn Model, epochs: &[Epoch], budget: Option<Duration>) -> Option<String> {
    let settings = model.settings();
    let accepts = |option: ModelOption| model.boxed().set_option(option).is_ok();
    match finding {
        TrainingFinding::StillFalling { .. } | TrainingFinding::FewEpochs => {
            if let Some(budget) = budget {
                let twice = humantime::format_duration(2 * budget).to_string().replace(' ', "");
                return Some(format!("--budget {twice}"));
            }
            // several networks count their epochs together
            let members = epochs.iter().map(|epoch| epoch.member + 1).max()?;
            let planned = epochs.iter().map(|epoch| epoch.of).max()? / members;
            let wanted = 2 * settings["epochs"].as_u64().map_or(planned, |most| most as usize);
            accepts(ModelOption::Epochs(wanted)).then(|| format!("--epochs {wanted}"))
        }
        TrainingFinding::NoImprovement | TrainingFinding::OftenClipped { .. } => {
            let wanted = settings["learning_rate"].as_f64()? / 3.0;
            let text = format!("{wanted:.1e}");
            accepts(ModelOption::LearningRate(wanted)).then(|| format!("--learning-rate {text}"))
        }
        TrainingFinding::Overfitting { .. } => {
            let wanted = (settings["hidden"].as_u64()? / 2).max(1) as usize;
            accepts(ModelOption::Hidden(wanted)).then(|| format!("--hidden {wanted}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use forecast::model;

    use super::*;

    fn epochs(losses: impl Fn(f64) -> f64, clipped: f64) -> Vec<Epoch> {
        let epoch = |number: usize| Epoch {
            number,
            member: 0,
            of: 100,
            training_loss: 1.0 / number as f64,
            validation_loss: Some(losses(number as f64)),
            gradient_norm: 1.0,
            clipped,
            learning_rate: 0.01,
        };
        (1..=20).map(epoch).collect()
    }

    #[test]
    fn the_line_names_a_flag_that_the_model_accepts() {
        let line = |name: &str, epochs: &[Epoch], budget: Option<u64>| {
            let model = model::named(name).expect("a model of the registry");
            training_line(model.as_ref(), epochs, budget.map(Duration::from_secs))
        };
        let (falling, rising) = (epochs(|k| -k, 0.0), epochs(|k| (k - 8.0).abs(), 0.0));
        let lines = [
            line("lstm", &falling, None),
            line("lstm", &falling, Some(45)),
            line("auto", &falling, None),
            line("auto", &falling, Some(15)),
            line("lstm", &falling[..3], None),
            line("lstm", &rising, None),
            line("global", &rising, None),
            line("lstm", &epochs(|k| 0.5_f64.powf(k), 0.9), None),
            line("lstm", &epochs(|k| k, 0.0), None),
            line("lstm", &epochs(|k| 0.5_f64.powf(k), 0.0), None),
            line("lstm", &[], None),
        ];
        insta::assert_snapshot!(lines.join("\n"));
    }
}
