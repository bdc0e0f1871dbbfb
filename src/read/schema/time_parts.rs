//! Completes the times of the time column by columns with their parts: months, days, hours and minutes.

use std::collections::{BTreeSet, HashSet};

use chrono::NaiveDate;
use chrono_tz::Tz;

use crate::error::Result;
use crate::read::notice::Notice;
use crate::read::parse::calendar_names::WEEK_NAMES;
use crate::read::parse::clock_change::DayHour;
use crate::read::parse::date_format::DateFormat;
use crate::read::parse::period_part::{PartKind, PartStyle, PeriodPart, hour_starts};
use crate::read::parse::time_index::{NO_TIME, TimeIndex, Totals, parse_times, present};
use crate::read::parse::total_words::{is_month_13, is_total};
use crate::read::schema::column_inference::ColumnInference;
use crate::read::table::{Cells, RejectedRows, too_many_to_skip};
use crate::time::timestamp::{DAY, HOUR, MINUTE, SECOND, datetime_at, midnight};

/// What another column adds to a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TimePart {
    /// A month, quarter or week of a year, or a day of a month.
    Period(PartKind),
    DayOfYear,
    /// An hour or a time of day.
    Hour,
    /// Times of day such as `30` and `2330`, or with seconds, such as `3000` and `233000`.
    HourAndMinute,
    HourMinuteSecond,
    /// Half hours and quarters of an hour, numbered from 1.
    HalfHour,
    QuarterHour,
    Minute,
}

/// Names of columns with parts of a time, in lower case, letters and digits only.
#[rustfmt::skip]
const NAMES: [(TimePart, &[&str]); 9] = [
    (TimePart::Period(PartKind::Month), &[
        "month", "mon", "mm", "mo", "mth", "monthname", "monthnumber", "monthno", "period", "periodname", "monat", "mes",
        "mois", "mese", "maand", "mês", "miesiąc", "měsíc", "månad", "måned", "月", "月份", "월",
    ]),
    (TimePart::Period(PartKind::Quarter), &["quarter", "qtr", "q", "period", "quartal", "trimestre", "trim", "kvartal", "四半期", "期", "季度", "季", "분기"]),
    (TimePart::Period(PartKind::Week), &WEEK_NAMES),
    (TimePart::Period(PartKind::Day), &["day", "dd", "dy", "dayofmonth", "dom", "tag", "dia", "día", "jour", "日", "일"]),
    (TimePart::DayOfYear, &["doy", "dayofyear", "yday", "jday", "julianday"]),
    (TimePart::Hour, &[
        "time", "hour", "hr", "hh", "he", "clock", "timeofday", "hourending", "hourbeginning", "hourofday", "hod",
        "hournumber", "oprhr", "deliveryhour", "timehhmm", "timehhmmss", "hhmm", "hhmmss", "orahour", "stunde", "uhrzeit", "zeit", "heure", "hora",
        "ora", "uur", "godzina", "hodina", "timme", "時", "时", "시",
    ]),
    (TimePart::HalfHour, &["settlementperiod", "halfhour", "tradingperiod"]),
    (TimePart::QuarterHour, &["ptu", "qh", "quarterhour", "viertelstunde", "timeblock", "settlementperiod"]),
    (TimePart::Minute, &["minute", "minutes", "min", "mi"]),
];

impl TimePart {
    /// The part in a cell.
    fn parse(self, cell: &str) -> Option<PeriodPart> {
        let bare = |max: i64, min: i64| {
            let number = cell.trim().parse().ok().filter(|number| (min..=max).contains(number))?;
            Some(PeriodPart { number, style: PartStyle::Bare })
        };
        match self {
            Self::Period(kind) => kind.parse(cell),
            Self::Hour => {
                PartKind::Hour.parse(cell).or_else(|| hour_and_minute(cell, 4).filter(|_| cell.trim().len() > 2))
            }
            Self::DayOfYear => bare(366, 1),
            Self::HourAndMinute => hour_and_minute(cell, 4),
            Self::HourMinuteSecond => hour_and_minute(cell, 6),
            Self::HalfHour => bare(50, 1),
            Self::QuarterHour => bare(100, 1),
            Self::Minute => bare(59, 0),
        }
    }

