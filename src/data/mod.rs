//! From a file to a [`Panel`]: many regular series, sorted, gap-free, with a mask of what was observed.

mod alternative;
mod beside;
mod calendar;
mod clock;
mod columns;
mod covariates;
mod dates;
mod dialect;
mod encoding;
mod fill;
mod frequency;
mod future;
mod holidays;
mod ids;
mod infer;
mod input;
mod json;
mod layout;
mod ledger;
mod look;
mod moment;
mod numbers;
mod panel;
mod parts;
mod period;
mod read;
mod repair;
mod scan;
mod span;
mod spikes;
mod table;
mod text;
mod typed;
mod units;
mod weekdays;
mod zone;

pub use alternative::Alternative;
pub use calendar::{Calendar, DateOrder, Zone};
pub use clock::Clock;
pub use covariates::{Covariate, CovariateKind, Covariates, NO_CATEGORY};
pub use frequency::{Frequency, Timestamp};
pub use holidays::Holidays;
pub use input::Input;
pub use ledger::{BadRows, Duplicates, Gaps, Mend, Repair, RepairKind};
pub use numbers::Decimal;
pub use panel::{Columns, Panel, Series, TimeSeries};
pub(crate) use span::Span;
pub use weekdays::Weekdays;

use crate::error::{Error, Result};
use beside::Outline;
use columns::Roles;
use repair::Rows;

/// What a person says of a file; what is left out is found in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// The time column.
    pub time: Option<String>,
    /// The column to forecast.
    pub target: Option<String>,
    /// The columns that tell series apart.
    pub ids: Vec<String>,
    /// Columns that are a series each; `all` alone means every column of numbers.
    pub wide: Vec<String>,
    /// The step between rows; it gives an integer index the season of the calendar. Finer rows are added up to it where
    /// [`ReadOptions::duplicates`] says how.
    pub frequency: Option<Calendar>,
    /// Steps after which the pattern repeats, 1 for none.
    pub season: Option<usize>,
    /// What comes first in dates such as 03/04/2024.
    pub dates: Option<DateOrder>,
    /// The mark before the decimals of numbers.
    pub decimal: Option<Decimal>,
    /// The zone whose clocks the times were read off, or should be shown by.
    pub zone: Option<Zone>,
    /// What is done with several rows of one time.
    pub duplicates: Duplicates,
    /// What is done with lines and cells that cannot be used.
    pub bad_rows: BadRows,
    /// Whether spikes are clipped before models see them.
    pub spikes: Mend,
    /// Whether an unfinished last period is left out.
    pub unfinished: Mend,
    /// Columns beside the target that models may use; `all` alone means every other column.
    pub covariates: Vec<String>,
    /// A file with rows of the future, under the same columns: what covariates are known ahead.
    pub future: Option<Input>,
    /// The country whose public holidays are covariates.
    pub holidays: Option<Holidays>,
    /// What stands in for a value that was not observed.
    pub gaps: Gaps,
    /// Whether rows before the first value are left out; 0 is read there if not.
    pub leading_blanks: Mend,
}

/// A file as it was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// The series.
    pub panel: Panel,
    /// What was filled, merged, clipped or left out, value by value, by series and time.
    pub repairs: Vec<Repair>,
    /// Series that are not in the panel, because nothing can be said of them.
    pub failed: Vec<Failed>,
    /// What a person should know about how the file was read, a sentence each.
    pub notices: Vec<String>,
    /// The hash of the file's bytes.
    pub sha256: String,
    /// Rows that have a time.
    pub rows: usize,
    /// The step between rows in a word, which for an index may be one of the calendar.
    pub step: String,
}

/// A series that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// The values of its id columns.
    pub key: Vec<String>,
    /// Why not.
    pub reason: &'static str,
}

