//! Reads a file into a [`Panel`]: regular series, sorted and without gaps, and a log of all repairs.
//!
//! [`read`] is the whole pipeline from top to bottom. Each step has a module of its own:
//! bytes → table of text (`source`, `format`) → roles of the columns (`schema`, which parses cells with `parse`)
//! → regular series (`regularize`) → [`Dataset`].

use std::path::Path;

pub(crate) mod conventions;
pub(crate) mod dataset;
pub(crate) mod format;
pub(crate) mod future_numbers;
pub(crate) mod future_rows;
pub(crate) mod notice;
pub(crate) mod notice_words;
pub(crate) mod options;
pub(crate) mod parse;
pub(crate) mod regularize;
pub(crate) mod row_locations;
pub(crate) mod schema;
pub(crate) mod source;
pub(crate) mod table;
pub(crate) mod written_once;

pub use crate::read::conventions::Conventions;
pub use crate::read::dataset::{Alternative, Dataset, FailedSeries};
pub use crate::read::format::arrow_stream::{ArrowStream, Expansion};
pub use crate::read::format::detect::is_plain_text;
pub use crate::read::format::encoding::TextEncoding;
pub use crate::read::format::json::{json_error_in_words, number_unknown_to_json};
pub use crate::read::notice::Notice;
pub use crate::read::options::ReadOptions;
pub use crate::read::parse::number::Decimal;
pub use crate::read::source::Source;

use crate::error::{Result, location::MAX_LISTED};
use crate::panel::{Panel, Repair, RepairKind, RepairPolicy, Seasons, TotalSeries};
use crate::read::regularize::rows::{SortedRows, check_left_out};
use crate::read::regularize::unfinished_period::drop_unfinished_period;
use crate::read::regularize::{covariate_grid, spikes, time_zone};
use crate::read::schema::{infer::infer_schema, roles::Schema};
use crate::read::{format::detect::read_table, future_rows::FutureRows, parse::time_index::present, table::Table};
use crate::time::{Frequency, ZoneInfo};

/// Reads a file of delimited text, JSON, Parquet or Arrow, or a workbook. Its dialect, columns, dates and frequency are inferred.
///
/// [`read`] has options for files that cannot be inferred completely.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("sales.csv");
/// std::fs::write(&path, "date,sales\n2024-01-01,5\n2024-01-02,7\n2024-01-03,6\n")?;
/// let dataset = forecast::read::read_csv(&path)?;
/// assert_eq!(dataset.summary(), "daily, 1 series, 2024-01-01 to 2024-01-03, target sales");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If the file cannot be read, or can be understood in more than one way.
pub fn read_csv(path: impl AsRef<Path>) -> Result<Dataset> {
    read(&Source::Path(path.as_ref().to_path_buf()), &ReadOptions::default())
}

/// Reads a file, standard input or bytes. Settings that the options do not have are inferred from the data.
///
/// ```
/// use forecast::read::{ReadOptions, Source, read};
///
/// let json = r#"[{"month": "2024-01", "sales": 5}, {"month": "2024-02", "sales": 7}]"#;
/// let dataset = read(&Source::Bytes(json.into()), &ReadOptions::default())?;
/// assert_eq!(dataset.summary(), "monthly, 1 series, 2024-01-01 to 2024-02-01, target sales");
///
/// let ambiguous = "date,sales,returns\n2024-01-01,5,1\n2024-01-02,7,2\n";
/// let error = read(&Source::Bytes(ambiguous.into()), &ReadOptions::default()).unwrap_err();
/// assert_eq!(error.to_string(), "the data: several columns could be the target: sales, returns");
/// # Ok::<(), forecast::Error>(())
/// ```
///
/// # Errors
/// If the data cannot be read, or can be understood in more than one way.
pub fn read(source: &Source, options: &ReadOptions) -> Result<Dataset> {
    let given = options.seasons.as_deref().map(Seasons::given).transpose()?;
    let (bytes, sha256) = source.load()?;
    let (table, future) = load_tables(source, bytes, options)?;
    let dataset = dataset_of(table, future.as_ref(), given, sha256, options);
    dataset.map_err(|error| match &future {
        Some(future) => error.of_future_file(future.file()),
        None => error,
    })
}

