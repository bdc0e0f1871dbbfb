//! A column as times: the way of writing is decided on the whole column, and what does not fit is named.

use crate::read::parse::datetime::{Century, Reading, Zone};
use crate::read::table::{Bad, Cells, is_missing};
use crate::time::date_order::DateOrder;
use crate::time::frequency_inference;

/// A column's times.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TimeIndex {
    /// Dates and times, in seconds since 1970; otherwise an integer index.
    pub(crate) clock: bool,
    /// Years alone, which are an index to calculate with.
    pub(crate) years: bool,
    /// One a row, as written; [`NO_TIME`] where the cell is empty.
    pub(crate) ticks: Vec<i64>,
    /// What the cells say of their distance from UTC.
    pub(crate) zoned: Zoned,
    /// Whether parts of a second were rounded away.
    pub(crate) finer: bool,
    /// Cells that are no times and were skipped.
    pub(crate) skipped: Bad,
}

/// What a column says of its times' distance from UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Zoned {
    /// Nothing.
    Unsaid,
    /// The same number of seconds ahead in every row.
    Ahead(i32),
    /// So many seconds ahead in each row; `None` where its cell does not say, or is empty.
    Each(Vec<Option<i32>>),
    /// A typed column in UTC that names its zone.
    Named(String),
}

impl TimeIndex {
    /// A plain index.
    pub(crate) fn index(ticks: Vec<i64>) -> Self {
        Self { clock: false, years: false, ticks, zoned: Zoned::Unsaid, finer: false, skipped: Bad::default() }
    }

    /// Where some cells say their distance from UTC and others do not: the first row that is not like the first of all.
    pub(crate) fn said_by_some(&self) -> Option<usize> {
        let Zoned::Each(ahead) = &self.zoned else { return None };
        let mut present = (0..ahead.len()).filter(|row| self.ticks[*row] != NO_TIME);
        let first = ahead[present.next()?].is_some();
        present.find(|row| ahead[*row].is_some() != first)
    }
}

/// Stands for an empty cell of a time column.
pub(crate) const NO_TIME: i64 = i64::MIN;

/// Why a column cannot be read as times.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Unread {
    /// Cells that are no times.
    Cells(Bad),
    /// Both orders of day and month fit; the first row where they differ.
    EitherOrder(usize),
}

/// What some cells look like: the way that reads most of them, and the share it reads.
pub(crate) fn likely(sample: &[String]) -> Option<(Reading, f64)> {
    let share = |reading: Reading| {
        let read = sample.iter().filter(|cell| reading.read(cell, Century::DEFAULT).is_some()).count();
        (reading, read as f64 / sample.len() as f64)
    };
    let better = |best: (Reading, f64), next: (Reading, f64)| if next.1 > best.1 { next } else { best };
    Reading::ALL.into_iter().map(share).reduce(better).filter(|(_, share)| *share > 0.0)
}

/// Reads a whole column; with `skip`, cells that are no times count as empty.
pub(crate) fn read(cells: &Cells, order: Option<DateOrder>, skip: bool) -> Result<TimeIndex, Unread> {
    match read_all(cells, order) {
        Err(Unread::Cells(bad)) if skip => match by_share(&cells.sample(), order).first() {
            Some(Reading::DayFirst | Reading::MonthFirst) if order.is_none() => either_order(cells, true),
            Some(reading) => whole(cells, *reading, true),
            None => Err(Unread::Cells(bad)),
        },
        read => read,
    }
}

fn read_all(cells: &Cells, order: Option<DateOrder>) -> Result<TimeIndex, Unread> {
    if let Cells::Times { ticks, zone, finer } = cells {
        let ticks = ticks.iter().map(|time| time.unwrap_or(NO_TIME)).collect();
        let zoned = zone.clone().map_or(Zoned::Unsaid, Zoned::Named);
        return Ok(TimeIndex { clock: true, years: false, ticks, zoned, finer: *finer, skipped: Bad::default() });
    }
    let sample = cells.sample();
    let mut best = None;
    for reading in by_share(&sample, order) {
        if matches!(reading, Reading::DayFirst | Reading::MonthFirst) && order.is_none() {
            match either_order(cells, false) {
                Err(Unread::Cells(bad)) => note(&mut best, bad),
                decided => return decided,
            }
            continue;
        }
        match whole(cells, reading, false) {
            Err(Unread::Cells(bad)) => note(&mut best, bad),
            decided => return decided,
        }
    }
    Err(Unread::Cells(best.unwrap_or_else(|| all_present(cells))))
}