    /// The time with a part; `None` if the calendar does not have it.
    fn add_to(self, time: i64, number: i64) -> Option<i64> {
        match self {
            Self::Period(kind) => kind.time_in(time, number),
            Self::DayOfYear => NaiveDate::from_yo_opt(time.try_into().ok()?, number as u32).map(midnight),
            Self::Hour | Self::HourAndMinute | Self::HourMinuteSecond | Self::HalfHour | Self::QuarterHour => {
                Some(time + number)
            }
            Self::Minute => Some(time + number * MINUTE),
        }
    }

    fn is_hour(self) -> bool {
        !matches!(self, Self::Period(_) | Self::DayOfYear | Self::Minute)
    }
}

/// A time of day without a colon and with so many digits, of which the first may be missing: `30`, `100` and `2330`.
fn hour_and_minute(cell: &str, digits: usize) -> Option<PeriodPart> {
    let cell = cell.trim();
    let is_number = (1..=digits).contains(&cell.len()) && cell.bytes().all(|byte| byte.is_ascii_digit());
    let number: i64 = cell.parse().ok().filter(|_| is_number)?;
    let (number, second) = if digits > 4 { (number / 100, number % 100) } else { (number, 0) };
    let (hour, minute) = (number / 100, number % 100);
    let is_time = hour <= 24 && minute < 60 && second < 60;
    let time_of_day = is_time.then_some(hour * HOUR + minute * MINUTE + second * SECOND)?;
    (0..=DAY).contains(&time_of_day).then_some(PeriodPart { number: time_of_day, style: PartStyle::Clock })
}

