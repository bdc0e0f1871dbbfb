//! The page as a template: its sections in order, and the policy that allows only its own script and style.

use std::io::{self, Write};

use base64::{Engine, engine::general_purpose::STANDARD};
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::backtest::{ModelBacktest, Scores};
use crate::model::{EnsembleWeights, MeanWeight};
use crate::panel::TimeSeries;
use crate::plot::chart::Chart;
use crate::plot::forecasts::{extent, largest_first, of_folds, of_future, steps_in_words};
use crate::report::figure::{Figure, FigureValues, values_as_json};
use crate::report::reasons::{self, ReasonSection};
use crate::report::steps::{self, StepSection};
use crate::report::table::{Table, TableColumn};
use crate::report::{calibration, content::Report, data, overview, residuals, series_figure, training};

/// The script without its comments and indentation, so that the page is small.
fn script() -> String {
    let lines = include_str!("script.js").lines().map(str::trim_start);
    lines.filter(|line| !line.starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The number of series that are drawn, if the caller chooses none.
const MAX_DRAWN: usize = 12;

const STYLE: &str = include_str!("style.css");

/// A line of a list of names and values.
type Property = (String, String);

/// The names in the template.
#[derive(Serialize)]
struct Page<'a> {
    title: String,
    subtitle: String,
    verdict: &'a str,
    /// The drawn series. The values of all figures are in the order of the page.
    series: Vec<Figure>,
    series_heading: &'static str,
    forecast: Option<Table>,
    overview: Option<Table>,
    anomalies: Option<(String, Table)>,
    summary: String,
    properties: Vec<Property>,
    notices: &'a [String],
    repairs: Option<Table>,
    sentences: Vec<(String, String)>,
    component_figures: Vec<Figure>,
    components: Option<Table>,
    /// The name of the series with these components.
    components_of: String,
    leaderboard: Option<Table>,
    step_figures: Vec<Figure>,
    steps: Option<(String, Table)>,
    calibration: Option<(Vec<String>, Figure)>,
    residuals: Option<(Vec<String>, Vec<Figure>)>,
    weights: Option<(String, Table)>,
    training: Option<(&'a str, Vec<Figure>)>,
    settings: &'a [Property],
    command: &'a str,
    values: String,
    script: String,
    style: &'static str,
    script_hash: String,
    style_hash: String,
}

impl Report<'_> {
    /// The hashes of the script and of the style of every page, as a content security policy has them. A page that shows
    /// a report in a frame needs them, because the frame inherits its policy.
    pub fn source_hashes() -> (String, String) {
        (hash(&script()), hash(STYLE))
    }

    /// Writes the page.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write(&self, mut to: impl Write) -> io::Result<()> {
        to.write_all(render(self).as_bytes())?;
        to.flush()
    }
}

/// The text of the page.
fn render(report: &Report<'_>) -> String {
    let Report { panel, forecasts, backtests, dataset, .. } = *report;
    let positions = largest_first(panel, report.horizon());
    let (drawn, count) = match report.drawn_series.len() {
        0 => (&positions, MAX_DRAWN),
        count => (&report.drawn_series, count),
    };
    let series = figures(report, drawn, count);
    let step_section = steps::section(backtests);
    let (step_figures, steps) = match step_section {
        Some(StepSection { figures, table, note }) => (figures, Some((note, table))),
        None => (Vec::new(), None),
    };
    let reason_section = reasons::section(report, &drawn[..count.min(drawn.len())]);
    let (sentences, component_figures, components, components_of) = match reason_section {
        Some(ReasonSection { sentences, figures, table, of }) => (sentences, figures, Some(table), of),
        None => (Vec::new(), Vec::new(), None, String::new()),
    };
    let calibration = calibration::section(panel, backtests);
    let residuals = residuals::section(report);
    let training = report.training.map(|own| (own.sentence, training::figures(&own)));
    let all_figures = series
        .iter()
        .chain(&component_figures)
        .chain(&step_figures)
        .chain(calibration.iter().map(|(_, figure)| figure))
        .chain(residuals.iter().flat_map(|(_, figures)| figures))
        .chain(training.iter().flat_map(|(_, figures)| figures));
    let all_values: Vec<&FigureValues> = all_figures.map(|figure| &figure.values).collect();
    let values = values_as_json(&all_values);
    let script = script();
    let is_single = panel.count() == 1;
    let page = Page {
        title: panel.columns().target.clone(),
        subtitle: subtitle(report),
        verdict: report.verdict,
        series_heading: match (forecasts, is_single) {
            ([], _) => "Forecasts of the past",
            (_, true) => "Forecast",
            _ if report.drawn_series.is_empty() => "The largest series",
            _ => "The chosen series",
        },
        forecast: forecasts.first().filter(|_| is_single).map(|own| data::forecast(panel, own)),
        overview: (!is_single).then(|| overview::table(panel, &positions, forecasts, backtests.first())),
        series,
        anomalies: data::anomalies(report),
        summary: dataset.summary(),
        properties: data::properties(dataset),
        notices: &report.notices,
        repairs: data::repairs(dataset),
        sentences,
        component_figures,
        components,
        components_of,
        leaderboard: leaderboard(backtests),
        step_figures,
        steps,
        calibration,
        residuals,
        weights: weights(report.ensemble_weights),
        training,
        settings: &report.settings,
        command: &report.command,
        values,
        script_hash: hash(&script),
        style_hash: hash(STYLE),
        script,
        style: STYLE,
    };
    fill(&page).expect("the template of the library, with all its names")
}

