//! The ticks of a horizontal axis of times or integers. Their labels never overlap.

use chrono::NaiveDateTime;

use crate::plot::axis::{integer, round_step};
use crate::plot::calendar::{self, Context, TickCandidate};
use crate::plot::text::Font;
use crate::time::frequency::Frequency;
use crate::time::timestamp::Timestamp;

/// The largest number of ticks of an axis.
const MAX_TICKS: usize = 15;

/// A tick with its label. A second line has the year or the day if it changes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    /// The position of the tick, in pixels.
    pub(super) x: f64,
    /// The middle of the label, in pixels. It differs from `x` if the label would not fit into the picture.
    pub(super) middle: f64,
    pub(super) label: String,
    /// The second line.
    pub(super) context: Option<String>,
}

/// The position of a horizontal axis, and the limits and the font of its labels. Positions are in pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct HorizontalAxis {
    /// The position of the first step.
    pub(super) first: f64,
    /// The position of the last step.
    pub(super) last: f64,
    /// The left and the right limit of labels.
    pub(super) label_limits: (f64, f64),
    pub(super) font: Font,
}

/// The finest ticks whose labels fit along `axis`. The `times` are regular and ascend.
pub(super) fn ticks(times: &[Timestamp], frequency: Frequency, axis: HorizontalAxis) -> Vec<Tick> {
    let (Some(first), Some(last)) = (times.first(), times.last()) else { return Vec::new() };
    if let (Timestamp::Index(first), Timestamp::Index(last)) = (*first, *last) {
        return integers(first, last, axis);
    }
    let times: Vec<NaiveDateTime> = times.iter().filter_map(calendar_time).collect();
    let steps = (times.len() - 1).max(1) as f64;
    let fitting: Vec<Vec<Tick>> = calendar::units(frequency)
        .into_iter()
        .filter_map(|unit| calendar::candidates(&times, frequency, unit))
        .filter_map(|candidates| place_ticks(candidates, steps, axis))
        .take(4)
        .collect();
    // two ticks of a coarser unit show the scale, one tick of a finer unit does not
    let chosen = fitting.iter().find(|t| t.len() > 1).or_else(|| fitting.iter().find(|t| !t.is_empty()));
    chosen.cloned().unwrap_or_else(|| {
        let only = TickCandidate {
            position: 0.0,
            label: calendar::time_label(Timestamp::Time(times[0]), frequency),
            context: None,
        };
        place_ticks(vec![only], steps, axis).unwrap_or_default()
    })
}

/// Ticks at round integers from `first` to `last`.
pub(super) fn integers(first: i64, last: i64, axis: HorizontalAxis) -> Vec<Tick> {
    // i128, because the distance and a step beyond the end may exceed an i64
    let (first, last) = (i128::from(first), i128::from(last));
    let span = (last - first).max(1);
    let mut step = round_step((span as f64 / MAX_TICKS as f64).max(1.0)) as i128;
    while step <= span {
        let from = -(-first).div_euclid(step) * step;
        let at = (from..=last).step_by(step as usize);
        let candidate = |i: i128| TickCandidate { position: (i - first) as f64, label: integer(i), context: None };
        match place_ticks(at.map(candidate).collect(), span as f64, axis) {
            Some(ticks) if !ticks.is_empty() => return ticks,
            _ => step = round_step(step as f64 * 1.5) as i128,
        }
    }
    let only = TickCandidate { position: 0.0, label: integer(first), context: None };
    place_ticks(vec![only], span as f64, axis).unwrap_or_default()
}

fn calendar_time(time: &Timestamp) -> Option<NaiveDateTime> {
    match time {
        Timestamp::Time(t) => Some(*t),
        Timestamp::Index(_) => None,
    }
}

