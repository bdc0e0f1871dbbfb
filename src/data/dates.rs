//! A column as times: the way of writing is decided on the whole column, and what does not fit is named.

use super::calendar::DateOrder;
use super::infer;
use super::moment::{Century, Reading};
use super::table::{Bad, Cells, is_missing};

/// A column's times.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axis {
    /// Dates and times, in seconds since 1970; otherwise an integer index.
    pub(super) clock: bool,
    /// Years alone, which are an index to calculate with.
    pub(super) years: bool,
    /// One a row; [`NO_TIME`] where the cell is empty.
    pub(super) ticks: Vec<i64>,
}

/// Stands for an empty cell of a time column.
pub(super) const NO_TIME: i64 = i64::MIN;

/// Why a column cannot be read as times.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Unread {
    /// Cells that are no times.
    Cells(Bad),
    /// Both orders of day and month fit; the first row where they differ.
    EitherOrder(usize),
    /// The offset from UTC changes at this row.
    Offsets(usize),
}

/// What some cells look like: the way that reads most of them, and the share it reads.
pub(super) fn likely(sample: &[String]) -> Option<(Reading, f64)> {
    let share = |reading: Reading| {
        let read = sample.iter().filter(|cell| reading.read(cell, Century::DEFAULT).is_some()).count();
        (reading, read as f64 / sample.len() as f64)
    };
    let better = |best: (Reading, f64), next: (Reading, f64)| if next.1 > best.1 { next } else { best };
    Reading::ALL.into_iter().map(share).reduce(better).filter(|(_, share)| *share > 0.0)
}

/// Reads a whole column.
pub(super) fn read(cells: &Cells, order: Option<DateOrder>) -> Result<Axis, Unread> {
    if let Cells::Times(times) = cells {
        let ticks = times.iter().map(|time| time.unwrap_or(NO_TIME)).collect();
        return Ok(Axis { clock: true, years: false, ticks });
    }
    let sample = cells.sample();
    let mut best = None;
    for reading in by_share(&sample, order) {
        if matches!(reading, Reading::DayFirst | Reading::MonthFirst) && order.is_none() {
            match either_order(cells) {
                Err(Unread::Cells(bad)) => note(&mut best, bad),
                decided => return decided,
            }
            continue;
        }
        match whole(cells, reading) {
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
fn whole(cells: &Cells, reading: Reading) -> Result<Axis, Unread> {
    let (mut pass, seen) = one_pass(cells, reading, Century::DEFAULT);
    if pass.is_ok() && seen.contains(&true) {
        pass = one_pass(cells, reading, Century::of(&seen)).0;
    }
    pass
}

/// Reads once, and notes the two-digit years on the way.
fn one_pass(cells: &Cells, reading: Reading, century: Century) -> (Result<Axis, Unread>, [bool; 100]) {
    let mut ticks = Vec::with_capacity(cells.len());
    let mut seen = [false; 100];
    let mut bad = Bad::default();
    let (mut first_zone, mut other_zone) = (None, None);
    cells.for_each(|row, cell| {
        let Some(cell) = cell.filter(|cell| !is_missing(cell)) else { return ticks.push(NO_TIME) };
        let Some(moment) = reading.read(cell, century) else { return bad.note(row) };
        ticks.push(moment.ticks);
        if let Some(year) = moment.short {
            seen[usize::from(year)] = true;
        }
        if *first_zone.get_or_insert(moment.zone) != moment.zone {
            other_zone.get_or_insert(row);
        }
    });
    let read = match (bad.unless(()), other_zone) {
        (Err(bad), _) => Err(Unread::Cells(bad)),
        (Ok(()), Some(row)) => Err(Unread::Offsets(row)),
        (Ok(()), None) => Ok(Axis { clock: !reading.is_index(), years: reading == Reading::Year, ticks }),
    };
    (read, seen)
}

/// Day and month in an order that only the column as a whole can tell.
fn either_order(cells: &Cells) -> Result<Axis, Unread> {
    match (whole(cells, Reading::DayFirst), whole(cells, Reading::MonthFirst)) {
        (Ok(day_first), Ok(month_first)) => {
            let differs = day_first.ticks.iter().zip(&month_first.ticks).position(|(d, m)| d != m);
            let Some(row) = differs else { return Ok(day_first) };
            // nobody writes month.day.year
            if cells.text(row).is_some_and(|cell| cell.contains('.')) {
                return Ok(day_first);
            }
            match (infer::is_steady(&day_first.ticks), infer::is_steady(&month_first.ticks)) {
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
        let axis = read(&cells, order)?;
        Ok(axis.ticks.iter().map(|t| super::super::frequency::timestamp(axis.clock, *t).to_string()).collect())
    }

    #[test]
    fn every_way_of_writing_is_understood() {
        let table: [(&[&str], &[&str]); 30] = [
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
        assert_eq!(written(&["2024-01-01 00:00:00.5"]), Err(bad(&[0], 1)));
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
    fn a_changing_offset_is_refused() {
        let cells = ["2012-01-31T00:00:00+01:00", "2012-03-31T00:00:00+02:00"];
        assert_eq!(written(&cells), Err(Unread::Offsets(1)));
    }
}