impl ColumnInference<'_> {
    /// If many rows share a time: the columns with further parts of the times, such as months, and the completed times.
    /// `time` is the column of the times, if they are of one.
    ///
    /// # Errors
    /// If the parts are those of a fiscal year, whose first day is not known.
    pub(crate) fn complete_times(
        &self,
        times: &TimeIndex,
        time: Option<usize>,
        free: &[usize],
    ) -> Result<(Vec<usize>, Option<TimeIndex>)> {
        let parts = self.time_parts(times, free);
        // At least half of the rows must share their time with another row.
        let distinct = || present(&times.ticks).collect::<HashSet<i64>>().len();
        if parts.is_empty() || distinct() * 2 > present(&times.ticks).count() {
            return Ok((Vec::new(), None));
        }
        time.map_or(Ok(()), |time| self.check_calendar_parts(times, time, &parts))?;
        let mut completed = TimeIndex { is_calendar: true, is_year: false, ..times.clone() };
        for (at, part) in &parts {
            self.add_part(&mut completed, *at, *part)?;
        }
        Ok((parts.into_iter().map(|(at, _)| at).collect(), Some(completed)))
    }

    /// Refuses months, quarters and weeks of a fiscal year.
    fn check_calendar_parts(&self, times: &TimeIndex, time: usize, parts: &[(usize, TimePart)]) -> Result<()> {
        let is_period = |part: &TimePart| {
            matches!(part, TimePart::Period(PartKind::Month | PartKind::Quarter | PartKind::Week) | TimePart::DayOfYear)
        };
        let Some((at, _)) = parts.iter().find(|(_, part)| is_period(part)) else { return Ok(()) };
        let is_named = |at: usize| self.profiles[at].fiscal_part().is_some();
        let are_fiscal_years = self.profiles[time].date_format() == Some(DateFormat::FiscalYear);
        if !times.is_year || !(are_fiscal_years || is_named(time) || is_named(*at)) {
            return Ok(());
        }
        let has_both = |row: &usize| times.ticks[*row] != NO_TIME && !self.cell(*at, *row).1.is_empty();
        let row = (0..self.table.rows).find(has_both).unwrap_or(0);
        let (location, value) = self.cell(*at, row);
        Err(self.fiscal_period(self.name(*at), location, value))
    }

    /// The columns that complete the times of a sample of the time column, and are therefore no targets.
    pub(crate) fn likely_parts(&self, time: usize, taken: &[usize]) -> Vec<usize> {
        let sample: Cells = Cells::Text(self.samples[time].iter().cloned().map(Some).collect());
        let Ok(times) = parse_times(&sample, self.options.date_rules(), true) else { return Vec::new() };
        let free: Vec<usize> = self.columns().filter(|at| !taken.contains(at)).collect();
        let distinct = present(&times.ticks).collect::<HashSet<i64>>().len();
        let parts = if distinct * 2 <= times.ticks.len() { self.time_parts(&times, &free) } else { Vec::new() };
        parts.into_iter().map(|(at, _)| at).collect()
    }

    /// A column of years that never descend, if another column has the names of months.
    pub(crate) fn years_next_to_months(&self, taken: &[usize]) -> Option<usize> {
        let month = TimePart::Period(PartKind::Month);
        let mut free = self.columns().filter(|at| !taken.contains(at));
        let has_months = free.clone().any(|at| self.profiles[at].is_text() && self.tells_by_its_cells(month, at));
        let are_years = |at: &usize| {
            let profile = &self.profiles[*at];
            profile.date_format().is_some_and(DateFormat::is_year) && profile.is_time_in_numbers()
        };
        if has_months { free.find(are_years) } else { None }
    }

    /// The columns that complete years or dates by their usual names, in the order of their addition.
    fn time_parts(&self, times: &TimeIndex, free: &[usize]) -> Vec<(usize, TimePart)> {
        let find = |part: TimePart| self.column_of(part, free).map(|at| (at, part));
        let (month, day) = (TimePart::Period(PartKind::Month), TimePart::Period(PartKind::Day));
        let mut parts = Vec::new();
        let are_dates = times.is_calendar && present(&times.ticks).all(|time| time % DAY == 0);
        if times.is_year {
            parts.extend(find(month));
            if parts.is_empty() {
                let others = [TimePart::Period(PartKind::Quarter), TimePart::Period(PartKind::Week)];
                let other = others.into_iter().find_map(find);
                match other.or_else(|| find(TimePart::DayOfYear)) {
                    Some(part @ (_, TimePart::DayOfYear)) => parts.push(part),
                    other => return other.into_iter().collect(),
                }
            } else {
                let Some(day) = find(day) else { return parts };
                parts.push(day);
            }
        } else if are_dates {
            let is_first = |time: i64| datetime_at(time).is_some_and(|time| chrono::Datelike::day(&time) == 1);
            parts.extend(if present(&times.ticks).all(is_first) { find(day) } else { None });
        } else {
            return parts;
        }
        let times_of_day = [
            TimePart::HourMinuteSecond,
            TimePart::HourAndMinute,
            TimePart::Hour,
            TimePart::HalfHour,
            TimePart::QuarterHour,
        ];
        if let Some(hour) = times_of_day.into_iter().find_map(find) {
            parts.push(hour);
            if !matches!(hour.1, TimePart::HourMinuteSecond | TimePart::HourAndMinute) {
                parts.extend(find(TimePart::Minute));
            }
        }
        parts
    }

    /// The column of a part by its usual names. Nearly all of its cells must be such parts.
    fn column_of(&self, part: TimePart, free: &[usize]) -> Option<usize> {
        let named_as = match part {
            TimePart::HourAndMinute | TimePart::HourMinuteSecond => TimePart::Hour,
            other => other,
        };
        let names = NAMES.iter().find(|(known, _)| *known == named_as).map_or(&[][..], |(_, names)| *names);
        let is_named = |at: &usize| {
            let profile = &self.profiles[*at];
            names.contains(&profile.name.as_str()) || profile.fiscal_part().is_some_and(|part| names.contains(&part))
        };
        let are_parts = |at: &usize| {
            let sample = &self.samples[*at];
            // Without a cell of so many digits, the numbers may be those of hours.
            let min_digits = match part {
                TimePart::HourAndMinute => 3,
                TimePart::HourMinuteSecond => 5,
                _ => 0,
            };
            if min_digits > 0 {
                return sample.iter().any(|cell| cell.trim().len() >= min_digits)
                    && sample.iter().all(|cell| part.parse(cell).is_some());
            }
            let is_part = |cell: &&String| part.parse(cell).is_some() || is_total(cell) || is_month_13(cell);
            sample.iter().filter(is_part).count() * 10 >= sample.len() * 8 && !sample.is_empty()
        };
        let named = free.iter().copied().find(|at| is_named(at) && are_parts(at));
        named.or_else(|| free.iter().copied().find(|at| self.tells_by_its_cells(part, *at)))
    }

    /// Whether the cells of a column tell without its name that they are a part: names of months, numbered months or
    /// quarters with their word, or times of day at a regular step.
    fn tells_by_its_cells(&self, part: TimePart, at: usize) -> bool {
        const MIN_STEP: i64 = 5 * MINUTE;
        const MIN_PARTS_OF_DAY: usize = 24;
        let cells = || self.samples[at].iter().filter(|cell| !(part.is_hour() && is_total(cell)));
        let parts: Option<Vec<PeriodPart>> = cells().map(|cell| part.parse(cell)).collect();
        let Some(parts) = parts.filter(|parts| !parts.is_empty()) else { return false };
        let have_style = |style: PartStyle| parts.iter().all(|part| part.style == style);
        let numbers: BTreeSet<i64> = parts.iter().map(|part| part.number).collect();
        match part {
            TimePart::Period(PartKind::Month) => have_style(PartStyle::Named) && numbers.len() >= 6,
            TimePart::Period(PartKind::Quarter) => have_style(PartStyle::Named) && numbers.len() == 4,
            TimePart::Hour => {
                let mut known = HashSet::new();
                let distinct: Vec<PeriodPart> =
                    parts.iter().copied().filter(|part| known.insert(part.number)).collect();
                let is_day = PartKind::Hour.is_whole(&distinct) && distinct.len() >= MIN_PARTS_OF_DAY;
                let has_colon = cells().all(|cell| cell.contains(':'));
                // Ages such as `0-1`, houses such as `H1` and numbers of departments such as 2300 are no hours.
                let has_half =
                    |cell: &String| cell.to_lowercase().ends_with('m') && cell.contains(['A', 'a', 'P', 'p']);
                let tells_time = || self.profiles[at].is_named_time_or_step() || cells().all(has_half);
                if is_day && !have_style(PartStyle::Bare) && tells_time() {
                    return true;
                }
                let step = numbers.iter().zip(numbers.iter().skip(1)).map(|(one, next)| next - one).min().unwrap_or(0);
                let is_regular = step >= MIN_STEP
                    && numbers.iter().all(|number| (number - numbers.first().copied().unwrap_or(0)) % step == 0);
                let count = numbers.len() as i64;
                has_colon && have_style(PartStyle::Clock) && is_regular && count >= 4 && count * step * 3 >= DAY
            }
            _ => false,
        }
    }

    /// Adds the part of a column to the times. Rows of totals are left out.
    fn add_part(&self, times: &mut TimeIndex, at: usize, part: TimePart) -> Result<()> {
        let mut parts: Vec<Option<PeriodPart>> = Vec::with_capacity(times.ticks.len());
        let is_month = part == TimePart::Period(PartKind::Month);
        let (mut invalid, mut totals) = (Vec::new(), Vec::new());
        self.table.columns[at].cells.for_each(|row, cell| {
            let has_time = times.ticks[row] != NO_TIME;
            let parsed = cell.filter(|_| has_time).and_then(|cell| part.parse(cell));
            match cell {
                _ if parsed.is_some() || !has_time => {}
                Some(cell) if is_total(cell) || (is_month && is_month_13(cell)) => totals.push(row),
                _ => invalid.push(row),
            }
            parts.push(parsed);
        });
        if let Some(first) = totals.first() {
            let text = self.cell(at, *first).1;
            times.totals.get_or_insert(Totals { first: *first, text });
            totals.iter().for_each(|row| times.ticks[*row] = NO_TIME);
            times.left_out.extend(totals);
            times.left_out.sort_unstable();
        }
        let numbers = part_numbers(times, part, &parts).into_iter().enumerate();
        let numbers = numbers.filter_map(|(row, number)| Some((row, number?)));
        if part.is_hour() {
            self.skip_or_refuse(times, at, &invalid)?;
            let hour = |(row, time_of_day)| (row, DayHour { midnight: times.ticks[row], time_of_day, is_empty: false });
            let hours: Vec<(usize, DayHour)> = numbers.map(hour).collect();
            let are_numbered = parts.iter().flatten().all(|part| part.style != PartStyle::Clock);
            // The half hours of a settlement are those of Great Britain.
            let likely = (part == TimePart::HalfHour).then_some(Tz::Europe__London);
            return self.place_hours(times, at, &hours, (are_numbered, likely));
        }
        for (row, number) in numbers {
            match part.add_to(times.ticks[row], number) {
                Some(time) => times.ticks[row] = time,
                None => invalid.push(row),
            }
        }
        self.skip_or_refuse(times, at, &invalid)
    }

    /// Takes the times from rows whose parts are not valid if the options skip such rows and they are few.
    pub(crate) fn skip_or_refuse(&self, times: &mut TimeIndex, at: usize, invalid: &[usize]) -> Result<()> {
        let rejected: RejectedRows = invalid.iter().copied().collect();
        if rejected.count == 0 {
            return Ok(());
        }
        if !self.skips_bad_rows() || too_many_to_skip(rejected.count, self.table.rows) {
            return Err(self.invalid_times(at, &rejected));
        }
        invalid.iter().for_each(|row| times.ticks[*row] = NO_TIME);
        times.skipped.count += rejected.count;
        times.skipped.first.extend(rejected.first);
        Ok(())
    }
}

