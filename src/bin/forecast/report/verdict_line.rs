//! The verdict in one sentence.

use forecast::backtest::{Comparison, Coverage, Evidence, NoVerdict, Verdict, is_verdict_baseline};
use forecast::{Auto, Panel, Task};

use crate::report::text_table::counted;

/// `lstm beats seasonal naive by 23% (MASE 0.61 against 0.79, 5 folds; 80% interval covers 78% of 35 points)`
pub(crate) fn verdict_line(verdict: &Verdict, panel: &Panel, task: &Task) -> String {
    let reason = match &verdict.outcome {
        Ok(evidence) => return compared(verdict, evidence),
        Err(NoVerdict::TooShort) => too_short(panel, task.horizon),
        Err(NoVerdict::Undefined(undefined)) => undefined.to_string(),
        Err(NoVerdict::Interrupted) => "the run was interrupted".into(),
        Err(NoVerdict::OutOfTime) => "the budget left no time for it".into(),
    };
    format!("not compared with seasonal naive: {reason}")
}

fn compared(verdict: &Verdict, evidence: &Evidence) -> String {
    let Verdict { model, candidates, .. } = verdict;
    if is_verdict_baseline(model) {
        let Comparison { model, series, .. } = evidence.comparison;
        let over = if series > 1 { format!(" over {series} series") } else { String::new() };
        return format!("seasonal naive is the baseline itself (MASE {model:.2}{over}, {})", extent(evidence));
    }
    let (numbers, gain) = (numbers(evidence), verdict.gain_percent().unwrap_or_default());
    // an ensemble, or the best of several models, stands for all of them
    let of_several = *candidates > 1 || *model == Auto::NAME;
    if verdict.beats_baseline() {
        let best = if *candidates > 1 { format!(", the best of {candidates},") } else { String::new() };
        format!("{model}{best} beats seasonal naive by {gain}% ({numbers})")
    } else if of_several {
        format!("no model beats seasonal naive ({model}: {numbers})")
    } else if verdict.is_tie() {
        format!("{model} is as accurate as seasonal naive ({numbers})")
    } else {
        format!("{model} does not beat seasonal naive ({numbers})")
    }
}

/// `the series is too short to hold out the last 7 days`, or `the last day`
pub(crate) fn too_short(panel: &Panel, horizon: usize) -> String {
    let subject = if panel.count() > 1 { "every series is" } else { "the series is" };
    let steps = panel.frequency().steps_in_words(horizon);
    format!("{subject} too short to hold out the last {}", steps.strip_prefix("1 ").unwrap_or(&steps))
}

/// `MASE 0.61 against 0.79, 5 folds; 80% interval covers 78% of 35 points`
fn numbers(evidence: &Evidence) -> String {
    let Comparison { model, baseline, series, wins } = evidence.comparison;
    let errors = if series == 1 {
        format!("MASE {model:.2} against {baseline:.2}")
    } else {
        format!("mean MASE {model:.2} against {baseline:.2}, better in {wins} of {series} series")
    };
    format!("{errors}, {}", extent(evidence))
}

/// `5 folds; 80% interval covers 78% of 35 points`
fn extent(evidence: &Evidence) -> String {
    let (folds, points) = (counted(evidence.folds, "fold"), counted(evidence.points, "point"));
    match evidence.coverage {
        Some(Coverage { percent, share }) => {
            format!("{folds}; {percent}% interval covers {:.0}% of {points}", 100.0 * share)
        }
        None => format!("{folds}, {points}"),
    }
}

#[cfg(test)]
mod tests {
    use forecast::metric::Undefined;

    use super::*;

    #[test]
    fn the_verdict_is_one_plain_sentence() {
        let verdict = |model, candidates, mase, baseline, series, wins| {
            let comparison = Comparison { model: mase, baseline, series, wins };
            let evidence = Evidence {
                comparison,
                folds: 5,
                points: 35 * series,
                coverage: Some(Coverage { percent: 80.0, share: 0.78 }),
            };
            Verdict { model, candidates, outcome: Ok(evidence) }
        };
        let comparison = Comparison { model: 1.0, baseline: 2.0, series: 1, wins: 1 };
        let small = |coverage| Verdict {
            model: "lstm",
            candidates: 1,
            outcome: Ok(Evidence { comparison, folds: 1, points: 1, coverage }),
        };
        let verdicts = [
            verdict("lstm", 1, 0.61, 0.79, 1, 1),
            verdict("lstm", 1, 0.9, 0.79, 1, 0),
            verdict("lstm", 1, 0.79, 0.791, 1, 1),
            verdict("lstm", 1, 0.5, 1.0, 304, 201),
            verdict("lstm", 1, 0.1, 0.0, 1, 0),
            verdict("lstm", 1, 0.0, 0.0, 1, 0),
            verdict(Auto::NAME, 1, 0.61, 0.79, 1, 1),
            verdict(Auto::NAME, 1, 0.80, 0.79, 1, 0),
            verdict(Auto::NAME, 1, 0.79, 0.79, 1, 0),
            verdict("lstm", 4, 0.61, 0.79, 1, 1),
            verdict("lstm", 4, 0.80, 0.79, 1, 0),
            verdict("seasonal-naive", 1, 0.79, 0.79, 1, 0),
            verdict("seasonal-naive", 1, 0.79, 0.79, 304, 0),
            small(Some(Coverage { percent: 99.9, share: 1.0 })),
            small(None),
            Verdict::missing("lstm", NoVerdict::Undefined(Undefined::ZeroScale)),
            Verdict::missing("lstm", NoVerdict::Interrupted),
            Verdict::missing("lstm", NoVerdict::OutOfTime),
        ];
        let panel = Panel::from_values(&[1.0], 1);
        let line = |v: &Verdict| format!("{} win: {}", v.beats_baseline(), verdict_line(v, &panel, &Task::new(7)));
        insta::assert_snapshot!(verdicts.each_ref().map(line).join("\n"));
    }
}
