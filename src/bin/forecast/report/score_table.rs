//! The scores of earlier forecasts on the terminal.

use forecast::backtest::{Score, Steps};
use forecast::run::{ForecastScores, RunScore};

use crate::report::text_table::{self, UNDEFINED, counted, decimals_of_smallest, fixed};

/// The largest numbers of series and of steps that are listed.
const MAX_SERIES: usize = 10;
const MAX_STEPS: usize = 30;

/// The scores of one run: over all, of each step, and of the series with the largest MASE.
pub(crate) fn draw(score: &RunScore) -> String {
    let overall = score.overall(Steps::All);
    let steps = (1..=score.horizon()).map(|step| (step.to_string(), score.overall(Steps::One(step))));
    let mut rows: Vec<(String, ForecastScores)> = steps.filter(|(_, own)| own.forecast.points > 0).collect();
    rows.truncate(MAX_STEPS);
    rows.push(("all".to_owned(), overall.clone()));
    let mut parts = vec![table("step", &rows), sentence(&overall)];
    let names: Vec<String> = score.panel().iter().map(|series| series.name()).collect();
    if names.len() > 1 {
        let of_series = names.into_iter().enumerate();
        let of_series = of_series.filter_map(|(at, name)| Some((name, score.series(at, Steps::All)?)));
        let mut rows: Vec<(String, ForecastScores)> = of_series.collect();
        let size = |own: &ForecastScores| own.forecast.mase.unwrap_or(f64::NEG_INFINITY);
        rows.sort_by(|a, b| size(&b.1).total_cmp(&size(&a.1)));
        let all = rows.len();
        rows.truncate(MAX_SERIES);
        let more = all - rows.len();
        parts.insert(1, table("series, the largest MASE first", &rows));
        if more > 0 {
            parts.insert(2, format!("… and {} more series", text_table::count(more)));
        }
    }
    parts.join("\n")
}

/// The scores of several runs: of each run, then of each step, as means over the runs weighted by their values.
pub(crate) fn draw_runs(scores: &[(String, RunScore)]) -> String {
    let by_run: Vec<(String, ForecastScores)> =
        scores.iter().map(|(name, score)| (name.clone(), score.overall(Steps::All))).collect();
    let horizon = scores.iter().map(|(_, score)| score.horizon()).max().unwrap_or(0);
    let of_step = |step: usize| {
        let all: Vec<ForecastScores> = scores.iter().map(|(_, score)| score.overall(Steps::One(step))).collect();
        (step.to_string(), all)
    };
    let mut by_step: Vec<(String, Vec<ForecastScores>)> = (1..=horizon.min(MAX_STEPS)).map(of_step).collect();
    by_step.push(("all".to_owned(), by_run.iter().map(|(_, own)| own.clone()).collect()));
    [table("run", &by_run), mean_table(&by_step)].join("\n")
}

/// `the error was 12% smaller than that of seasonal naive, on 7 values`
fn sentence(scores: &ForecastScores) -> String {
    let values = counted(scores.forecast.points, "value");
    match scores.skill() {
        Some(skill) if skill >= 0.0 => {
            format!("the error was {:.0}% smaller than that of seasonal naive, on {values}", 100.0 * skill)
        }
        Some(skill) => format!("the error was {:.0}% larger than that of seasonal naive, on {values}", -100.0 * skill),
        None => format!("seasonal naive had no error, on {values}"),
    }
}

/// The numbers of a row: MAE, MASE, bias, WQL, the MAE of seasonal naive, and the coverage of each interval.
struct Numbers {
    points: usize,
    errors: [Option<f64>; 5],
    coverage: Vec<(f64, Option<f64>)>,
}

impl Numbers {
    fn of(scores: &ForecastScores) -> Self {
        let own = &scores.forecast;
        let errors: [Score; 5] = [own.mae, own.mase, scores.bias, scores.wql, scores.seasonal_naive.mae];
        let coverage = own.intervals.iter().map(|interval| (interval.percent, interval.coverage.ok())).collect();
        Self { points: own.points, errors: errors.map(Result::ok), coverage }
    }

    /// The means of several rows, weighted by their numbers of values.
    fn mean(all: &[Self]) -> Self {
        let mean = |value: &dyn Fn(&Self) -> Option<f64>| {
            let known = all.iter().filter_map(|own| Some((own.points as f64, value(own)?)));
            let known: Vec<(f64, f64)> = known.collect();
            let total: f64 = known.iter().map(|(points, _)| points).sum();
            (total > 0.0).then(|| known.iter().map(|(points, value)| points / total * value).sum())
        };
        let percents =
            all.first().map_or_else(Vec::new, |own| own.coverage.iter().map(|(percent, _)| *percent).collect());
        let of_interval = |percent: f64| {
            let is_same = |(other, _): &&(f64, Option<f64>)| other.total_cmp(&percent).is_eq();
            mean(&|own: &Self| own.coverage.iter().find(is_same).and_then(|(_, share)| *share))
        };
        Self {
            points: all.iter().map(|own| own.points).sum(),
            errors: std::array::from_fn(|at| mean(&|own: &Self| own.errors[at])),
            coverage: percents.into_iter().map(|percent: f64| (percent, of_interval(percent))).collect(),
        }
    }
}

fn table(first: &str, rows: &[(String, ForecastScores)]) -> String {
    draw_table(first, rows.iter().map(|(name, scores)| (name.clone(), Numbers::of(scores))).collect())
}

fn mean_table(rows: &[(String, Vec<ForecastScores>)]) -> String {
    let mean = |(name, all): &(String, Vec<ForecastScores>)| {
        (name.clone(), Numbers::mean(&all.iter().map(Numbers::of).collect::<Vec<_>>()))
    };
    draw_table("step", rows.iter().map(mean).filter(|(_, own)| own.points > 0).collect())
}

fn draw_table(first: &str, rows: Vec<(String, Numbers)>) -> String {
    let percents: Vec<f64> = rows.first().map_or_else(Vec::new, |row| row.1.coverage.iter().map(|own| own.0).collect());
    let decimals = decimals_of_smallest(rows.iter().filter_map(|(_, own)| own.errors[0]));
    let cells = |(name, own): (String, Numbers)| {
        let [mae, mase, bias, wql, naive] = own.errors;
        let text = |value: Option<f64>, decimals: usize| {
            value.map_or_else(|| UNDEFINED.to_owned(), |value| fixed(value, decimals))
        };
        let coverage = own
            .coverage
            .iter()
            .map(|(_, share)| share.map_or_else(|| UNDEFINED.to_owned(), |share| format!("{:.0}%", 100.0 * share)));
        let mut cells = vec![name, text_table::count(own.points)];
        cells.extend([text(mae, decimals), text(mase, 3), text(bias, decimals), text(wql, 4)]);
        cells.extend(coverage);
        cells.push(text(naive, decimals));
        cells
    };
    let mut headings = vec![first.to_owned()];
    headings.extend(["values", "MAE", "MASE", "bias", "WQL"].map(str::to_owned));
    headings.extend(percents.iter().map(|percent| format!("{percent}% coverage")));
    headings.push("MAE of seasonal naive".to_owned());
    text_table::draw(1, headings, rows.into_iter().map(cells))
}
