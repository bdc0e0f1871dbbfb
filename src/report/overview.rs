//! The overview of many series: the figures of each, and which are the largest.

use crate::backtest::{ModelBacktest, Scores, Steps};
use crate::forecast::Forecast;
use crate::panel::{Panel, TimeSeries};
use crate::report::table::{Table, TableColumn};

/// The largest number of series in the table, the largest series first.
const MAX_LISTED: usize = 2_000;

/// A table with one row for each series, the largest first: the mean of the forecast, its growth, and the scores of the
/// backtest.
pub(super) fn table(
    panel: &Panel,
    positions: &[usize],
    forecasts: &[Forecast],
    backtest: Option<&ModelBacktest>,
) -> Table {
    let listed = &positions[..positions.len().min(MAX_LISTED)];
    let all: Vec<TimeSeries<'_>> = panel.iter().collect();
    let of_each = |value: &dyn Fn(usize) -> Option<f64>| listed.iter().map(|at| value(*at)).collect::<Vec<_>>();
    let ids = panel.columns().ids.iter().enumerate();
    let ids = ids
        .map(|(id, name)| TableColumn::Text(name.clone(), listed.iter().map(|at| all[*at].key[id].clone()).collect()));
    let mut columns: Vec<TableColumn> = ids.collect();
    if !forecasts.is_empty() {
        columns.push(TableColumn::Numbers(
            "mean forecast".into(),
            of_each(&|at| Some(mean(forecasts[at].median().iter().copied()))),
        ));
        columns.push(TableColumn::Percent("growth".into(), of_each(&|at| growth(&all[at], &forecasts[at], panel)), 1));
    }
    if let Some(backtest) = backtest {
        let scores: Vec<Option<Scores>> = listed.iter().map(|at| backtest.scorecard.series(*at, Steps::All)).collect();
        let column = |value: &dyn Fn(&Scores) -> Option<f64>| scores.iter().map(|own| value(own.as_ref()?)).collect();
        columns.push(TableColumn::Numbers("MASE".into(), column(&|own| own.mase.ok())));
        columns.push(TableColumn::Numbers("MAE".into(), column(&|own| own.mae.ok())));
        if let Some(usual) = backtest.overall().usual_interval() {
            let name = format!("coverage of {} %", usual.percent);
            let share = column(&|own| own.usual_interval()?.coverage.ok());
            columns.push(TableColumn::Percent(name, share, 0));
        }
    }
    let table = Table::new("all series, the largest first", columns).sortable();
    let left_out = positions.len() - listed.len();
    let note = (left_out > 0).then(|| format!("the {} largest of {} series", listed.len(), positions.len()));
    Table { note, ..table }
}

/// The mean of the forecast, relative to the mean of as many values one season before; `None` if the latter is not above 0.
fn growth(series: &TimeSeries<'_>, forecast: &Forecast, panel: &Panel) -> Option<f64> {
    let (horizon, season) = (forecast.times().len(), panel.season());
    // the same steps of the last whole seasons, or the last values without a season
    let back = horizon.div_ceil(season) * season;
    let start = series.len().checked_sub(back)?;
    let before = mean(series.values[start..].iter().take(horizon).copied());
    (before > 0.0).then(|| mean(forecast.median().iter().copied()) / before - 1.0)
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len().max(1) as f64;
    values.sum::<f64>() / count
}
