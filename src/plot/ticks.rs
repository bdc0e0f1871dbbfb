//! The ticks of a horizontal axis of times or integers. Their labels never overlap.

use chrono::NaiveDateTime;

use crate::plot::axis::{integer, round_step};
use crate::plot::calendar::{self, Context, TickCandidate};
use crate::plot::text::Font;
use crate::time::{Frequency, Timestamp};

/// The largest number of ticks of an axis.
const MAX_TICKS: usize = 15;

/// A tick with its label. A second line has the year or the day if it changes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tick {
    /// The position of the tick, in pixels.
    pub(crate) x: f64,
    /// The middle of the label, in pixels. It differs from `x` if the label would not fit into the picture.
    pub(crate) middle: f64,
    pub(crate) label: String,
    /// The second line.
    pub(crate) context: Option<String>,
}

/// The position of a horizontal axis, and the limits and the font of its labels. Positions are in pixels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HorizontalAxis {
    /// The positions of the first and the last step.
    pub(crate) first: f64,
    pub(crate) last: f64,
    /// The left and the right limit of labels.
    pub(crate) label_limits: (f64, f64),
    pub(crate) font: Font,
}

/// The finest ticks whose labels fit along `axis`. The `times` are regular and ascend.
pub(crate) fn ticks(times: &[Timestamp], frequency: Frequency, axis: HorizontalAxis) -> Vec<Tick> {
    let (Some(first), Some(last)) = (times.first(), times.last()) else { return Vec::new() };
    if let (Timestamp::Index(first), Timestamp::Index(last)) = (*first, *last) {
        return integers(first, last, axis);
    }
    let calendar_time = |time: &Timestamp| if let Timestamp::Time(t) = time { Some(*t) } else { None };
    let times: Vec<NaiveDateTime> = times.iter().filter_map(calendar_time).collect();
    let steps = (times.len() - 1).max(1) as f64;
    let place = |unit| axis.place(calendar::candidates(&times, frequency, unit, MAX_TICKS + 1), steps);
    let fitting: Vec<Vec<Tick>> = calendar::units(frequency).into_iter().filter_map(place).take(4).collect();
    // two ticks of a coarser unit show the scale, one tick of a finer unit does not
    let chosen = fitting.iter().find(|t| t.len() > 1).or_else(|| fitting.iter().find(|t| !t.is_empty()));
    chosen.cloned().unwrap_or_else(|| axis.only_tick(calendar::time_label(*first, frequency)))
}

/// Ticks at round integers from `first` to `last`.
pub(crate) fn integers(first: i64, last: i64, axis: HorizontalAxis) -> Vec<Tick> {
    // i128, because the distance and a step beyond the end may exceed an i64
    let (first, last) = (i128::from(first), i128::from(last));
    let span = (last - first).max(1);
    let mut step = round_step((span as f64 / MAX_TICKS as f64).max(1.0)) as i128;
    while step <= span {
        let from = -(-first).div_euclid(step) * step;
        let candidate = |i: i128| TickCandidate { position: (i - first) as f64, label: integer(i), context: None };
        let candidates = (from..=last).step_by(step as usize).map(candidate).collect();
        match axis.place(candidates, span as f64) {
            Some(ticks) if !ticks.is_empty() => return ticks,
            _ => step = round_step(step as f64 * 1.5) as i128,
        }
    }
    axis.only_tick(integer(first))
}

impl HorizontalAxis {
    /// A single tick at the first step.
    fn only_tick(self, label: String) -> Vec<Tick> {
        self.place(vec![TickCandidate { position: 0.0, label, context: None }], 1.0).unwrap_or_default()
    }

