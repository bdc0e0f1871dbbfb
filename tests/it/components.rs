//! `--explain`: the components of forecasts, which add up to them.

use crate::sandbox::Sandbox;

/// The rows of a CSV file, without its header, as fields.
fn rows(text: &str) -> Vec<Vec<String>> {
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

#[test]
fn the_components_add_up_to_the_history_and_to_the_forecast() {
    let sandbox = Sandbox::with_daily();
    sandbox.run("--csv daily.csv -n 7 --model ets --explain --out out");
    let (components, forecast) = (rows(&sandbox.read("out/components.csv")), rows(&sandbox.read("out/forecast.csv")));
    let after: Vec<&Vec<String>> = components.iter().filter(|row| row[1] == "forecast").collect();
    assert_eq!((after.len(), forecast.len()), (7, 7));
    for row in &components {
        let numbers: Vec<f64> = row[2..].iter().map(|field| field.parse().unwrap()).collect();
        let sum: f64 = numbers[1..].iter().sum();
        assert!((sum - numbers[0]).abs() <= 1e-9 * numbers[0].abs().max(1.0), "{row:?}");
    }
    for (row, of_file) in after.iter().zip(&forecast) {
        assert_eq!(row[0], of_file[0]);
        let [a, b] = [&row[2], &of_file[1]].map(|field| field.parse::<f64>().unwrap());
        assert!((a - b).abs() <= 1e-6 * b.abs(), "{row:?} {of_file:?}");
    }
}