/// Keeps the failure with the fewest bad cells.
fn note(best: &mut Option<Bad>, bad: Bad) {
    if best.as_ref().is_none_or(|best| bad.count < best.count) {
        *best = Some(bad);
    }
}

/// The ways that read anything of the sample, the best first.
fn by_share(sample: &[String], order: Option<DateOrder>) -> Vec<Reading> {
    let barred = order.map(|order| match order {
        DateOrder::DayFirst => Reading::MonthFirst,
        DateOrder::MonthFirst => Reading::DayFirst,
    });
    let count = |reading: &Reading| sample.iter().filter(|c| reading.read(c, Century::DEFAULT).is_some()).count();
    let mut counted: Vec<(usize, Reading)> = Reading::ALL
        .into_iter()
        .filter(|r| Some(*r) != barred)
        .map(|r| (count(&r), r))
        .filter(|(n, _)| *n > 0)
        .collect();
    counted.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    counted.into_iter().map(|(_, reading)| reading).collect()
}

/// Every cell that is not missing.
fn all_present(cells: &Cells) -> Bad {
    let mut bad = Bad::default();
    cells.for_each(|row, cell| {
        if cell.is_some_and(|cell| !is_missing(cell)) {
            bad.note(row);
        }
    });
    bad
}

/// Reads the whole column in one way.
fn whole(cells: &Cells, reading: Reading, skip: bool) -> Result<TimeIndex, Unread> {
    let (mut pass, seen) = one_pass(cells, reading, Century::DEFAULT, skip);
    if pass.is_ok() && seen.contains(&true) {
        pass = one_pass(cells, reading, Century::of(&seen), skip).0;
    }
    pass
}

/// Reads once, and notes the two-digit years on the way.
fn one_pass(cells: &Cells, reading: Reading, century: Century, skip: bool) -> (Result<TimeIndex, Unread>, [bool; 100]) {
    let mut ticks = Vec::with_capacity(cells.len());
    let mut zones = Zones::default();
    let mut seen = [false; 100];
    let mut bad = Bad::default();
    let mut finer = false;
    // rows of one time often follow each other
    let (mut before, mut same) = (String::new(), None);
    cells.for_each(|row, cell| {
        let Some(cell) = cell.filter(|cell| !is_missing(cell)) else {
            zones.push(None);
            return ticks.push(NO_TIME);
        };
        let moment = match same {
            Some(moment) if before == cell => moment,
            _ => {
                let Some(moment) = reading.read(cell, century) else {
                    zones.push(None);
                    ticks.push(NO_TIME);
                    return bad.note(row);
                };
                cell.clone_into(&mut before);
                same = Some(moment);
                moment
            }
        };
        ticks.push(moment.ticks);
        zones.push(Some(moment.zone));
        finer |= moment.finer;
        if let Some(year) = moment.short {
            seen[usize::from(year)] = true;
        }
    });
    if bad.count > 0 && !skip {
        return (Err(Unread::Cells(bad)), seen);
    }
    let zoned = zones.zoned();
    let (clock, years) = (!reading.is_index(), reading.is_year());
    (Ok(TimeIndex { clock, years, ticks, zoned, finer, skipped: bad }), seen)
}

/// The distances from UTC, one by one only once they differ.
#[derive(Default)]
struct Zones {
    first: Option<Zone>,
    rows: usize,
    each: Vec<Option<i32>>,
}

impl Zones {
    fn push(&mut self, zone: Option<Zone>) {
        let before = self.rows;
        self.rows += 1;
        if let Some(zone) = zone {
            let first = *self.first.get_or_insert(zone);
            if zone != first && self.each.is_empty() {
                self.each = vec![first.ahead(); before];
            }
        }
        if !self.each.is_empty() {
            self.each.push(zone.and_then(Zone::ahead));
        }
    }

    fn zoned(self) -> Zoned {
        match self.first.and_then(Zone::ahead) {
            _ if !self.each.is_empty() => Zoned::Each(self.each),
            Some(ahead) => Zoned::Ahead(ahead),
            None => Zoned::Unsaid,
        }
    }
}

