//! Budgets of time, without a stopwatch: how long anything took is for no test to say.

use std::time::Duration;

use forecast::model::rnn::Rnn;
use forecast::model::{Control, Epoch, Forecaster, Observer, Task};
use forecast::panel::Panel;

use crate::desk::{Desk, stdout};

/// The learning rate after each epoch.
#[derive(Default)]
struct Rates(Vec<f64>);

impl Observer for Rates {
    fn epoch(&mut self, epoch: &Epoch) -> Control {
        self.0.push(epoch.learning_rate);
        Control::Continue
    }
}

#[test]
fn a_budget_cuts_the_schedule_short_and_an_ample_one_changes_nothing() {
    let values: Vec<f64> = (0..150).map(|t| 50.0 + f64::from(t % 7) + f64::from(t * 7919 % 13) / 5.0).collect();
    let panel = Panel::from_values(&values, 7);
    let fitted = |epochs: usize, budget: Option<Duration>| {
        let mut rates = Rates::default();
        let settings = Rnn { epochs: Some(epochs), patience: usize::MAX, ..Rnn::default() };
        let task = Task { budget, ..Task::new(7) };
        let fitted = settings.fit_network(&panel, &task, &mut rates).unwrap();
        (fitted.predict(&panel).unwrap(), rates.0)
    };
    assert_eq!(fitted(3, None).0, fitted(3, Some(Duration::from_secs(100_000))).0);
    let (forecasts, none) = fitted(3, Some(Duration::ZERO));
    assert!(none.is_empty() && forecasts[0].median().len() == 7, "the weights as they came");
    let (_, rates) = fitted(100_000_000, Some(Duration::from_millis(1500)));
    let highest = rates.iter().copied().fold(0.0, f64::max);
    assert!(rates.len() < 2 || rates.last() < Some(&highest), "the rate has come down by the end: {rates:?}");
}

/// Without its budget this training would never end. How long it took is for no test to say.
#[test]
fn a_budget_ends_what_would_not_end() {
    let desk = Desk::with_daily();
    let endless = "--csv daily.csv -n 3 --epochs 100000000 --budget 2s";
    let verdict = stdout(&desk.run(&format!("{endless} --model lstm"))).lines().last().unwrap().to_owned();
    assert!(verdict.contains("seasonal naive"), "{verdict}");
    desk.run(&format!("train {endless} --model lstm -q"));
    desk.run(&format!("backtest {endless} --model gru,rnn --refit --folds 2 -q"));
    desk.run("--csv daily.csv -n 3 --model drift --budget 1s -q");
    desk.run("--csv daily.csv -n 3 --budget 0.01s -q");
}
