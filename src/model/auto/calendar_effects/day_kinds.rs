//! The kinds of rare days to which each day of a series belongs.

use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;

use chrono::{Datelike, Days, NaiveDate, Weekday};

use crate::model::regression::series_view::ExogenousData;
use crate::panel::covariates::{Covariate, CovariateKind, NO_CATEGORY};
use crate::time::{Timestamp, holidays};

/// The number of days from 24 December on that belong to the turn of the year.
const YEAR_END_DAYS: i64 = 10;
/// The number of last days of a month, and of its first and of its last working days, that are kinds of their own.
const MONTH_END_DAYS: u32 = 5;
const MAX_WORKING_DAY: i32 = 2;
/// Days of the month up to this one occur in every month.
const MAX_MONTH_DAY: u32 = 28;
/// The maximum share of days with an indicator whose effect is removed. Models learn more frequent ones themselves.
const MAX_INDICATOR_SHARE: f64 = 0.1;
/// The maximum number of categories of a covariate. If it has more distinct values, neighbouring ones are grouped.
const MAX_GROUPS: usize = 20;
/// The minimum share of days with the usual value of a covariate.
const MIN_USUAL_SHARE: f64 = 0.5;

/// A kind of rare days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum DayKind {
    /// Any public holiday, or the day before (-1) or after (1) one.
    AnyHoliday { offset: i8 },
    /// One public holiday by its name, or the day before or after it.
    Holiday { name: &'static str, offset: i8 },
    /// A covariate has another value than usual. Its values are numbered.
    Indicator { column: usize, category: usize },
    /// A date from 24 December to 2 January, by its number.
    YearEnd { day: i64 },
    /// A date of the year.
    Date { month: u32, day: u32 },
    /// Such as the fourth Thursday of November; the fifth and last is 5.
    WeekdayOfMonth { month: u32, weekday: Weekday, number: u32 },
    /// A day of the month.
    MonthDay { day: u32 },
    /// A day counted from the end of the month, 1 for the last.
    MonthEnd { day: u32 },
    /// A day counted from the end of the quarter, 1 for the last.
    QuarterEnd { day: u32 },
    /// A day from Monday to Friday, counted from the start of the month (1, 2, …) or from its end (-1, -2, …).
    WorkingDay { number: i32 },
}

impl DayKind {
    /// Whether such days are known to be special, so that they are no ordinary days of their weekday.
    fn is_special(self) -> bool {
        matches!(
            self,
            Self::AnyHoliday { offset: 0 } | Self::Indicator { .. } | Self::YearEnd { .. } | Self::MonthEnd { day: 1 }
        )
    }
}

/// The kinds of each day of a series.
#[derive(Debug, Clone)]
pub(crate) struct DayKinds {
    kinds: Vec<DayKind>,
    /// Whether the effect of each kind is removed. Others only explain days that would be evidence for other kinds.
    is_removed: Vec<bool>,
    /// Indices of kinds for each day.
    by_day: Vec<Vec<usize>>,
    /// Whether each day is of a special kind.
    is_special: Vec<bool>,
    /// The usual value of each covariate whose other values are kinds of days; 0 for any other one.
    usual: Vec<f64>,
}

