//! Forecasts a file and a series with the library alone.

use forecast::{Baseline, Model, Rnn, SilentObserver, Task, read_csv};

fn main() -> forecast::Result<()> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../datasets/prices.csv");
    let panel = read_csv(file)?.panel;
    let task = Task::new(4);
    for model in [&Baseline::Theta as &dyn Model, &Rnn { epochs: Some(2), ..Rnn::default() }] {
        let forecasts = model.fit(&panel, &task, &mut SilentObserver)?.predict(&panel)?;
        let (lower, upper) = forecasts[0].interval(80.0).expect("a task asks for the 80 % interval");
        for (k, median) in forecasts[0].median().iter().enumerate() {
            assert!(lower[k] <= *median && *median <= upper[k]);
            println!("{} step {}: {median:.3} ({:.3} to {:.3})", model.name(), k + 1, lower[k], upper[k]);
        }
    }
    Ok(())
}
