//! Fit a network and forecast, without the command line: `cargo run --release --example quickstart`.

#![expect(clippy::print_stdout, reason = "an example shows what it finds")]

use forecast::error::Result;
use forecast::metric;
use forecast::model::rnn::{CellKind, Rnn};
use forecast::model::stat::Baseline;
use forecast::model::{Model, SilentObserver, Task};
use forecast::panel::Panel;

fn main() -> Result<()> {
    // three years of a week that repeats on a slow trend, the last week kept aside
    let values: Vec<f64> = (0..156 * 7).map(|t| 100.0 + 0.05 * f64::from(t) + WEEK[t as usize % 7]).collect();
    let (past, next) = values.split_at(values.len() - 7);
    let (history, task) = (Panel::from_values(past, 7), Task::new(7));

    for model in [&Rnn::with_cell(CellKind::Gru) as &dyn Model, &Baseline::SeasonalNaive] {
        let forecaster = model.fit(&history, &task, &mut SilentObserver)?;
        let forecast = &forecaster.predict(&history)?[0];
        let (low, high) = forecast.interval(80.0).expect("a task asks for the 80 % band");
        println!("{}: mean absolute error {:.3}", model.name(), metric::mae(next, forecast.median()));
        println!("  first step {:.1}, with 80 % between {:.1} and {:.1}", forecast.median()[0], low[0], high[0]);
    }
    Ok(())
}

const WEEK: [f64; 7] = [0.0, 3.0, 5.0, 4.0, 8.0, 20.0, 15.0];