impl DayKinds {
    /// The kinds of days that begin at `times`, and at these positions of the series. What is usual for a covariate is
    /// its most frequent value in the first `known` steps.
    pub(crate) fn new(
        times: &[Timestamp],
        positions: &[usize],
        exogenous: Option<ExogenousData<'_>>,
        known: usize,
    ) -> Self {
        let indicators = exogenous.map_or_else(Vec::new, |data| indicators(data, known));
        let calendars = exogenous.map_or_else(Vec::new, |data| holiday_names(data, times));
        let mut numbers: HashMap<DayKind, usize> = HashMap::new();
        let (mut kinds, mut is_removed) = (Vec::new(), Vec::new());
        let mut by_day = Vec::with_capacity(times.len());
        for (&time, &position) in times.iter().zip(positions) {
            let Timestamp::Time(time) = time else {
                by_day.push(Vec::new());
                continue;
            };
            let mut own = Vec::new();
            calendars.iter().for_each(|names| add_holidays(names, time.date(), &mut own));
            add_dates(time.date(), &mut own);
            let mut own: Vec<(DayKind, bool)> = own.into_iter().map(|kind| (kind, true)).collect();
            for (column, indicator) in indicators.iter().enumerate() {
                let Some(indicator) = indicator else { continue };
                if let Some(category) = indicator.category(position) {
                    own.push((DayKind::Indicator { column, category }, indicator.is_removed));
                }
            }
            let number = |(kind, removed): (DayKind, bool)| {
                *numbers.entry(kind).or_insert_with(|| {
                    kinds.push(kind);
                    is_removed.push(removed);
                    kinds.len() - 1
                })
            };
            by_day.push(own.into_iter().map(number).collect());
        }
        let usual = indicators.iter().map(|indicator| indicator.as_ref().map_or(0.0, |own| own.usual)).collect();
        let is_special = |own: &Vec<usize>| own.iter().any(|kind| kinds[*kind].is_special());
        let is_special = by_day.iter().map(is_special).collect();
        Self { kinds, is_removed, by_day, is_special, usual }
    }

    /// The number of kinds.
    pub(crate) fn count(&self) -> usize {
        self.kinds.len()
    }

    pub(crate) fn kind(&self, index: usize) -> DayKind {
        self.kinds[index]
    }

    pub(crate) fn of_day(&self, day: usize) -> &[usize] {
        &self.by_day[day]
    }

    pub(crate) fn is_removed(&self, kind: usize) -> bool {
        self.is_removed[kind]
    }

    /// The usual value of a covariate, 0 for holidays.
    pub(crate) fn usual(&self, column: usize) -> f64 {
        self.usual.get(column).copied().unwrap_or(0.0)
    }

    /// Whether a covariate has an unusual value on a day.
    pub(crate) fn has_indicator(&self, day: usize) -> bool {
        self.by_day[day].iter().any(|kind| matches!(self.kinds[*kind], DayKind::Indicator { .. }))
    }

    /// Whether a day is known to be special before any effect is estimated.
    pub(crate) fn is_special(&self, day: usize) -> bool {
        self.is_special[day]
    }
}