/// The ticks along an axis. `None` if labels would overlap or there are too many.
fn place_ticks(candidates: Vec<TickCandidate>, steps: f64, axis: HorizontalAxis) -> Option<Vec<Tick>> {
    if candidates.len() > MAX_TICKS {
        return None;
    }
    let x = |position: f64| axis.first + (axis.last - axis.first) * position / steps;
    let contexts = contexts(&candidates, |i| x(candidates[i].position), axis);
    let tick = |(candidate, context): (TickCandidate, Option<String>)| {
        let width = axis.font.width(&candidate.label).max(context.as_ref().map_or(0.0, |c| axis.font.width(c)));
        let x = x(candidate.position);
        let middle = x.min(axis.label_limits.1 - width / 2.0).max(axis.label_limits.0 + width / 2.0);
        Tick { x, middle, label: candidate.label, context }
    };
    let positions: Vec<f64> = candidates.iter().map(|c| c.position).collect();
    debug_assert!(positions.is_sorted(), "times ascend");
    let ticks: Vec<Tick> = candidates.into_iter().zip(contexts).map(tick).collect();
    have_gaps(&ticks, axis.font).then_some(ticks)
}

/// The second line of each tick: in full at the first tick, then in short at each change. The first is left out if the
/// second is too close.
fn contexts(candidates: &[TickCandidate], x: impl Fn(usize) -> f64, axis: HorizontalAxis) -> Vec<Option<String>> {
    let mut changes: Vec<(usize, &Context)> =
        candidates.iter().enumerate().filter_map(|(i, c)| Some((i, c.context.as_ref()?))).collect();
    changes.dedup_by_key(|(_, context)| *context);
    if let [first, second, ..] = changes[..] {
        let half = |context: &Context| axis.font.width(&context.full()) / 2.0;
        // the first label may have been moved to fit into the picture
        let end = x(first.0).max(axis.label_limits.0 + half(first.1)) + half(first.1);
        if end + gap(axis.font) > x(second.0) - half(second.1) {
            changes.remove(0);
        }
    }
    let mut written = vec![None; candidates.len()];
    let mut before: Option<&Context> = None;
    for (i, context) in changes {
        written[i] = Some(before.map_or_else(|| context.full(), |before| context.after(before)));
        before = Some(context);
    }
    written
}

fn gap(font: Font) -> f64 {
    font.size * 0.9
}

