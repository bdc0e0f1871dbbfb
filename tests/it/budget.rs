//! Time budgets are kept. The times in assertions are upper bounds that hold on a busy machine.

use std::time::{Duration, Instant};

use forecast::backtest::{self, Folds};
use forecast::budget::Budget;
use forecast::model::auto::Auto;
use forecast::model::deepar::DeepAr;
use forecast::model::global::Global;
use forecast::model::rnn::Rnn;
use forecast::model::{Control, Epoch, Forecaster, Model, Observer, SilentObserver, Task};
use forecast::panel::Panel;

use crate::sandbox::{Sandbox, stdout};

const BUDGET: Duration = Duration::from_secs(2);
/// On a busy machine a computation may take so many times its budget.
const TOLERANCE: u32 = 10;

/// Records the learning rate after each epoch.
#[derive(Default)]
struct LearningRates(Vec<f64>);

impl Observer for LearningRates {
    fn epoch(&mut self, epoch: &Epoch) -> Control {
        self.0.push(epoch.learning_rate);
        Control::Continue
    }
}

fn weekly_panel(length: i32) -> Panel {
    let values: Vec<f64> = (0..length).map(|t| 50.0 + f64::from(t % 7) + f64::from(t * 7919 % 13) / 5.0).collect();
    Panel::from_values(&values, 7)
}

/// Calls `work` and asserts that it ends within a generous multiple of [`BUDGET`].
fn within_budget<T>(what: &str, work: impl FnOnce(Budget) -> T) -> T {
    let start = Instant::now();
    let result = work(Budget::new(Some(BUDGET)));
    assert!(start.elapsed() < BUDGET * TOLERANCE, "{what} took {:?}", start.elapsed());
    result
}

fn fit_rnn(epochs: usize, budget: Budget) -> (Vec<forecast::Forecast>, Vec<f64>) {
    let (panel, mut rates) = (weekly_panel(150), LearningRates::default());
    let settings = Rnn { epochs: Some(epochs), patience: usize::MAX, ..Rnn::default() };
    let task = Task { budget, ..Task::new(7) };
    let fitted = settings.fit_network(&panel, &task, None, &mut rates).unwrap();
    (fitted.predict(&panel).unwrap(), rates.0)
}

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn a_part_never_exceeds_the_whole() {
    let whole = Budget::new(Some(MINUTE));
    let longest = whole.left();
    for part in [whole.split(0.5), whole.split(1.0), whole.split(7.0), whole.part(Some(2 * MINUTE)), whole.part(None)] {
        assert!(part.left() <= longest && part.is_limited());
    }
    assert!(whole.split(0.5).left() <= Some(MINUTE / 2));
    assert!(whole.split(-1.0).is_over() && whole.reserving(2 * MINUTE).is_over() && !whole.is_over());
    assert!(whole.reserving(MINUTE / 3).left() <= Some(2 * MINUTE / 3));
}

#[test]
fn a_budget_without_a_limit_is_never_over() {
    for budget in [Budget::unlimited(), Budget::new(None), Budget::unlimited().split(0.0)] {
        assert!(budget.left().is_none() && !budget.is_over() && !budget.is_limited());
    }
    assert!(Budget::unlimited().part(Some(MINUTE)).is_limited());
}

#[test]
fn the_longest_times_do_not_overflow() {
    for seconds in [u64::MAX, u64::MAX / 2, u64::MAX / 4] {
        let budget = Budget::new(Some(Duration::from_secs(seconds)));
        assert!(!budget.is_over() && !budget.split(1.0).is_over() && !budget.part(Some(Duration::MAX)).is_over());
    }
    assert!(Budget::new(Some(Duration::ZERO)).is_over());
}

#[test]
fn a_stop_reaches_the_parts_and_not_the_whole() {
    let whole = Budget::unlimited();
    let part = whole.split(0.5);
    let parts_of_part = [part.split(0.5), part.clone().reserving(MINUTE)];
    part.stop();
    assert!(part.is_over() && part.is_stopped() && parts_of_part.iter().all(Budget::is_over));
    assert!(!whole.is_over());
    whole.stop();
    assert!(whole.split(1.0).is_over());
}