/// The names of the holidays that are covariates, by date: one map for each country.
fn holiday_names(data: ExogenousData<'_>, times: &[Timestamp]) -> Vec<BTreeMap<NaiveDate, &'static str>> {
    let (Some(Timestamp::Time(first)), Some(Timestamp::Time(last))) = (times.first(), times.last()) else {
        return Vec::new();
    };
    let (first, last) = (first.date(), last.date());
    let names = |column: &Covariate| match &column.kind {
        CovariateKind::Holidays(code) => Some(holidays::names(code, first - Days::new(1), last + Days::new(1))),
        CovariateKind::Number | CovariateKind::Category(_) | CovariateKind::Eves(_) => None,
    };
    data.columns.iter().filter_map(names).collect()
}

/// Adds the kinds of a day by its distance from holidays.
fn add_holidays(names: &BTreeMap<NaiveDate, &'static str>, date: NaiveDate, into: &mut Vec<DayKind>) {
    let one = Days::new(1);
    for (offset, holiday) in [(0, date), (-1, date + one), (1, date - one)] {
        if let Some(name) = names.get(&holiday) {
            into.extend([DayKind::AnyHoliday { offset }, DayKind::Holiday { name, offset }]);
            if offset == 0 {
                return;
            }
        }
    }
}

/// Adds the kinds of a day by its date.
fn add_dates(date: NaiveDate, into: &mut Vec<DayKind>) {
    let (month, day) = (date.month(), date.day());
    let last = u32::from(date.num_days_in_month());
    let year = if month == 1 { date.year() - 1 } else { date.year() };
    let year_end = NaiveDate::from_ymd_opt(year, 12, 24).map(|first| (date - first).num_days());
    match year_end.filter(|day| (0..YEAR_END_DAYS).contains(day)) {
        Some(day) => into.push(DayKind::YearEnd { day }),
        None => into.push(DayKind::Date { month, day }),
    }
    into.push(DayKind::WeekdayOfMonth { month, weekday: date.weekday(), number: (day - 1) / 7 + 1 });
    if day <= MAX_MONTH_DAY {
        into.push(DayKind::MonthDay { day });
    }
    if last - day < MONTH_END_DAYS {
        into.push(DayKind::MonthEnd { day: last - day + 1 });
        into.extend(month.is_multiple_of(3).then_some(DayKind::QuarterEnd { day: last - day + 1 }));
    }
    if is_working_day(date) {
        let is_working = |day: &u32| date.with_day(*day).is_some_and(is_working_day);
        let count = |days: RangeInclusive<u32>| days.filter(is_working).count() as i32;
        let (from_start, from_end) = (count(1..=day), count(day..=last));
        let numbers = [from_start, -from_end].into_iter().filter(|number| number.abs() <= MAX_WORKING_DAY);
        into.extend(numbers.map(|number| DayKind::WorkingDay { number }));
    }
}

fn is_working_day(date: NaiveDate) -> bool {
    !matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

/// A covariate that mostly has one value.
struct Indicator<'a> {
    values: &'a [f64],
    usual: f64,
    /// The distinct values in the first part of the series, ascending.
    distinct: Vec<f64>,
    is_removed: bool,
    is_category: bool,
}

impl Indicator<'_> {
    /// The category at a position; `None` for the usual value, and where the value is unknown.
    fn category(&self, position: usize) -> Option<usize> {
        let value = *self.values.get(position)?;
        let differs = !value.is_nan() && value.to_bits() != self.usual.to_bits();
        let number = if self.is_category {
            // a category is not like its neighbours, so that a later one is of a kind without an effect
            self.distinct.binary_search_by(|other| other.total_cmp(&value)).unwrap_or(self.distinct.len())
        } else {
            self.distinct.partition_point(|other| *other < value)
        };
        // amounts have many values, of which neighbours are alike
        differs.then(|| number / self.distinct.len().div_ceil(MAX_GROUPS))
    }
}

/// The covariates that mostly have one value, by column. Holidays have kinds of their own.
fn indicators(data: ExogenousData<'_>, known: usize) -> Vec<Option<Indicator<'_>>> {
    data.columns.iter().zip(data.values).map(|(column, values)| indicator(column, values, known)).collect()
}

/// `None` if a covariate often has other values than its most frequent one.
fn indicator<'a>(column: &Covariate, values: &'a [f64], known: usize) -> Option<Indicator<'a>> {
    if matches!(column.kind, CovariateKind::Holidays(_) | CovariateKind::Eves(_)) {
        return None;
    }
    let first = &values[..known];
    let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
    first.iter().for_each(|value| *counts.entry(value.to_bits()).or_default() += 1);
    let (usual, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    let (usual, share) = (f64::from_bits(usual), count as f64 / known.max(1) as f64);
    let mut distinct = first.to_vec();
    distinct.sort_by(f64::total_cmp);
    distinct.dedup();
    let is_binary = match column.kind {
        // the numbers of categories depend on those of other series
        CovariateKind::Category(_) => distinct.len() == 2 && !distinct.contains(&NO_CATEGORY),
        _ => usual == 0.0 && distinct.iter().all(|value| [0.0, 1.0].contains(value)),
    };
    let is_removed = column.known_future && is_binary && share >= 1.0 - MAX_INDICATOR_SHARE;
    let is_category = matches!(column.kind, CovariateKind::Category(_));
    (share >= MIN_USUAL_SHARE).then_some(Indicator { values, usual, distinct, is_removed, is_category })
}
