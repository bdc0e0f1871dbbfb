//! Times put on the regular step, and those that do not fit.

use crate::error::{Error, Result};
use crate::panel::repair_log::RepairPolicy;
use crate::read::regularize::Rows;
use crate::read::table::NAMED;
use crate::time::calendar_period::approximate_step;
use crate::time::frequency::Frequency;
use crate::time::grid::align;
use crate::time::timestamp::{SECONDS_PER_DAY, SECONDS_PER_HOUR};
use crate::time::weekdays::Weekdays;
use crate::time::weekdays::count_by_weekday;

impl Rows<'_> {
    /// Puts every series on the grid.
    ///
    /// # Errors
    /// If times do not fit.
    pub(crate) fn snap(&mut self, frequency: Frequency) -> Result<()> {
        let (mut off, mut moved, mut unfinished) = (Vec::new(), Vec::new(), Vec::new());
        for (which, (_, range)) in self.series.iter().enumerate() {
            match align(frequency, &self.times[range.clone()]) {
                Ok(None) => {}
                Ok(Some(snapped)) => {
                    if self.options.unfinished == RepairPolicy::Repair
                        && stops_early(frequency, &self.times[range.clone()], &snapped)
                    {
                        unfinished.push(which);
                        continue;
                    }
                    for (at, time) in range.clone().zip(snapped) {
                        let before = std::mem::replace(&mut self.times[at], time);
                        if before != time {
                            moved.push((at, before));
                        }
                    }
                }
                Err(positions)
                    if self.options.unfinished == RepairPolicy::Repair
                        && positions == [range.len() - 1]
                        && stops_within(frequency, &self.times[range.clone()]) =>
                {
                    unfinished.push(which);
                }
                Err(positions) => off.extend(positions.into_iter().map(|at| range.start + at)),
            }
        }
        if !off.is_empty() {
            return Err(self.off_grid(frequency, &off));
        }
        for which in unfinished {
            let (code, range) = &mut self.series[which];
            range.end -= 1;
            let (code, at) = (*code, range.end);
            let (time, value) = (self.times[at], self.values[at]);
            self.leave_out(code, time, value);
        }
        if let Some((at, before)) = moved.first() {
            let place = self.place(self.origins[*at]);
            let (from, to) = (self.time(*before), self.time(self.times[*at]));
            let (count, dates) = (moved.len(), if moved.len() == 1 { "date" } else { "dates" });
            let name = frequency.name();
            self.notices.push(format!(
                "{count} {dates} moved to the regular step ({name}), the first on {place}: {from} is taken as {to}"
            ));
        }
        Ok(())
    }

    /// A sentence on days of the week, or hours of the day, that no series has a row for; weekends that are left out
    /// need none.
    pub(crate) fn note_closed(&mut self, frequency: Frequency) {
        const WEEKS: i64 = 4;
        let span =
            self.times.iter().min().zip(self.times.iter().max()).map_or(0, |(first, last)| last.saturating_sub(*first));
        let long = span >= WEEKS * 7 * SECONDS_PER_DAY;
        let notice = match frequency {
            Frequency::BusinessDays { open } if self.options.frequency.is_none() && open != Weekdays::BUSINESS => {
                let closed = open.closed_days_in_words();
                Some(format!("no row is of {closed}: left out (`--frequency daily` forecasts every day)"))
            }
            Frequency::Days { every: 1 } if long => {
                let open = Weekdays::new(count_by_weekday(&self.times).map(|rows| rows > 0));
                let closed = open.map(Weekdays::closed_days_in_words);
                closed.map(|closed| format!("no row is of {closed}: these days are filled, and forecast too"))
            }
            Frequency::Seconds { every } if long && every <= SECONDS_PER_HOUR => self.closed_hours(),
            _ => None,
        };
        self.notices.extend(notice);
    }

    /// A sentence on hours of the day that no series has a row for, such as those of the night.
    fn closed_hours(&self) -> Option<String> {
        let mut open = [false; 24];
        self.times.iter().for_each(|time| open[(time.rem_euclid(SECONDS_PER_DAY) / SECONDS_PER_HOUR) as usize] = true);
        let first_closed = |hour: &usize| !open[*hour] && open[(hour + 23) % 24];
        let runs = (0..24).filter(first_closed).map(|from| {
            let hours = (1..24).find(|hours| open[(from + hours) % 24]).unwrap_or(1);
            format!("{from:02}:00 to {:02}:00", (from + hours) % 24)
        });
        let closed: Vec<String> = runs.collect();
        (!closed.is_empty()).then(|| {
            format!(
                "no row is of {}: these hours are filled, and forecast too (`--frequency daily --duplicates sum`, or \
                 `mean` or `last`, makes days of the rows)",
                closed.join(" or ")
            )
        })
    }

    fn off_grid(&self, frequency: Frequency, off: &[usize]) -> Error {
        let places = off.iter().take(NAMED).map(|at| self.place(self.origins[*at]));
        let times = off.iter().map(|at| self.time(self.times[*at]).to_string());
        Error::OffGrid {
            name: self.table.name.clone(),
            column: self.roles.columns.time.clone().unwrap_or_default(),
            frequency: frequency.name(),
            asked: self.options.frequency.is_some(),
            cells: places.zip(times).collect(),
            count: off.len(),
            rows: self.times.len(),
        }
    }
}

/// Times needed to call the last of them early.
const FEWEST: usize = 5;

/// Whether the last time alone had to be moved, further than a holiday or a weekend would move it: its period is not
/// over.
fn stops_early(frequency: Frequency, times: &[i64], snapped: &[i64]) -> bool {
    let least = match frequency {
        Frequency::Days { every } if every % 7 == 0 => 2 * SECONDS_PER_DAY,
        Frequency::Months { .. } => 4 * SECONDS_PER_DAY,
        _ => return false,
    };
    let Some((last, before)) = times.split_last() else { return false };
    let on_grid = before == &snapped[..before.len()];
    times.len() >= FEWEST && on_grid && (last - snapped[before.len()]).abs() >= least
}

/// Whether the last time, which alone is off the grid, lies within the period after the one before.
fn stops_within(frequency: Frequency, times: &[i64]) -> bool {
    let periods = matches!(frequency, Frequency::Months { .. } | Frequency::Days { every: 7 });
    let [.., before, last] = times else { return false };
    times.len() >= FEWEST && periods && last - before < approximate_step(frequency)
}