    /// The ticks along an axis of a number of steps. `None` if labels would overlap or there are too many.
    fn place(self, candidates: Vec<TickCandidate>, steps: f64) -> Option<Vec<Tick>> {
        if candidates.len() > MAX_TICKS {
            return None;
        }
        let x = |candidate: &TickCandidate| self.first + (self.last - self.first) * candidate.position / steps;
        let contexts = self.contexts(&candidates, x);
        let tick = |(candidate, context): (TickCandidate, Option<String>)| {
            let below = context.as_ref().map_or(0.0, |text| self.font.width(text));
            let half = self.font.width(&candidate.label).max(below) / 2.0;
            let x = x(&candidate);
            let middle = x.min(self.label_limits.1 - half).max(self.label_limits.0 + half);
            Tick { x, middle, label: candidate.label, context }
        };
        let ticks: Vec<Tick> = candidates.into_iter().zip(contexts).map(tick).collect();
        let has_gap = |w: &[(f64, f64)]| w[1].0 - w[0].0 >= f64::midpoint(w[0].1, w[1].1) + self.gap();
        texts(&ticks, self.font).iter().all(|texts| texts.windows(2).all(has_gap)).then_some(ticks)
    }

    /// The second line of each tick: in full at the first tick, then in short at each change. The first is left out if
    /// the second is too close.
    fn contexts(self, candidates: &[TickCandidate], x: impl Fn(&TickCandidate) -> f64) -> Vec<Option<String>> {
        let with_context = candidates.iter().enumerate().filter_map(|(i, c)| Some((i, c.context.as_ref()?)));
        let mut changes: Vec<(usize, &Context)> = with_context.collect();
        changes.dedup_by_key(|(_, context)| *context);
        if let [first, second, ..] = changes[..] {
            let half = |context: &Context| self.font.width(&context.text(None)) / 2.0;
            // the first label may have been moved to fit into the picture
            let end = x(&candidates[first.0]).max(self.label_limits.0 + half(first.1)) + half(first.1);
            if end + self.gap() > x(&candidates[second.0]) - half(second.1) {
                changes.remove(0);
            }
        }
        let mut written = vec![None; candidates.len()];
        let mut before = None;
        for (i, context) in changes {
            written[i] = Some(context.text(before));
            before = Some(context);
        }
        written
    }

    /// The smallest space between labels.
    fn gap(self) -> f64 {
        self.font.size * 0.9
    }
}

