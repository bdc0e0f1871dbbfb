//! Fits a network and a baseline and compares their forecasts: `cargo run --release --example quickstart`.

#![expect(clippy::print_stdout, reason = "an example prints its result")]

use forecast::metric;
use forecast::model::stat::Baseline;
use forecast::model::{Model, SilentObserver, Task};
use forecast::panel::Panel;
use forecast::rnn::{CellKind, Rnn};

/// The pattern of a week.
const WEEK: [f64; 7] = [0.0, 3.0, 5.0, 4.0, 8.0, 20.0, 15.0];

fn main() -> forecast::Result<()> {
    // three years of a weekly pattern on a slow trend; the last week is the holdout
    let values: Vec<f64> = (0..156 * 7).map(|t| 100.0 + 0.05 * f64::from(t) + WEEK[t as usize % 7]).collect();
    let (past, holdout) = values.split_at(values.len() - 7);
    let (history, task) = (Panel::from_values(past, 7), Task::new(7));

    for model in [&Rnn::with_cell(CellKind::Gru) as &dyn Model, &Baseline::SeasonalNaive] {
        let forecaster = model.fit(&history, &task, &mut SilentObserver)?;
        let forecast = &forecaster.predict(&history)?[0];
        let (low, high) = forecast.interval(80.0).expect("a task asks for the 80 % interval");
        println!("{}: mean absolute error {:.3}", model.name(), metric::mae(holdout, forecast.median()));
        println!("  first step {:.1}, 80 % interval {:.1} to {:.1}", forecast.median()[0], low[0], high[0]);
    }
    Ok(())
}