fn fill(page: &Page<'_>) -> Result<String, minijinja::Error> {
    let mut templates = Environment::new();
    templates.set_auto_escape_callback(|_| AutoEscape::Html);
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    templates.add_template("blocks.html", include_str!("blocks.html"))?;
    templates.add_template("page.html", include_str!("page.html"))?;
    templates.get_template("page.html")?.render(Serde(page))
}

/// The hash of a source in a content security policy.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

fn subtitle(report: &Report<'_>) -> String {
    let frequency = report.panel.frequency();
    let count = report.panel.count();
    let of = if count > 1 { format!(" of {count} series") } else { String::new() };
    match report.forecasts {
        [] => format!("backtest of {}{of}", steps_in_words(report.horizon(), frequency)),
        forecasts => extent(frequency, forecasts) + &of,
    }
}

/// The figures of the first `count` series that can be drawn: their forecasts, or the folds of a backtest.
fn figures(report: &Report<'_>, positions: &[usize], count: usize) -> Vec<Figure> {
    let Report { panel, forecasts, backtests, .. } = *report;
    let all: Vec<TimeSeries<'_>> = panel.iter().collect();
    let marks = |at: usize| report.anomalies.map(|anomalies| anomalies.positions(at)).unwrap_or_default();
    if !forecasts.is_empty() {
        let of_series = |at: &usize| {
            let chart = of_future(all[*at], &forecasts[*at], panel.season(), marks(*at));
            series_figure::draw(panel, *at, &chart, "history")
        };
        return positions.iter().take(count).map(of_series).collect();
    }
    let Some(best) = backtests.first() else { return Vec::new() };
    let folds = positions.iter().filter_map(|at| {
        let start = best.hindcasts.partition_point(|hindcast| hindcast.series < *at);
        let end = best.hindcasts.partition_point(|hindcast| hindcast.series <= *at);
        let own = &best.hindcasts[start..end];
        let chart = |own| Chart { anomalies: marks(*at), ..of_folds(all[*at], own, panel.season()) };
        (!own.is_empty()).then(|| series_figure::draw(panel, *at, &chart(own), "actual"))
    });
    folds.take(count).collect()
}

/// The scores of all models over all series and steps.
fn leaderboard(backtests: &[ModelBacktest]) -> Option<Table> {
    let overall: Vec<Scores> = backtests.iter().map(ModelBacktest::overall).collect();
    let first = overall.first()?;
    let column = |value: &dyn Fn(&Scores) -> Option<f64>| overall.iter().map(value).collect::<Vec<_>>();
    let mut columns = vec![
        TableColumn::Text("model".into(), backtests.iter().map(|backtest| backtest.model.to_owned()).collect()),
        TableColumn::Numbers("MASE".into(), column(&|own| own.mase.ok())),
        TableColumn::Numbers("MAE".into(), column(&|own| own.mae.ok())),
        TableColumn::Numbers("RMSE".into(), column(&|own| own.rmse.ok())),
        TableColumn::Percent("WAPE".into(), column(&|own| own.wape.ok()), 1),
        TableColumn::Numbers("CRPS".into(), column(&|own| own.crps.ok())),
    ];
    columns.extend(first.intervals.iter().enumerate().map(|(at, interval)| {
        let name = format!("coverage of {} %", interval.percent);
        TableColumn::Percent(name, column(&|own| own.intervals[at].coverage.ok()), 0)
    }));
    Some(Table::new("models on the same folds", columns).sortable())
}

/// The members of an ensemble and a sentence on them; `None` without an ensemble.
fn weights(all: &[EnsembleWeights]) -> Option<(String, Table)> {
    let first = all.first()?;
    let origins = all.iter().map(|own| own.origins).max().unwrap_or(0);
    let sentence = match (origins, all.len()) {
        (0, _) => "The history is too short to weight the candidates by their errors.".to_owned(),
        (1, _) => "The candidates are weighted by their errors on one holdout.".to_owned(),
        (_, 1) => format!("The candidates are weighted by their errors at {origins} past origins."),
        _ => format!("The candidates of each series are weighted by their errors at up to {origins} past origins."),
    };
    if all.len() == 1 {
        let members = &first.members;
        let columns = vec![
            TableColumn::Text("member".into(), members.iter().map(|own| own.name.clone()).collect()),
            TableColumn::Percent("weight".into(), members.iter().map(|own| Some(own.weight)).collect(), 1),
            TableColumn::Numbers("error".into(), members.iter().map(|own| own.error).collect()),
        ];
        return Some((sentence, Table::new("members and weights", columns).sortable()));
    }
    let means = MeanWeight::of(all);
    let columns = vec![
        TableColumn::Text("member".into(), means.iter().map(|own| own.name.to_owned()).collect()),
        TableColumn::Percent("mean weight".into(), means.iter().map(|own| Some(own.weight)).collect(), 1),
        TableColumn::Numbers("series with a weight".into(), means.iter().map(|own| Some(own.series as f64)).collect()),
    ];
    Some((sentence, Table::new("members and weights", columns).sortable()))
}
