//! The sums that reconciliation adds, and its effect on the errors: a table of the levels and a line.

use forecast::backtest::ReconciliationReport;
use forecast::hierarchy::{ALL, Hierarchy};

use crate::report::terminal::Terminal;
use crate::report::text_table::{self, UNDEFINED, count, counted};

const HEADINGS: [&str; 4] = ["level", "series", "MASE before", "MASE after"];

/// `121 sums added to the series, "(all)" in their ids: total, 4 purpose, 8 state`
pub(crate) fn levels_line(hierarchy: &Hierarchy) -> String {
    let (_, sums) = hierarchy.levels().split_last().expect("a hierarchy has the level of the single series");
    let named = sums.iter().map(|level| match level.count {
        1 => level.name.clone(),
        several => format!("{} {}", count(several), level.name),
    });
    let named = named.collect::<Vec<_>>().join(", ");
    let shortened = match hierarchy.shortened_sums() {
        0 => String::new(),
        number => format!("; {number} of them start with the series that starts last"),
    };
    let sums = counted(sums.iter().map(|level| level.count).sum(), "sum");
    format!("{sums} added to the series, \"{ALL}\" in their ids: {named}{shortened}")
}

/// The mean MASE and coverage of each level, before and after reconciliation.
pub(crate) fn draw(report: &ReconciliationReport) -> String {
    let mase = |value: Option<f64>| value.map_or(UNDEFINED.into(), |mase| format!("{mase:.3}"));
    let percent = |share: Option<f64>| share.map_or(UNDEFINED.into(), |share| format!("{:.0}%", 100.0 * share));
    let rows = report.levels.iter().map(|level| {
        [
            level.level.clone(),
            count(level.series),
            mase(level.mase_before),
            mase(level.mase),
            percent(level.coverage_before),
            percent(level.coverage),
        ]
    });
    let interval = report.levels.first().and_then(|level| level.interval);
    let coverage = interval.map(|percent| ["before", "after"].map(|when| format!("{percent}% coverage {when}")));
    let headings: Vec<String> = HEADINGS.map(str::to_owned).into_iter().chain(coverage.into_iter().flatten()).collect();
    let rows: Vec<[String; 6]> = rows.collect();
    // without the coverage on a narrow terminal
    let shown = |count: usize| rows.iter().map(move |row| row.iter().take(count));
    let table = |count: usize| text_table::draw(1, &headings[..count], shown(count));
    let wrapped = text_table::draw_wrapped(1, &headings[..1], shown(1));
    let tables = [headings.len(), HEADINGS.len(), HEADINGS.len() - 1].into_iter().map(table).chain([wrapped]);
    text_table::widest_that_fits(tables, Terminal::width())
}

/// `mint: reconciliation lowers the error by 4% on average over 6 levels, lower in 5, higher in 1 (5 folds)`
pub(crate) fn line(report: &ReconciliationReport) -> String {
    let method = &report.method;
    let Some(change) = report.error_change() else {
        return format!("{method}: the forecasts add up; the history is too short to measure the effect on the error");
    };
    let effect = match change.percent() {
        Some(percent) if percent < 0.0 => format!("lowers the error by {:.0}%", (-percent).max(1.0)),
        Some(percent) => format!("raises the error by {:.0}%", percent.max(1.0)),
        None => "leaves the error unchanged".into(),
    };
    let levels = counted(change.levels, "level");
    let (lower, higher, folds) = (change.lower, change.higher, counted(report.folds, "fold"));
    format!(
        "{method}: reconciliation {effect} on average over {levels}, lower in {lower}, higher in {higher} ({folds})"
    )
}
