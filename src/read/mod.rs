//! From a file to a [`Panel`]: many regular series, sorted, gap-free, with a mask of what was observed.

pub(crate) mod alternatives;
pub(crate) mod covariates;
pub(crate) mod dataset;
pub(crate) mod decode;
pub(crate) mod format;
pub(crate) mod future;
pub(crate) mod options;
pub(crate) mod parse;
pub(crate) mod regularize;
pub(crate) mod schema;
pub(crate) mod source;
pub(crate) mod table;

pub use crate::read::alternatives::Alternative;
pub use crate::read::dataset::{Dataset, FailedSeries};
use crate::read::format::detect;
pub use crate::read::options::ReadOptions;
pub use crate::read::parse::number::Decimal;
use crate::read::parse::time_index;
use crate::read::regularize::time_zone;
use crate::read::regularize::{partial_period, spikes};
use crate::read::schema::infer;
pub use crate::read::source::Source;

use crate::error::{Error, Result};
use crate::panel::Panel;
use crate::panel::repair_log::{Repair, RepairKind, RepairPolicy};
use crate::read::covariates::Outline;
use crate::read::regularize::Rows;
use crate::read::schema::infer::Schema;
use crate::time::frequency::Frequency;
use crate::time::zone_info::ZoneInfo;

/// Reads a file: finds its dialect, columns, dates and frequency, and repairs what can be repaired without guessing.
///
/// # Errors
/// If the file cannot be read, or not be understood in one way only.
pub fn read(input: &Source, options: &ReadOptions) -> Result<Dataset> {
    let content = input.content()?;
    let mut table = detect::table(input, content.bytes, options.bad_rows)?;
    let future = options.future.as_ref().map(|future| {
        let content = future.content()?;
        detect::table(future, content.bytes, options.bad_rows)
    });
    let mut known_later = None;
    if let Some(second) = future.transpose()? {
        let (both, future) = future::appended(table, second);
        (table, known_later) = (both, Some(future));
    }
    let mut roles = infer::assign(&table, options)?;
    if let Some(future) = &known_later {
        future.check(&table, &roles)?;
    }
    // what was needed of the cells is in the roles
    table.columns = Vec::new();
    let mut clock = settled(&table, &mut roles, options)?;
    let count = roles.axis.ticks.iter().filter(|time| **time != time_index::NO_TIME).count();
    let mut outline = Outline::of(&roles);
    let mut rows = match Rows::sorted(&table, roles, options) {
        Ok(rows) => rows,
        Err(refused) => {
            let (error, mut roles) = *refused;
            let changes = if clock == ZoneInfo::default() { time_zone::by_changes(&mut roles) } else { None };
            let Some((found, notice)) = changes else { return Err(error) };
            clock = found;
            roles.notices.push(notice);
            outline = Outline::of(&roles);
            Rows::sorted(&table, roles, options).map_err(|refused| refused.0)?
        }
    };
    rows.add_up();
    let frequency = rows.frequency()?;
    rows.snap(frequency)?;
    rows.note_closed(frequency);
    let calendar = options.frequency.map(|calendar| calendar.frequency(1));
    let season = options.season.unwrap_or_else(|| calendar.unwrap_or(frequency).season()).max(1);
    let series = rows.series(frequency, season)?;
    let step = match (frequency, options.frequency) {
        (Frequency::Index { .. }, Some(calendar)) => calendar.to_string(),
        (Frequency::Index { step: 1 }, None) if rows.roles.axis.years => "yearly".into(),
        _ => frequency.name(),
    };
    let Schema { columns, beside, keys, .. } = rows.roles;
    let (mut repairs, mut notices, failed) = (rows.repairs, rows.notices, rows.failed);
    let (series, left_out) = partial_period::finished(series, frequency, season, options.unfinished);
    repairs.extend(left_out);
    let panel = Panel::new(columns, frequency, season, series)?.with_zone(clock);
    let (panel, clipped) = match options.spikes {
        RepairPolicy::Repair => spikes::clip(panel),
        RepairPolicy::Keep => (panel, Vec::new()),
    };
    repairs.extend(clipped);
    let placed = covariates::placed(&beside, &outline, &keys, panel, options, &table.name)?;
    let panel = placed.panel;
    repairs.extend(placed.repairs);
    covariates::without_future(&mut repairs, &panel);
    notices.extend(placed.notices);
    notices.extend(unfinished_in_words(&repairs, &panel));
    repairs.sort_by(|one, other| (&one.series, one.time, one.kind).cmp(&(&other.series, other.time, other.kind)));
    Ok(Dataset { panel, repairs, failed, notices, sha256: content.sha256, rows: count, step })
}

/// Puts the times on one clock.
fn settled(table: &table::Table, roles: &mut Schema, options: &ReadOptions) -> Result<ZoneInfo> {
    let asked = options.zone.map(|zone| zone.0);
    match time_zone::settle(&mut roles.axis, &roles.groups, asked) {
        Ok((clock, notice)) => {
            roles.notices.extend(notice);
            Ok(clock)
        }
        Err(time_zone::NoZone(row)) => {
            let row = row % table.rows;
            let column = roles.columns.time.clone().unwrap_or_default();
            Err(Error::Offsets { name: table.name.clone(), column, place: table.places.of(row) })
        }
    }
}

/// A sentence on the last periods that were left out.
fn unfinished_in_words(repairs: &[Repair], panel: &Panel) -> Option<String> {
    let left: Vec<&Repair> = repairs.iter().filter(|repair| repair.kind == RepairKind::Unfinished).collect();
    let first = left.first()?;
    let of = match left.len() {
        1 => String::new(),
        several => format!(" of the first of {several} series"),
    };
    let value = first.from.map_or_else(|| "nothing".into(), |value| value.to_string());
    let time = panel.format(first.time);
    Some(format!("the period of {time}{of} seems not to be over ({value}) and is left out (`--unfinished keep`)"))
}