/// Day and month in an order that only the column as a whole can tell.
fn either_order(cells: &Cells, skip: bool) -> Result<TimeIndex, Unread> {
    match (whole(cells, Reading::DayFirst, skip), whole(cells, Reading::MonthFirst, skip)) {
        (Ok(one), Ok(other)) if one.skipped.count < other.skipped.count => Ok(one),
        (Ok(one), Ok(other)) if one.skipped.count > other.skipped.count => Ok(other),
        (Ok(day_first), Ok(month_first)) => {
            let differs = day_first.ticks.iter().zip(&month_first.ticks).position(|(d, m)| d != m);
            let Some(row) = differs else { return Ok(day_first) };
            // nobody writes month.day.year
            if cells.text(row).is_some_and(|cell| cell.contains('.')) {
                return Ok(day_first);
            }
            let is_regular = |index: &TimeIndex| {
                let times: Vec<i64> = index.ticks.iter().copied().filter(|time| *time != NO_TIME).collect();
                frequency_inference::is_regular(times)
            };
            match (is_regular(&day_first), is_regular(&month_first)) {
                (true, false) => Ok(day_first),
                (false, true) => Ok(month_first),
                _ => Err(Unread::EitherOrder(row)),
            }
        }
        (Ok(axis), Err(_)) | (Err(_), Ok(axis)) => Ok(axis),
        (Err(Unread::Cells(day_first)), Err(Unread::Cells(month_first))) if day_first.count <= month_first.count => {
            Err(Unread::Cells(day_first))
        }
        (_, Err(month_first)) => Err(month_first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bad(rows: &[usize], count: usize) -> Unread {
        Unread::Cells(Bad { rows: rows.to_vec(), count })
    }

    fn written(cells: &[&str]) -> Result<Vec<String>, Unread> {
        written_in(cells, None)
    }

    fn written_in(cells: &[&str], order: Option<DateOrder>) -> Result<Vec<String>, Unread> {
        let cells = Cells::of_text(cells);
        let axis = read(&cells, order, false)?;
        Ok(axis
            .ticks
            .iter()
            .map(|t| crate::time::timestamp::Timestamp::from_ticks(axis.clock, *t).to_string())
            .collect())
    }

    #[test]
    fn every_way_of_writing_is_understood() {
        let table: [(&[&str], &[&str]); 40] = [
            (&["2012-01-31"], &["2012-01-31"]),
            (&["2012/1/5"], &["2012-01-05"]),
            (&["2012.01.05"], &["2012-01-05"]),
            (&["2012-01", "2012-02"], &["2012-01-01", "2012-02-01"]),
            (&["2012-01-31 13:30"], &["2012-01-31T13:30:00"]),
            (&["2012-01-31T13:30:05"], &["2012-01-31T13:30:05"]),
            (&["2012-01-31T13:30:05.000Z"], &["2012-01-31T13:30:05"]),
            (&["2012-01-31 13:30:05+02:00"], &["2012-01-31T13:30:05"]),
            (&["2012-01-31 24:00"], &["2012-02-01"]),
            (&["1/31/2012 1:05 PM"], &["2012-01-31T13:05:00"]),
            (&["01.02.2012", "02.02.2012"], &["2012-02-01", "2012-02-02"]),
            (&["01.02.2012 23:00"], &["2012-02-01T23:00:00"]),
            (&["13/01/2025", "1/2/25"], &["2025-01-13", "2025-02-01"]),
            (&["1/13/2025", "2/1/25"], &["2025-01-13", "2025-02-01"]),
            (&["1998 Q1", "1998 Q4"], &["1998-01-01", "1998-10-01"]),
            (&["1998Q2"], &["1998-04-01"]),
            (&["Q3-98", "Q1-02"], &["1998-07-01", "2002-01-01"]),
            (&["1991 W06"], &["1991-02-04"]),
            (&["2020-W53-7"], &["2021-01-03"]),
            (&["1960M02"], &["1960-02-01"]),
            (&["1960 Jan", "1960 Feb"], &["1960-01-01", "1960-02-01"]),
            (&["Jan-60", "Dec-75"], &["1960-01-01", "1975-12-01"]),
            (&["Dec-99", "Jan-00"], &["1999-12-01", "2000-01-01"]),
            (&["March 1960", "Sept. 1961"], &["1960-03-01", "1961-09-01"]),
            (&["31 January 2012"], &["2012-01-31"]),
            (&["Jan 05, 2012"], &["2012-01-05"]),
            (&["05Jan2012"], &["2012-01-05"]),
            (&["202401", "202412"], &["2024-01-01", "2024-12-01"]),
            (&["20240131", "20240201"], &["2024-01-31", "2024-02-01"]),
            (&["1960", "1961"], &["1960", "1961"]),
            (&["2009/10", "2010/11", "2011/12"], &["2009", "2010", "2011"]),
            (&["2009/10", "2009/11", "2009/12"], &["2009-10-01", "2009-11-01", "2009-12-01"]),
            (&["FY2019", "FY2020"], &["2019", "2020"]),
            (&["2024-S1", "2024-S2"], &["2024-01-01", "2024-07-01"]),
            (&["Mon, 1 Jan 2024", "Tuesday 2 January 2024"], &["2024-01-01", "2024-01-02"]),
            (&["Mär 2024", "Okt. 2024", "Dez 2024"], &["2024-03-01", "2024-10-01", "2024-12-01"]),
            (&["2 février 2024", "3 août 2024"], &["2024-02-02", "2024-08-03"]),
            (&["2024-01-01 00:00:00.5", "2024-01-01 00:00:01.499"], &["2024-01-01T00:00:01", "2024-01-01T00:00:01"]),
            (&["1704067200123", "1704067201501"], &["2024-01-01", "2024-01-01T00:00:02"]),
            (&["2024-01-01 9:30 am", "2024-01-01 12:00 PM"], &["2024-01-01T09:30:00", "2024-01-01T12:00:00"]),
        ];
        for (cells, expected) in table {
            assert_eq!(
                written(cells).as_deref(),
                Ok(&expected.iter().map(|e| (*e).to_owned()).collect::<Vec<_>>()[..]),
                "{cells:?}"
            );
        }
    }

    #[test]
    fn numbers_are_an_index_or_an_epoch() {
        assert_eq!(written(&["1", "2", "3"]).unwrap(), ["1", "2", "3"]);
        for epoch in ["1325376000", "1325376000000", "1325376000000000", "1325376000000000000"] {
            assert_eq!(written(&[epoch]).unwrap(), ["2012-01-01"], "{epoch}");
        }
    }

    #[test]
    fn what_is_no_date_is_named_by_row() {
        assert_eq!(written(&["2024-01-01", "2024-13-01", "", "soon"]), Err(bad(&[1, 3], 2)));
        assert_eq!(written(&["2024-02-30"]), Err(bad(&[0], 1)));
        assert_eq!(written(&["2024-01-01 00:00:00.5x"]), Err(bad(&[0], 1)));
        assert_eq!(written(&["x"; 25]), Err(bad(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 25)));
    }

    #[test]
    fn day_and_month_are_told_apart_by_evidence_or_not_at_all() {
        let first_of_months: Vec<String> = (0..18).map(|m| format!("01/{:02}/{}", m % 12 + 1, 2020 + m / 12)).collect();
        let cells: Vec<&str> = first_of_months.iter().map(String::as_str).collect();
        assert_eq!(written(&cells).unwrap()[17], "2021-06-01");
        let undecidable = ["01/02/2024", "02/02/2024", "03/02/2024"];
        assert_eq!(written(&["03/04/2024", "04/04/2024"]), Err(Unread::EitherOrder(0)));
        assert_eq!(written_in(&undecidable, Some(DateOrder::DayFirst)).unwrap()[2], "2024-02-03");
        assert_eq!(written_in(&undecidable, Some(DateOrder::MonthFirst)).unwrap()[2], "2024-03-02");
    }

    #[test]
    fn offsets_are_kept_where_they_change() {
        let zoned = |cells: &[&str]| read(&Cells::of_text(cells), None, false).map(|axis| axis.zoned);
        assert_eq!(
            zoned(&["2012-01-31T00:00:00+01:00", "", "2012-03-31T00:00:00+02:00"]),
            Ok(Zoned::Each(vec![Some(3_600), Some(3_600), Some(7_200)]))
        );
        assert_eq!(zoned(&["2012-01-31T00:00Z", "2012-03-31T00:00Z"]), Ok(Zoned::Ahead(0)));
        let some = read(&Cells::of_text(&["2012-01-31T00:00Z", "", "2012-03-31T00:00"]), None, false).unwrap();
        assert_eq!(some.zoned, Zoned::Each(vec![Some(0), Some(0), None]));
        assert_eq!(some.said_by_some(), Some(2));
        let none_first = read(&Cells::of_text(&["", "2012-01-31T00:00", "2012-03-31T00:00Z"]), None, false).unwrap();
        assert_eq!(none_first.said_by_some(), Some(2));
    }
}