/// The numbers to add: as in the cells, or for hours the time of day in ticks.
fn part_numbers(times: &mut TimeIndex, part: TimePart, parts: &[Option<PeriodPart>]) -> Vec<Option<i64>> {
    let present: Vec<PeriodPart> = parts.iter().flatten().copied().collect();
    let mut starts = match part {
        TimePart::Hour => {
            let counts_to_24 = present.iter().any(|part| part.number >= 24 && part.style != PartStyle::Clock);
            let has_clock = present.iter().any(|part| part.style == PartStyle::Clock);
            // Some exports write 0 and 30 for 00:00 and 00:30, next to 100 for 01:00.
            let are_minutes = has_clock && present.iter().any(|part| part.style == PartStyle::Bare);
            if counts_to_24 && !has_clock && present.iter().all(|part| part.number >= 1) {
                times.notices.push(Notice::HoursCountedFromOne);
                hour_starts(&present)
            } else {
                let unit = if are_minutes { MINUTE } else { HOUR };
                let time_of_day = |part: &PeriodPart| match part.style {
                    PartStyle::Clock => part.number,
                    PartStyle::HourEnding => (part.number - 1) * HOUR,
                    _ => part.number * unit,
                };
                present.iter().map(time_of_day).collect()
            }
        }
        TimePart::HalfHour => present.iter().map(|part| (part.number - 1) * (HOUR / 2)).collect(),
        TimePart::QuarterHour => present.iter().map(|part| (part.number - 1) * (HOUR / 4)).collect(),
        _ => present.iter().map(|part| part.number).collect(),
    }
    .into_iter();
    parts.iter().map(|part| part.and_then(|_| starts.next())).collect()
}
