//! Histories of two and three seasons.

use forecast::model::auto::Auto;
use forecast::model::global::Pretrained;
use forecast::model::{Model, SilentObserver, Task};
use forecast::panel::Panel;

const MONTHS: [f64; 12] = [10.0, 12.0, 13.0, 14.0, 81.0, 20.0, 18.0, 17.0, 62.0, 10.0, 11.0, 99.0];
const QUARTERS: [f64; 4] = [20.0, 55.0, 30.0, 80.0];

/// The largest share by which a model misses a pattern that it has seen `cycles` times, over the next cycle.
fn largest_error(model: &dyn Model, pattern: &[f64], cycles: usize) -> f64 {
    let values: Vec<f64> =
        (0..cycles * pattern.len()).map(|t| pattern[t % pattern.len()] * (1.0 + 0.01 * (t * 7 % 5) as f64)).collect();
    let panel = Panel::from_values(&values, pattern.len());
    let fit = model.fit(&panel, &Task::new(pattern.len()), &mut SilentObserver).unwrap();
    let forecast = fit.predict(&panel).unwrap().remove(0);
    let error = |(predicted, actual): (&f64, &f64)| (predicted - actual).abs() / actual;
    forecast.median().iter().zip(pattern).map(error).fold(0.0, f64::max)
}

#[test]
fn auto_continues_a_season_that_was_seen_twice() {
    for (pattern, cycles) in [(&MONTHS[..], 2), (&MONTHS[..], 3), (&QUARTERS[..], 2), (&QUARTERS[..], 3)] {
        let error = largest_error(&Auto::default(), pattern, cycles);
        assert!(error < 0.25, "{cycles} cycles of {}: {error}", pattern.len());
    }
}

#[test]
fn pretrained_networks_continue_a_season_that_was_seen_twice() {
    for (pattern, cycles) in [(&MONTHS[..], 2), (&MONTHS[..], 3), (&QUARTERS[..], 2), (&QUARTERS[..], 3)] {
        let error = largest_error(&Pretrained, pattern, cycles);
        assert!(error < 0.35, "{cycles} cycles of {}: {error}", pattern.len());
    }
}