/// Whether all labels, and all second lines, are far enough from each other.
fn have_gaps(ticks: &[Tick], font: Font) -> bool {
    let labels: Vec<(f64, f64)> = ticks.iter().map(|t| (t.middle, font.width(&t.label))).collect();
    let contexts: Vec<(f64, f64)> =
        ticks.iter().filter_map(|t| t.context.as_ref().map(|c| (t.middle, font.width(c)))).collect();
    [labels, contexts]
        .iter()
        .all(|texts| texts.windows(2).all(|w| w[1].0 - w[0].0 >= f64::midpoint(w[0].1, w[1].1) + gap(font)))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;
    use crate::time::weekdays::Weekdays;

    fn axis(width: f64, size: f64) -> HorizontalAxis {
        HorizontalAxis {
            first: 100.0,
            last: 100.0 + width,
            label_limits: (40.0, 110.0 + width),
            font: Font::regular(size),
        }
    }

    fn times(start: &str, frequency: Frequency, count: usize) -> Vec<Timestamp> {
        let start = NaiveDateTime::parse_from_str(start, "%Y-%m-%d %H:%M").unwrap();
        (0..count).map(|i| frequency.after(Timestamp::Time(start), i)).collect()
    }

    fn written(start: &str, frequency: Frequency, count: usize) -> String {
        let text = |t: Tick| t.context.map_or(t.label.clone(), |c| format!("{} ({c})", t.label));
        ticks(&times(start, frequency, count), frequency, axis(1400.0, 22.0))
            .into_iter()
            .map(text)
            .collect::<Vec<_>>()
            .join(" | ")
    }

    #[test]
    fn ticks_are_at_calendar_boundaries() {
        use Frequency::{BusinessDays, Days, Index, Months, Seconds};
        let day = Days { every: 1 };
        let mut lines = vec![
            written("2014-12-03 00:00", day, 35),
            written("2014-12-30 00:00", day, 5),
            written("2014-09-03 00:00", day, 150),
            written("2012-01-01 00:00", day, 1000),
            written("2021-05-24 00:00", BusinessDays { open: Weekdays::BUSINESS }, 50),
            written("2010-06-04 00:00", Days { every: 7 }, 10),
            written("2010-06-04 00:00", Days { every: 7 }, 160),
            written("2011-03-01 00:00", Months { every: 1, day: 1 }, 14),
            written("2011-03-31 00:00", Months { every: 1, day: 31 }, 60),
            written("1998-01-01 00:00", Months { every: 3, day: 1 }, 13),
            written("1998-03-31 00:00", Months { every: 3, day: 31 }, 40),
            written("1950-01-01 00:00", Months { every: 12, day: 1 }, 70),
            written("2024-12-31 07:00", Seconds { every: 3600 }, 20),
            written("2024-12-29 12:00", Seconds { every: 3600 }, 120),
            written("2024-12-29 23:50", Seconds { every: 1 }, 90),
            written("2024-12-29 12:00", day, 1),
        ];
        for (first, last) in [(1, 35), (1990, 2019), (-40, 40), (0, 1_000_000), (7, 7)] {
            let times = [Timestamp::Index(first), Timestamp::Index(last)];
            let ticks = ticks(&times, Index { step: 1 }, axis(1400.0, 22.0));
            lines.push(ticks.into_iter().map(|t| t.label).collect::<Vec<_>>().join(" | "));
        }
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn the_tick_of_a_month_is_between_the_weeks_around_it() {
        let frequency = Frequency::Days { every: 7 };
        let ticks = ticks(&times("2014-01-29 00:00", frequency, 60), frequency, axis(590.0, 12.0));
        // from Wednesday 29 January to Saturday 1 March are 31 days, 10 pixels a week
        let march = ticks.iter().find(|t| t.label == "Mar").or(ticks.iter().find(|t| t.label == "Apr")).unwrap();
        let days = if march.label == "Mar" { 31.0 } else { 62.0 };
        assert!((march.x - 100.0 - days / 7.0 * 10.0).abs() < 1e-6, "{march:?}");
    }

    fn any_frequency() -> impl Strategy<Value = Frequency> {
        prop_oneof![
            prop::sample::select(vec![1, 7, 60, 300, 900, 3600, 10_800, 86_400])
                .prop_map(|every| Frequency::Seconds { every }),
            (1..30_i64).prop_map(|every| Frequency::Days { every }),
            Just(Frequency::BusinessDays { open: Weekdays::BUSINESS }),
            (prop::sample::select(vec![1, 2, 3, 4, 6, 12, 24]), 1..32_u32)
                .prop_map(|(every, day)| Frequency::Months { every, day }),
        ]
    }

    fn check(ticks: &[Tick], axis: HorizontalAxis) {
        let font = axis.font;
        assert!(!ticks.is_empty());
        assert!(ticks.iter().all(|t| t.x >= axis.first - 1e-6 && t.x <= axis.last + 1e-6), "{ticks:?}");
        assert!(ticks.windows(2).all(|w| w[0].x < w[1].x), "{ticks:?}");
        let labels = ticks.iter().map(|t| (t.middle, font.width(&t.label))).collect::<Vec<_>>();
        let contexts = ticks.iter().filter_map(|t| Some((t.middle, font.width(t.context.as_ref()?)))).collect();
        for texts in [labels, contexts] {
            for pair in texts.windows(2) {
                let (end, start) = (pair[0].0 + pair[0].1 / 2.0, pair[1].0 - pair[1].1 / 2.0);
                assert!(start - end > 4.0, "{ticks:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn labels_never_overlap_and_ticks_ascend_within_the_axis(
            frequency in any_frequency(), count in 1..700_usize, days in 0..40_000_i64, hour in 0..24_i64,
            width in 250.0..1500.0_f64, size in 15.0..23.0_f64,
        ) {
            let start = Timestamp::Time(DateTime::from_timestamp((days * 24 + hour) * 3600, 0).unwrap().naive_utc());
            let times: Vec<Timestamp> = (0..count).map(|i| frequency.after(start, i)).collect();
            let axis = axis(width, size);
            check(&ticks(&times, frequency, axis), axis);
        }

        #[test]
        fn labels_of_integers_never_overlap(
            first in prop::num::i64::ANY, span in prop_oneof![0..1000_i64, Just(i64::MAX)],
            width in 250.0..1500.0_f64, size in 15.0..23.0_f64,
        ) {
            let axis = axis(width, size);
            check(&integers(first, first.saturating_add(span), axis), axis);
        }
    }
}