/// Reads a file: finds its dialect, columns, dates and frequency, and repairs what can be repaired without guessing.
///
/// # Errors
/// If the file cannot be read, or not be understood in one way only.
pub fn read(input: &Input, options: &ReadOptions) -> Result<Dataset> {
    let content = input.content()?;
    let mut table = read::table(input, content.bytes, options.bad_rows)?;
    let future = options.future.as_ref().map(|future| {
        let content = future.content()?;
        read::table(future, content.bytes, options.bad_rows)
    });
    let mut known_later = None;
    if let Some(second) = future.transpose()? {
        let (both, future) = future::appended(table, second);
        (table, known_later) = (both, Some(future));
    }
    let mut roles = columns::assign(&table, options)?;
    if let Some(future) = &known_later {
        future.check(&table, &roles)?;
    }
    // what was needed of the cells is in the roles
    table.columns = Vec::new();
    let mut clock = settled(&table, &mut roles, options)?;
    let count = roles.axis.ticks.iter().filter(|time| **time != dates::NO_TIME).count();
    let mut outline = Outline::of(&roles);
    let mut rows = match Rows::sorted(&table, roles, options) {
        Ok(rows) => rows,
        Err(refused) => {
            let (error, mut roles) = *refused;
            let changes = if clock == Clock::default() { zone::by_changes(&mut roles) } else { None };
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
    let Roles { columns, beside, keys, .. } = rows.roles;
    let (mut repairs, mut notices, failed) = (rows.repairs, rows.notices, rows.failed);
    let (series, left_out) = period::finished(series, frequency, season, options.unfinished);
    repairs.extend(left_out);
    let (panel, clipped) = Panel::new(columns, frequency, season, series).with_clock(clock).clipped(options.spikes);
    repairs.extend(clipped);
    let placed = beside::placed(&beside, &outline, &keys, panel, options, &table.name)?;
    let panel = placed.panel;
    repairs.extend(placed.repairs);
    beside::without_future(&mut repairs, &panel);
    notices.extend(placed.notices);
    notices.extend(unfinished_in_words(&repairs, &panel));
    repairs.sort_by(|one, other| (&one.series, one.time, one.what).cmp(&(&other.series, other.time, other.what)));
    Ok(Dataset { panel, repairs, failed, notices, sha256: content.sha256, rows: count, step })
}

/// Puts the times on one clock.
fn settled(table: &table::Table, roles: &mut Roles, options: &ReadOptions) -> Result<Clock> {
    let asked = options.zone.map(|zone| zone.0);
    match zone::settle(&mut roles.axis, &roles.groups, asked) {
        Ok((clock, notice)) => {
            roles.notices.extend(notice);
            Ok(clock)
        }
        Err(zone::NoZone(row)) => {
            let row = row % table.rows;
            let column = roles.columns.time.clone().unwrap_or_default();
            Err(Error::Offsets { name: table.name.clone(), column, place: table.places.of(row) })
        }
    }
}

/// A sentence on the last periods that were left out.
fn unfinished_in_words(repairs: &[Repair], panel: &Panel) -> Option<String> {
    let left: Vec<&Repair> = repairs.iter().filter(|repair| repair.what == RepairKind::Unfinished).collect();
    let first = left.first()?;
    let of = match left.len() {
        1 => String::new(),
        several => format!(" of the first of {several} series"),
    };
    let value = first.from.map_or_else(|| "nothing".into(), |value| value.to_string());
    let time = panel.format(first.time);
    Some(format!("the period of {time}{of} seems not to be over ({value}) and is left out (`--unfinished keep`)"))
}

impl Dataset {
    /// What was understood, in one line: `daily, 1 series, 2012-01-01 to 2014-12-31, target demand`.
    pub fn summary(&self) -> String {
        let panel = &self.panel;
        let ids = match panel.columns().ids.as_slice() {
            [] => String::new(),
            ids => format!(" ({})", ids.join(", ")),
        };
        let time = |time: Option<Timestamp>| time.map(|time| panel.format(time)).unwrap_or_default();
        let (start, end) =
            (panel.iter().map(|series| series.start).min(), panel.iter().map(|series| series.end()).max());
        let mut line = format!(
            "{}, {} series{ids}, {} to {}, target {}",
            self.step,
            panel.count(),
            time(start),
            time(end),
            panel.columns().target
        );
        let repaired: Vec<String> = RepairKind::ALL.into_iter().filter_map(|kind| self.repaired(kind)).collect();
        if !repaired.is_empty() {
            line.push_str("; ");
            line.push_str(&repaired.join(", "));
        }
        line
    }

    /// `3 missing days filled`, `None` if there is nothing of the kind.
    fn repaired(&self, kind: RepairKind) -> Option<String> {
        let count = self.repairs.iter().filter(|repair| repair.what == kind).count();
        (count > 0).then(|| kind.counted(count, &self.panel.frequency().unit(count)))
    }
}
