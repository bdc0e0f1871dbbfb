//! Prints the usual error of each candidate of `auto` on single series, which `src/model/auto/panel_prior.rs` has.
//!
//! `candidate_errors FILE SEASON HORIZON [EVERY]` fits every EVERY-th series of a file by itself, without its last
//! horizon and without networks that are trained. The usual error is the mean over the series of the logarithm of the
//! error, relative to the median candidate of the same series. Without arguments, it fits some series of
//! `datasets/tourism.csv`.

#![expect(clippy::print_stdout, reason = "an example prints what it does")]

use std::collections::BTreeMap;
use std::env;

use forecast::model::auto::Auto;
use forecast::model::{Model, SilentObserver, Task};
use forecast::panel::{Panel, Series};
use forecast::read::{ReadOptions, Source, read};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments: Vec<String> = env::args().skip(1).collect();
    if arguments.is_empty() {
        arguments = ["datasets/tourism.csv", "4", "8", "30"].map(String::from).to_vec();
    }
    let [file, numbers @ ..] = arguments.as_slice() else { return Err("a file is missing".into()) };
    let numbers: Vec<usize> = numbers.iter().map(|number| number.parse()).collect::<Result<_, _>>()?;
    let [season, horizon, every @ ..] = numbers.as_slice() else { return Err("the horizon is missing".into()) };
    let panel = read(&Source::Path(file.into()), &ReadOptions::default())?.panel;
    let panel = panel.without_last(*horizon, 1).ok_or("every series is shorter than the horizon")?;
    let auto = Auto { max_network_series: 0, ..Auto::default() };
    let mut errors: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for series in panel.iter().step_by(*every.first().unwrap_or(&1)) {
        let (values, observed) = (series.values.to_vec(), series.observed.to_vec());
        let alone = Series { key: series.key.to_vec(), start: series.start, values, observed };
        let single = Panel::new(panel.columns().clone(), panel.frequency(), *season, vec![alone])?;
        let report = auto.fit(&single, &Task::new(*horizon), &mut SilentObserver)?.report;
        let mut candidates: Vec<(String, f64)> = report
            .ensemble_weights
            .into_iter()
            .flat_map(|one| one.members)
            .filter_map(|one| Some((one.name, one.error?.ln())))
            .filter(|(_, error)| error.is_finite())
            .collect();
        candidates.sort_by(|a, b| a.1.total_cmp(&b.1));
        let Some(&(_, median)) = candidates.get(candidates.len() / 2) else { continue };
        for (name, error) in candidates {
            errors.entry(name).or_default().push(error - median);
        }
    }
    for (name, errors) in errors {
        println!("{name}: {:.2} on {} series", errors.iter().sum::<f64>() / errors.len() as f64, errors.len());
    }
    Ok(())
}
