//! metrics.csv and backtest.csv: how good every model was, and every forecast that it was judged by.

use std::io::{self, Write};

use forecast::backtest::{Folds, Score, Scores, Steps};
use forecast::panel::Panel;
use serde_json::{Map, Value, json};

use crate::report::forecast_csv::{self, Rows, TIME, number, quoted};
use crate::report::leaderboard::Contender;

/// Significant digits of a score.
const DIGITS: usize = 7;

/// What stands for all series or all steps.
const ALL: &str = "all";

/// All scores by the names that files have for them.
fn named(scores: &Scores) -> [(&'static str, Score); 13] {
    let [inner, outer] = scores.intervals;
    [
        ("mase", scores.mase),
        ("smape", scores.smape),
        ("rmse", scores.rmse),
        ("mae", scores.mae),
        ("wape", scores.wape),
        ("pinball", scores.pinball),
        ("crps", scores.crps),
        ("coverage_80", inner.coverage),
        ("width_80", inner.width),
        ("msis_80", inner.msis),
        ("coverage_95", outer.coverage),
        ("width_95", outer.width),
        ("msis_95", outer.msis),
    ]
}

/// Why scores are missing: `mase, msis_80: the training part repeats itself exactly; wape: every actual value is 0`.
fn why(scores: &Scores) -> String {
    let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
    for (name, score) in named(scores) {
        let Err(reason) = score else { continue };
        match reasons.iter_mut().find(|(said, _)| *said == reason.to_string()) {
            Some((_, names)) => names.push(name),
            None => reasons.push((reason.to_string(), vec![name])),
        }
    }
    let said = reasons.iter().map(|(reason, names)| format!("{}: {reason}", names.join(", ")));
    said.collect::<Vec<_>>().join("; ")
}

/// Writes a row for each model and step, over all series where there are several, then for each series.
pub(crate) fn write_metrics(mut to: impl Write, panel: &Panel, contenders: &[Contender]) -> io::Result<()> {
    let ids: String = panel.columns().ids.iter().map(|id| quoted(id) + ",").collect();
    let names = named(&contenders[0].card.overall(Steps::All)).map(|(name, _)| name).join(",");
    writeln!(to, "{ids}series_count,model,step,points,{names},why")?;
    if panel.count() > 1 {
        let all: String = panel.columns().ids.iter().map(|_| ALL.to_owned() + ",").collect();
        write_steps(&mut to, contenders, &all, |contender, steps| Some(contender.card.overall(steps)))?;
    }
    for (position, series) in panel.iter().enumerate() {
        let key: String = series.key.iter().map(|id| quoted(id) + ",").collect();
        write_steps(&mut to, contenders, &key, |contender, steps| contender.card.series(position, steps))?;
    }
    to.flush()
}

fn write_steps(
    to: &mut impl Write,
    contenders: &[Contender],
    key: &str,
    scores: impl Fn(&Contender, Steps) -> Option<Scores>,
) -> io::Result<()> {
    for contender in contenders {
        let single = (1..=contender.card.horizon()).map(Steps::One);
        for steps in std::iter::once(Steps::All).chain(single) {
            let Some(scores) = scores(contender, steps) else { continue };
            let step = match steps {
                Steps::All => ALL.to_owned(),
                Steps::One(step) => step.to_string(),
            };
            write!(to, "{key}{},{},{step},{}", scores.series, contender.name, scores.points)?;
            for (_, score) in named(&scores) {
                write!(to, ",{}", score.map(|value| number(value, DIGITS)).unwrap_or_default())?;
            }
            writeln!(to, ",{}", quoted(&why(&scores)))?;
        }
    }
    Ok(())
}

/// Writes every forecast made, a row a step: beside what happened, which is left empty where it was not observed.
pub(crate) fn write_forecasts(
    mut to: impl Write,
    panel: &Panel,
    folds: &Folds,
    contenders: &[Contender],
) -> io::Result<()> {
    let columns = panel.columns();
    let ids: String = columns.ids.iter().map(|id| quoted(id) + ",").collect();
    let time = quoted(columns.time.as_deref().unwrap_or(TIME));
    writeln!(to, "{ids}model,fold,cutoff,{time},step,actual,forecast,lo_80,hi_80,lo_95,hi_95")?;
    let digits = forecast_csv::precision(panel);
    let wholes: Vec<_> = panel.iter().collect();
    for contender in contenders {
        for of_series in contender.hindcasts.chunk_by(|a, b| a.series == b.series) {
            let whole = &wholes[of_series[0].series];
            let key: String = whole.key.iter().map(|id| quoted(id) + ",").collect();
            // a series with fewer has the last ones
            let first = folds.count + 1 - of_series.len();
            for (fold, hindcast) in (first..).zip(of_series) {
                let cutoff = quoted(&panel.format(whole.time_at(hindcast.cutoff - 1)));
                let rows = Rows::of(&hindcast.forecast);
                for (k, time) in hindcast.forecast.times().iter().enumerate() {
                    let position = hindcast.cutoff + k;
                    let happened = whole.observed.get(position) == Some(&true);
                    let actual =
                        if happened { number(panel.actual(hindcast.series, position), digits) } else { String::new() };
                    let time = quoted(&panel.format(*time));
                    write!(to, "{key}{},{fold},{cutoff},{time},{},{actual}", contender.name, k + 1)?;
                    for value in rows.at(k) {
                        write!(to, ",{}", number(value, digits))?;
                    }
                    writeln!(to)?;
                }
            }
        }
    }
    to.flush()
}

/// The scores over all for run.json, best model first.
pub(crate) fn in_json(contenders: &[Contender]) -> Vec<Value> {
    let one = |contender: &Contender| {
        let overall = contender.card.overall(Steps::All);
        let mut scores: Map<String, Value> =
            named(&overall).into_iter().map(|(name, score)| (name.to_owned(), json!(score.ok()))).collect();
        scores.insert("model".into(), json!(contender.name));
        scores.insert("points".into(), json!(overall.points));
        scores.insert("series".into(), json!(overall.series));
        let why = why(&overall);
        if !why.is_empty() {
            scores.insert("why".into(), json!(why));
        }
        Value::Object(scores)
    };
    contenders.iter().map(one).collect()
}