/// The series of a table, with the future rows at its end. `given` are the seasons of the options.
fn dataset_of(
    mut table: Table,
    future: Option<&FutureRows>,
    given: Option<Seasons>,
    sha256: String,
    options: &ReadOptions,
) -> Result<Dataset> {
    let mut schema = infer_schema(&table, options)?;
    if let Some(future) = future {
        future.check(&table, &mut schema, options)?;
        future.name_file_of(&mut schema.notices);
        schema.covariates.iter_mut().for_each(|column| future.remove_unknown(column));
        if options.separate_covariates {
            let columns = schema.covariates.iter_mut();
            columns.for_each(|column| column.known_future = future.has_column(&column.name));
        }
    }
    // From here on the cells are not needed, because the schema has the parsed values.
    table.columns = Vec::new();
    let left_out = check_left_out(&table, &schema, options)?;
    if !left_out.is_empty() {
        let (count, first) = (left_out.len(), left_out.into_iter().take(MAX_LISTED).collect());
        schema.notices.push(Notice::SeriesLeftOut { count, first });
    }
    let rows_with_time = present(&schema.times.ticks).count();
    let mut rows = sort_rows(&table, &mut schema, options)?;
    schema.values = Vec::new();
    if schema.covariates.is_empty() {
        (schema.times.ticks, schema.groups.codes) = (Vec::new(), Vec::new());
    }
    rows.leave_out_empty_rows();
    let frequency = rows.frequency()?;
    rows.snap_to_grid(frequency)?;
    rows.note_closed_times(frequency);
    rows.note_longer_steps(frequency);
    rows.check_density(frequency)?;
    let seasons = match given {
        Some(given) => given,
        None => rows.seasons(frequency, schema.times.is_year),
    };
    let mut series = rows.fill_gaps(frequency, seasons.first())?;
    let SortedRows { columns, zone, mut repairs, notices: of_rows, failed, .. } = rows;
    if options.unfinished == RepairPolicy::Repair {
        drop_unfinished_period(&mut series, frequency, seasons.first(), &mut repairs);
    }
    let panel = Panel::new(columns, frequency, 1, series)?.with_zone(zone);
    let long_season = panel.too_long_season(&seasons).filter(|_| options.accepts_long_seasons);
    let mut panel =
        if long_season.is_some() { panel.with_any_seasons(seasons) } else { panel.with_seasons(seasons)? };
    if options.spikes == RepairPolicy::Repair {
        panel = spikes::clip(panel, &mut repairs);
    }
    let mut notices = std::mem::take(&mut schema.notices);
    notices.extend(of_rows);
    notices.extend(long_season.map(|steps| Notice::LongSeason { steps, longest: panel.longest() }));
    let panel = covariate_grid::add_covariates((&table, &schema), panel, options, &mut repairs, &mut notices)?;
    notices.extend(time_zone::skipped_hour_notice(&repairs, &panel));
    notices.extend(total_notice(&panel));
    notices.extend(unfinished_period_notice(&repairs, &panel));
    notices.extend(last_outlier_notice(&repairs, &panel));
    let conventions = Conventions::new(schema.decimal, schema.times.order, &notices);
    notices.extend(conventions.differences(&options.expected_conventions()));
    repairs.sort_by(|one, other| (&one.series, one.time, one.kind).cmp(&(&other.series, other.time, other.kind)));
    let step = step_name(schema.times.is_year, frequency, options);
    let failed = failed.into_iter().map(FailedSeries::without_value).collect();
    Ok(Dataset { panel, repairs, failed, notices, sha256, rows: rows_with_time, step, conventions })
}

/// The table of the file, followed by the future rows if the options name a file of them.
fn load_tables(source: &Source, bytes: Vec<u8>, options: &ReadOptions) -> Result<(Table, Option<FutureRows>)> {
    let table = read_table(source, bytes, options, options.sheet.as_deref())?;
    let Some(future) = &options.future else { return Ok((table, None)) };
    let future_table = read_table(future, future.load()?.0, options, None)?;
    let (table, future_rows) = future_rows::append(table, future_table, options);
    Ok((table, Some(future_rows)))
}

/// The rows by series and time, with one row for each time or for each period that the options request. If times are
/// repeated, the rows are sorted again in a zone whose clocks were set back at these times.
fn sort_rows<'a>(table: &'a Table, schema: &mut Schema, options: &'a ReadOptions) -> Result<SortedRows<'a>> {
    let zone = time_zone::unify_zone(table, schema, options)?;
    let mut rows = SortedRows::sort(table, schema, zone, options);
    rows.check_times_differ()?;
    if rows.aggregate() {
        if rows.zone != zone {
            time_zone::elapsed_to_local(&mut schema.times.ticks, zone);
        }
        return Ok(rows);
    }
    let Err(error) = rows.merge_repeated_times() else { return Ok(rows) };
    let inferred = if zone == ZoneInfo::default() { time_zone::infer_from_repeated_times(schema) } else { None };
    let Some(zone) = inferred else { return Err(error) };
    let mut rows = SortedRows::sort(table, schema, zone, options);
    rows.merge_repeated_times()?;
    Ok(rows)
}

/// The name of a step. An index has the name of the requested frequency, or of a year.
fn step_name(is_year: bool, frequency: Frequency, options: &ReadOptions) -> String {
    match (frequency, options.frequency) {
        (Frequency::Index { .. }, Some(requested)) => requested.to_string(),
        (Frequency::Index { step: 1 }, None) if is_year => "yearly".into(),
        _ => frequency.name(),
    }
}

fn unfinished_period_notice(repairs: &[Repair], panel: &Panel) -> Option<Notice> {
    // A first period that begins late is no surprise, and only among the repairs.
    let start = panel.iter().map(|series| series.start).min()?;
    let is_last = |repair: &&Repair| repair.kind == RepairKind::Unfinished && repair.time > start;
    let mut unfinished = repairs.iter().filter(is_last);
    let first = unfinished.next()?;
    let (time, series) = (panel.format(first.time), 1 + unfinished.count());
    Some(Notice::UnfinishedPeriodLeftOut { time, series, value: first.from })
}

/// A notice on series that are the total of others, or else have the name of a total.
fn total_notice(panel: &Panel) -> Option<Notice> {
    let totals = panel.totals();
    let is_sum = totals.iter().any(|total| total.is_sum);
    let kept: Vec<&TotalSeries> = totals.iter().filter(|total| total.is_sum == is_sum).collect();
    let (first, names) = (kept.first()?, panel.iter().map(|series| series.name()).collect::<Vec<_>>());
    let mut ids: Vec<String> = kept.iter().map(|total| total.id.clone()).collect();
    ids.sort();
    ids.dedup();
    Some(Notice::TotalAmongSeries {
        series: names[first.series].clone(),
        count: kept.len(),
        parts: first.parts,
        ids,
        is_sum,
    })
}

fn last_outlier_notice(repairs: &[Repair], panel: &Panel) -> Option<Notice> {
    let mut outliers = repairs.iter().filter(|repair| repair.kind == RepairKind::LastOutlier);
    let first = outliers.next()?;
    let (time, value) = (panel.format(first.time), first.from?);
    Some(Notice::LastOutlierReplaced { time, series: 1 + outliers.count(), value })
}
