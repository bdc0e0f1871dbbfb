//! Reads a file into a [`Panel`]: regular series, sorted and without gaps, and a log of all repairs.
//!
//! [`read`] is the whole pipeline from top to bottom. Each step has a module of its own:
//! bytes → table of text (`source`, `decode`, `format`) → roles of the columns (`schema`, which parses cells with `parse`)
//! → regular series (`regularize`) → [`Dataset`].

use std::path::Path;

pub(crate) mod alternatives;
pub(crate) mod dataset;
pub(crate) mod decode;
pub(crate) mod format;
pub(crate) mod future_rows;
pub(crate) mod notice;
pub(crate) mod notice_text;
pub(crate) mod options;
pub(crate) mod parse;
pub(crate) mod regularize;
pub(crate) mod row_locations;
pub(crate) mod schema;
pub(crate) mod source;
pub(crate) mod table;

pub use crate::read::alternatives::Alternative;
pub use crate::read::dataset::{Dataset, FailedSeries};
pub use crate::read::notice::Notice;
pub use crate::read::options::ReadOptions;
pub use crate::read::parse::number::Decimal;
pub use crate::read::source::Source;

use crate::error::Result;
use crate::panel::Panel;
use crate::panel::repair_log::{Repair, RepairKind, RepairPolicy};
use crate::read::format::detect::read_table;
use crate::read::future_rows::FutureRows;
use crate::read::regularize::covariate_grid::{self, RowPositions};
use crate::read::regularize::rows::SortedRows;
use crate::read::regularize::{spikes, time_zone, unfinished_period};
use crate::read::schema::infer::infer_schema;
use crate::read::schema::roles::Schema;
use crate::read::table::Table;
use crate::time::frequency::Frequency;
use crate::time::zone_info::ZoneInfo;

/// Reads a file of delimited text, JSON, Parquet or Arrow. Its dialect, columns, dates and frequency are inferred.
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
    options.check()?;
    let file = source.load()?;
    let (mut table, future) = load_tables(source, file.bytes, options)?;
    let schema = infer_roles(&mut table, future.as_ref(), options)?;
    let row_count = schema.rows_with_time();
    let (mut rows, positions, zone) = sort_rows(&table, schema, options)?;
    rows.aggregate();
    let frequency = rows.frequency()?;
    rows.snap_to_grid(frequency)?;
    rows.note_closed_times(frequency);
    let season = season_length(frequency, options);
    let series = rows.fill_gaps(frequency, season)?;
    let step = step_name(&rows, frequency);
    let SortedRows { schema, mut repairs, mut notices, failed, .. } = rows;
    let (series, unfinished) = unfinished_period::drop_unfinished_period(series, frequency, season, options.unfinished);
    let panel = Panel::new(schema.columns, frequency, season, series)?.with_zone(zone);
    let (panel, clipped) = match options.spikes {
        RepairPolicy::Repair => spikes::clip(panel),
        RepairPolicy::Keep => (panel, Vec::new()),
    };
    let covariates = (schema.covariates.as_slice(), &positions, schema.keys.as_slice());
    let complete = covariate_grid::add_covariates(covariates, panel, options, &table.file)?;
    repairs.extend(unfinished.into_iter().chain(clipped).chain(complete.repairs));
    covariate_grid::remove_future_blanks(&mut repairs, &complete.panel);
    notices.extend(complete.notices);
    notices.extend(unfinished_period_notice(&repairs, &complete.panel));
    repairs.sort_by(|one, other| (&one.series, one.time, one.kind).cmp(&(&other.series, other.time, other.kind)));
    Ok(Dataset { panel: complete.panel, repairs, failed, notices, sha256: file.sha256, rows: row_count, step })
}

/// The table of the file, followed by the future rows if the options name a file of them.
fn load_tables(source: &Source, bytes: Vec<u8>, options: &ReadOptions) -> Result<(Table, Option<FutureRows>)> {
    let table = read_table(source, bytes, options.bad_rows)?;
    let Some(future) = &options.future else { return Ok((table, None)) };
    let future_table = read_table(future, future.load()?.bytes, options.bad_rows)?;
    let (table, future_rows) = future_rows::append(table, future_table);
    Ok((table, Some(future_rows)))
}

/// The roles of the columns. The cells are dropped, because the schema has the parsed values.
fn infer_roles(table: &mut Table, future: Option<&FutureRows>, options: &ReadOptions) -> Result<Schema> {
    let schema = infer_schema(table, options)?;
    if let Some(future) = future {
        future.check(table, &schema)?;
    }
    table.columns = Vec::new();
    Ok(schema)
}

/// The rows by series and time, their positions for the covariates, and the zone of their times. If times
/// are repeated, the rows are sorted again in a zone whose clocks were set back at these times.
fn sort_rows<'a>(
    table: &'a Table,
    mut schema: Schema,
    options: &'a ReadOptions,
) -> Result<(SortedRows<'a>, RowPositions, ZoneInfo)> {
    let zone = time_zone::unify_zone(table, &mut schema, options)?;
    let positions = RowPositions::new(&schema);
    let (error, mut schema) = match SortedRows::sort(table, schema, options) {
        Ok(rows) => return Ok((rows, positions, zone)),
        Err(failed) => *failed,
    };
    let inferred = if zone == ZoneInfo::default() { time_zone::infer_from_repeated_times(&mut schema) } else { None };
    let Some(zone) = inferred else { return Err(error) };
    let positions = RowPositions::new(&schema);
    let rows = SortedRows::sort(table, schema, options).map_err(|failed| failed.0)?;
    Ok((rows, positions, zone))
}

/// The requested season length, or else that of the requested or the inferred frequency.
fn season_length(frequency: Frequency, options: &ReadOptions) -> usize {
    let requested = options.frequency.map(|requested| requested.frequency(1));
    options.season.unwrap_or_else(|| requested.unwrap_or(frequency).season()).max(1)
}

/// The name of a step. An index has the name of the requested frequency, or of a year.
fn step_name(rows: &SortedRows<'_>, frequency: Frequency) -> String {
    match (frequency, rows.options.frequency) {
        (Frequency::Index { .. }, Some(requested)) => requested.to_string(),
        (Frequency::Index { step: 1 }, None) if rows.schema.times.is_year => "yearly".into(),
        _ => frequency.name(),
    }
}

fn unfinished_period_notice(repairs: &[Repair], panel: &Panel) -> Option<Notice> {
    let unfinished: Vec<&Repair> = repairs.iter().filter(|repair| repair.kind == RepairKind::Unfinished).collect();
    let first = unfinished.first()?;
    let time = panel.format(first.time);
    Some(Notice::UnfinishedPeriodLeftOut { time, series: unfinished.len(), value: first.from })
}