#[test]
fn a_budget_that_is_not_reached_changes_no_forecast() {
    for seconds in [100_000, u64::MAX] {
        let ample = Budget::new(Some(Duration::from_secs(seconds)));
        assert_eq!(fit_rnn(3, Budget::unlimited()).0, fit_rnn(3, ample).0);
    }
}

#[test]
fn without_time_the_initial_weights_forecast() {
    let (forecasts, rates) = fit_rnn(3, Budget::new(Some(Duration::ZERO)));
    assert!(rates.is_empty(), "no epoch: {rates:?}");
    assert!(forecasts[0].median().iter().all(|value| value.is_finite()));
}

#[test]
fn the_learning_rate_has_fallen_when_the_budget_ends() {
    let (_, rates) = within_budget("lstm", |budget| fit_rnn(100_000_000, budget));
    let highest = rates.iter().copied().fold(0.0, f64::max);
    assert!(rates.len() >= 2, "two seconds are enough for two epochs: {rates:?}");
    assert!(rates.last() < Some(&(0.9 * highest)), "{rates:?}");
}

#[test]
fn every_trained_model_keeps_its_budget() {
    const ENDLESS_EPOCHS: Option<usize> = Some(100_000_000);
    let models: [Box<dyn Model>; 5] = [
        Box::new(Rnn { epochs: ENDLESS_EPOCHS, patience: usize::MAX, ..Rnn::seq2seq() }),
        Box::new(Global { epochs: ENDLESS_EPOCHS, ..Global::default() }),
        Box::new(DeepAr { epochs: ENDLESS_EPOCHS, ..DeepAr::default() }),
        Box::new(Auto::default()),
        Box::new(Auto { min_pooled_series: 1, ..Auto::default() }),
    ];
    let panel = weekly_panel(400);
    for model in models {
        let fitted = within_budget(model.name(), |budget| {
            let task = Task { budget, ..Task::new(7) };
            model.fit(&panel, &task, &mut SilentObserver).unwrap()
        });
        let forecasts = fitted.predict(&panel).unwrap();
        assert!(forecasts[0].median().iter().all(|value| value.is_finite()), "{}", model.name());
    }
}

#[test]
fn a_backtest_divides_its_budget_among_the_fits() {
    let (panel, model) = (weekly_panel(400), Rnn { epochs: Some(100_000_000), ..Rnn::default() });
    let folds = Folds { count: 3, step: 7, horizon: 7, min_history: 30 };
    let hindcasts = within_budget("three fits", |budget| {
        let task = Task { budget, ..Task::new(7) };
        backtest::run(&model, &panel, &task, &folds, true, &mut SilentObserver).unwrap()
    });
    assert_eq!(hindcasts.len(), 3, "the last fit had time too");
}

#[test]
fn a_stop_ends_a_training_without_limit() {
    let budget = Budget::unlimited();
    let task = Task { budget: budget.clone(), ..Task::new(7) };
    let settings = Rnn { epochs: Some(100_000_000), patience: usize::MAX, ..Rnn::default() };
    let start = Instant::now();
    std::thread::scope(|scope| {
        let training = scope.spawn(|| settings.fit(&weekly_panel(150), &task, &mut SilentObserver).map(drop));
        std::thread::sleep(Duration::from_millis(200));
        budget.stop();
        training.join().unwrap().unwrap();
    });
    assert!(start.elapsed() < BUDGET * TOLERANCE, "it took {:?}", start.elapsed());
}

#[test]
fn commands_keep_their_budget() {
    let sandbox = Sandbox::with_daily();
    let endless = "--csv daily.csv -n 3 --epochs 100000000 --budget 2s";
    let verdict = within_budget("forecast", |_| stdout(&sandbox.run(&format!("{endless} --model lstm"))));
    assert!(verdict.lines().last().unwrap().contains("seasonal naive"), "{verdict}");
    within_budget("train", |_| sandbox.run(&format!("train {endless} --model lstm -q")));
    within_budget("backtest", |_| {
        sandbox.run(&format!("backtest {endless} --model gru,rnn --refit --folds 2 -q"));
    });
    within_budget("drift", |_| sandbox.run("--csv daily.csv -n 3 --model drift --budget 1s -q"));
    within_budget("no time", |_| sandbox.run("--csv daily.csv -n 3 --budget 0.01s -q"));
}
