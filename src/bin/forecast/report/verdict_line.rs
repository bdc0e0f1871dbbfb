//! The verdict in one sentence.

use forecast::backtest::{Comparison, Evidence, NoVerdict, Verdict, is_verdict_baseline};
use forecast::model::Task;
use forecast::model::auto::Auto;
use forecast::panel::Panel;

use crate::report::text_table::counted;

/// `lstm beats seasonal naive by 23% (MASE 0.61 against 0.79, 5 folds; 80% interval covers 78% of 35 points)`
pub(crate) fn verdict_line(verdict: &Verdict, panel: &Panel, task: &Task) -> String {
    match &verdict.outcome {
        Ok(evidence) => compared(verdict, evidence),
        Err(reason) => format!("not compared with seasonal naive: {}", reason_in_words(*reason, panel, task)),
    }
}

fn compared(verdict: &Verdict, evidence: &Evidence) -> String {
    let Verdict { model, candidates, .. } = verdict;
    if is_verdict_baseline(model) {
        return format!("seasonal naive is the baseline itself ({})", own_numbers(evidence));
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

fn reason_in_words(reason: NoVerdict, panel: &Panel, task: &Task) -> String {
    match reason {
        NoVerdict::TooShort => {
            let subject = if panel.count() > 1 { "every series is" } else { "the series is" };
            format!("{subject} too short to hold out the {}", panel.frequency().last_steps_in_words(task.horizon))
        }
        NoVerdict::Undefined(undefined) => undefined.to_string(),
        NoVerdict::Interrupted => "the run was interrupted".into(),
        NoVerdict::OutOfTime => "the budget left no time for it".into(),
    }
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

/// The numbers of the baseline alone.
fn own_numbers(evidence: &Evidence) -> String {
    let Comparison { model, series, .. } = evidence.comparison;
    let over = if series > 1 { format!(" over {series} series") } else { String::new() };
    format!("MASE {model:.2}{over}, {}", extent(evidence))
}

/// `5 folds; 80% interval covers 78% of 35 points`
fn extent(evidence: &Evidence) -> String {
    let (folds, points) = (counted(evidence.folds, "fold"), counted(evidence.points, "point"));
    match evidence.coverage_80 {
        Some(share) => format!("{folds}; 80% interval covers {:.0}% of {points}", 100.0 * share),
        None => format!("{folds}, {points}"),
    }
}

#[cfg(test)]
mod tests {
    use forecast::metric::Undefined;
    use forecast::panel::{Columns, Series};
    use forecast::time::{Frequency, Timestamp};

    use super::*;

    fn verdict(model: f64, baseline: f64, series: usize, wins: usize) -> Verdict {
        let comparison = Comparison { model, baseline, series, wins };
        let evidence = Evidence { comparison, folds: 5, points: 35 * series, coverage_80: Some(0.78) };
        Verdict { model: "lstm", candidates: 1, outcome: Ok(evidence) }
    }

    fn daily_panel(series: usize) -> Panel {
        let start = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).expect("a date").into();
        let columns = Columns { time: None, target: "sales".into(), ids: vec!["store".into()] };
        let series = (0..series).map(|number| Series {
            key: vec![number.to_string()],
            start: Timestamp::Time(start),
            values: vec![1.0],
            observed: vec![true],
        });
        Panel::new(columns, Frequency::DAILY, 7, series.collect()).expect("a valid panel")
    }

    #[test]
    fn the_verdict_is_one_plain_sentence() {
        let auto = |verdict: Verdict| Verdict { model: Auto::NAME, ..verdict };
        let best = |verdict: Verdict| Verdict { candidates: 4, ..verdict };
        let verdicts = [
            verdict(0.61, 0.79, 1, 1),
            verdict(0.9, 0.79, 1, 0),
            verdict(0.79, 0.791, 1, 1),
            verdict(0.5, 1.0, 304, 201),
            verdict(0.1, 0.0, 1, 0),
            verdict(0.0, 0.0, 1, 0),
            auto(verdict(0.61, 0.79, 1, 1)),
            auto(verdict(0.80, 0.79, 1, 0)),
            auto(verdict(0.79, 0.79, 1, 0)),
            best(verdict(0.61, 0.79, 1, 1)),
            best(verdict(0.80, 0.79, 1, 0)),
            Verdict { model: "seasonal-naive", ..verdict(0.79, 0.79, 1, 0) },
            Verdict { model: "seasonal-naive", ..verdict(0.79, 0.79, 304, 0) },
            Verdict::missing("lstm", NoVerdict::TooShort),
            Verdict::missing("lstm", NoVerdict::Undefined(Undefined::ZeroScale)),
            Verdict::missing("lstm", NoVerdict::Interrupted),
            Verdict::missing("lstm", NoVerdict::OutOfTime),
        ];
        let (one, two, task) = (daily_panel(1), daily_panel(2), Task::new(7));
        let line = |verdict: &Verdict, panel: &Panel| {
            format!("{} win: {}", verdict.beats_baseline(), verdict_line(verdict, panel, &task))
        };
        let mut lines: Vec<String> = verdicts.iter().map(|verdict| line(verdict, &one)).collect();
        lines.push(line(&Verdict::missing("lstm", NoVerdict::TooShort), &two));
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn one_fold_and_one_point_are_in_the_singular() {
        let comparison = Comparison { model: 1.0, baseline: 2.0, series: 1, wins: 1 };
        let evidence = Evidence { comparison, folds: 1, points: 1, coverage_80: Some(1.0) };
        assert_eq!(extent(&evidence), "1 fold; 80% interval covers 100% of 1 point");
        assert_eq!(extent(&Evidence { coverage_80: None, ..evidence }), "1 fold, 1 point");
    }
}
