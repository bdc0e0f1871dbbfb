//! The sections on the data: how they were understood, what was repaired, and what was unusual.

use crate::forecast::{Forecast, ForecastColumns};
use crate::panel::Panel;
use crate::read::Dataset;
use crate::report::content::Report;
use crate::report::table::{Table, TableColumn};
use crate::time::ZoneInfo;
use crate::write::anomalies_csv::RepairNames;
use crate::write::{MAX_SIGNIFICANT_DIGITS, round_to_digits};

/// The names and the values of properties of the data.
pub(super) fn properties(dataset: &Dataset) -> Vec<(String, String)> {
    let panel = &dataset.panel;
    let (columns, covariates) = (panel.columns(), panel.covariates());
    let time = |time: Option<_>| time.map(|time| panel.format(time)).unwrap_or_default();
    let observed: usize = panel.iter().map(|series| series.observed_values().count()).sum();
    let named = [
        ("time", Some(columns.time.clone().unwrap_or_else(|| "none, rows are numbered".into()))),
        ("target", Some(columns.target.clone())),
        ("ids", (!columns.ids.is_empty()).then(|| columns.ids.join(", "))),
        ("series", Some(panel.count().to_string())),
        ("without a forecast", (!dataset.failed.is_empty()).then(|| format!("{} series", dataset.failed.len()))),
        ("frequency", Some(dataset.step.clone())),
        ("season", Some(panel.seasons().to_string())),
        ("first time", Some(time(panel.iter().map(|series| series.start).min()))),
        ("last time", Some(time(panel.iter().map(|series| series.end()).max()))),
        ("time zone", (panel.zone() != ZoneInfo::default()).then(|| panel.zone().to_string())),
        ("observed values", Some(observed.to_string())),
        ("rows", Some(dataset.rows.to_string())),
        ("covariates", (!covariates.is_empty()).then(|| covariates.in_words())),
        ("SHA-256 of the file", Some(dataset.sha256.clone())),
    ];
    named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// The repairs, sorted by series and time; `None` without any.
pub(super) fn repairs(dataset: &Dataset) -> Option<Table> {
    let (panel, repairs) = (&dataset.panel, &dataset.repairs);
    let mut columns = id_columns(panel, &repairs.iter().map(|repair| repair.series.as_slice()));
    columns.extend([
        TableColumn::Text(
            panel.columns().time_name().into(),
            repairs.iter().map(|repair| panel.format(repair.time)).collect(),
        ),
        TableColumn::Text("repair".into(), repairs.iter().map(|repair| repair.kind.name().to_owned()).collect()),
        TableColumn::Numbers("in the file".into(), repairs.iter().map(|repair| as_in_file(repair.from)).collect()),
        TableColumn::Numbers("used".into(), repairs.iter().map(|repair| as_in_file(repair.to)).collect()),
    ]);
    (!repairs.is_empty()).then(|| Table::new("repaired values", columns).limited(Some("repairs.csv")).sortable())
}

/// A value with the digits of repairs.csv, from which the page can be written again.
fn as_in_file(value: Option<f64>) -> Option<f64> {
    value.and_then(|value| round_to_digits(value, MAX_SIGNIFICANT_DIGITS).parse().ok())
}

/// The anomalies, the newest first, and a sentence on their number; `None` if they were not searched for.
pub(super) fn anomalies(report: &Report<'_>) -> Option<(String, Table)> {
    let (panel, anomalies) = (report.panel, report.anomalies?);
    let keys: Vec<&[String]> = panel.iter().map(|series| series.key).collect();
    let (found, repairs) = (&anomalies.found, RepairNames::new(&report.dataset.repairs));
    let repair = |series: usize, time| repairs.of(keys[series], time).unwrap_or_default().to_owned();
    let mut columns = id_columns(panel, &found.iter().map(|own| keys[own.series]));
    columns.extend([
        TableColumn::Text(panel.columns().time_name().into(), found.iter().map(|own| panel.format(own.time)).collect()),
        TableColumn::Numbers("value".into(), found.iter().map(|own| Some(own.value)).collect()),
        TableColumn::Numbers("expected".into(), found.iter().map(|own| Some(own.expected)).collect()),
        TableColumn::Numbers("lower".into(), found.iter().map(|own| Some(own.lower)).collect()),
        TableColumn::Numbers("upper".into(), found.iter().map(|own| Some(own.upper)).collect()),
        TableColumn::Numbers("standard deviations".into(), found.iter().map(|own| own.deviations).collect()),
        TableColumn::Text("repair".into(), found.iter().map(|own| repair(own.series, own.time)).collect()),
    ]);
    let table = Table::new("anomalies, the newest first", columns).limited(Some("anomalies.csv")).sortable();
    let (verb, count) = (if found.len() == 1 { "is" } else { "are" }, found.len());
    let sentence = format!(
        "{count} of {} past values {verb} outside the 95 % interval that was forecast. One of twenty is expected there by \
         chance.",
        anomalies.checked
    );
    Some((sentence, table))
}

/// The steps of the forecast of a single series.
pub(super) fn forecast(panel: &Panel, forecast: &Forecast) -> Table {
    let columns = ForecastColumns::of_forecasts([forecast]);
    let steps: Vec<Vec<f64>> = (0..forecast.times().len()).map(|k| columns.step_values(forecast, k)).collect();
    let times = forecast.times().iter().map(|time| panel.format(*time)).collect();
    let numbers = columns.names().iter().enumerate().map(|(column, name)| {
        TableColumn::Numbers(name.clone(), steps.iter().map(|step| Some(step[column])).collect())
    });
    let all = std::iter::once(TableColumn::Text(panel.columns().time_name().into(), times)).chain(numbers).collect();
    Table::new("forecast", all).limited(Some("forecast.csv"))
}

/// The id columns of rows with these keys. Repairs of a panel without ids have no key.
fn id_columns<'a>(panel: &Panel, keys: &(impl Iterator<Item = &'a [String]> + Clone)) -> Vec<TableColumn> {
    let ids = panel.columns().ids.iter().enumerate();
    let cells = |id: usize| keys.clone().map(move |key| key.get(id).cloned().unwrap_or_default()).collect();
    ids.map(|(id, name)| TableColumn::Text(name.clone(), cells(id))).collect()
}