/// The middle and the width of all labels, and of all second lines.
fn texts(ticks: &[Tick], font: Font) -> [Vec<(f64, f64)>; 2] {
    let labels = ticks.iter().map(|t| (t.middle, font.width(&t.label))).collect();
    [labels, ticks.iter().filter_map(|t| Some((t.middle, font.width(t.context.as_ref()?)))).collect()]
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;
    use crate::time::weekdays::Weekdays;

    fn axis(width: f64, size: f64) -> HorizontalAxis {
        let last = 100.0 + width;
        HorizontalAxis { first: 100.0, last, label_limits: (40.0, last + 10.0), font: Font::regular(size) }
    }

    fn times(start: &str, frequency: Frequency, count: usize) -> Vec<Timestamp> {
        let start = NaiveDateTime::parse_from_str(start, "%Y-%m-%d %H:%M").unwrap();
        (0..count).map(|i| frequency.after(Timestamp::Time(start), i)).collect()
    }

    fn written(times: &[Timestamp], frequency: Frequency) -> String {
        let text = |t: Tick| match t.context {
            Some(context) => format!("{} ({context})", t.label),
            None => t.label,
        };
        ticks(times, frequency, axis(1400.0, 22.0)).into_iter().map(text).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn ticks_are_at_calendar_boundaries() {
        let months = |every, day| Frequency::Months { every, day };
        let of_times = [
            ("2014-12-03 00:00", Frequency::DAILY, 35),
            ("2014-12-30 00:00", Frequency::DAILY, 5),
            ("2014-09-03 00:00", Frequency::DAILY, 150),
            ("2012-01-01 00:00", Frequency::DAILY, 1000),
            ("2021-05-24 00:00", Frequency::BUSINESS_DAILY, 50),
            ("2010-06-04 00:00", Frequency::WEEKLY, 10),
            ("2010-06-04 00:00", Frequency::WEEKLY, 160),
            ("2011-03-01 00:00", months(1, 1), 14),
            ("2011-03-31 00:00", months(1, 31), 60),
            ("1998-01-01 00:00", months(3, 1), 13),
            ("1998-03-31 00:00", months(3, 31), 40),
            ("1950-01-01 00:00", months(12, 1), 70),
            ("2024-12-31 07:00", Frequency::HOURLY, 20),
            ("2024-12-29 12:00", Frequency::HOURLY, 120),
            ("2024-12-29 23:50", Frequency::SECONDLY, 90),
            ("2024-12-29 12:00", Frequency::DAILY, 1),
        ]
        .map(|(start, frequency, count)| written(&times(start, frequency, count), frequency));
        let of_integers = [(1, 35), (1990, 2019), (-40, 40), (0, 1_000_000), (7, 7)]
            .map(|(first, last)| written(&[first, last].map(Timestamp::Index), Frequency::INDEX));
        insta::assert_snapshot!([of_times.as_slice(), &of_integers].concat().join("\n"));
    }

    #[test]
    fn the_tick_of_a_month_is_between_the_weeks_around_it() {
        let ticks = ticks(&times("2014-01-29 00:00", Frequency::WEEKLY, 60), Frequency::WEEKLY, axis(590.0, 12.0));
        // from Wednesday 29 January to Tuesday 1 April are 62 days, 10 pixels a week
        let april = ticks.iter().find(|t| t.label == "Apr").unwrap();
        assert!((april.x - 100.0 - 62.0 / 7.0 * 10.0).abs() < 1e-6, "{april:?}");
    }

    fn any_frequency() -> impl Strategy<Value = Frequency> {
        prop_oneof![
            prop::sample::select(vec![
                1, 40, 100, 1_000, 7_000, 60_000, 300_000, 900_000, 3_600_000, 10_800_000, 86_400_000
            ])
            .prop_map(|millis| Frequency::Elapsed { millis }),
            (1..30_i64).prop_map(|every| Frequency::Days { every }),
            Just(Frequency::BusinessDays { open: Weekdays::BUSINESS }),
            (prop::sample::select(vec![1, 2, 3, 4, 6, 12, 24]), 1..32_u32)
                .prop_map(|(every, day)| Frequency::Months { every, day }),
        ]
    }

    fn any_axis() -> impl Strategy<Value = HorizontalAxis> {
        (250.0..1500.0_f64, 15.0..23.0_f64).prop_map(|(width, size)| axis(width, size))
    }

    /// Checks that ticks ascend within the axis, with space between their labels.
    fn check(ticks: &[Tick], axis: HorizontalAxis) {
        assert!(!ticks.is_empty());
        assert!(ticks.iter().all(|t| t.x >= axis.first - 1e-6 && t.x <= axis.last + 1e-6), "{ticks:?}");
        assert!(ticks.windows(2).all(|w| w[0].x < w[1].x), "{ticks:?}");
        for pair in texts(ticks, axis.font).iter().flat_map(|texts| texts.windows(2)) {
            let (end, start) = (pair[0].0 + pair[0].1 / 2.0, pair[1].0 - pair[1].1 / 2.0);
            assert!(start - end > 4.0, "{ticks:?}");
        }
    }

    proptest! {
        #[test]
        fn labels_of_times_never_overlap(
            frequency in any_frequency(), count in 1..700_usize, hour in 0..960_000_i64, axis in any_axis(),
        ) {
            let start = Timestamp::Time(DateTime::from_timestamp(hour * 3600, 0).unwrap().naive_utc());
            let times: Vec<Timestamp> = (0..count).map(|i| frequency.after(start, i)).collect();
            check(&ticks(&times, frequency, axis), axis);
        }

        #[test]
        fn labels_of_integers_never_overlap(
            first in any::<i64>(), span in prop_oneof![0..1000_i64, Just(i64::MAX)], axis in any_axis(),
        ) {
            check(&integers(first, first.saturating_add(span), axis), axis);
        }
    }
}
