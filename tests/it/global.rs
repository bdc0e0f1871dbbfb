//! The global model on small panels.

use forecast::budget::Budget;
use forecast::forecast::Forecast;
use forecast::model::auto::Auto;
use forecast::model::global::Global;
use forecast::model::{EnsembleWeights, Model, SilentObserver, Task, load};
use forecast::panel::Panel;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::fixtures::{
    EpochCounter, are_finite, growing_series, normal, numbered, panel, panel_of, relative_differences, with_gap,
};

const SEASON: usize = 4;
const HORIZON: usize = 5;

fn quick() -> Global {
    Global { members: 2, hidden: 12, epochs: Some(2), ..Global::default() }
}

fn task() -> Task {
    Task { seed: 7, ..Task::new(HORIZON) }
}

fn forecasts(train: &Panel, history: &Panel) -> Vec<Forecast> {
    quick().fit(train, &task(), &mut SilentObserver).unwrap().predict(history).unwrap()
}

fn growing_panel(count: usize, seed: u64) -> Panel {
    panel(growing_series(count, seed), SEASON)
}

#[test]
fn a_rerun_gives_the_same_numbers() {
    let panel = growing_panel(30, 1);
    assert_eq!(forecasts(&panel, &panel), forecasts(&panel, &panel));
}

#[test]
fn a_saved_ensemble_forecasts_the_same() {
    let (panel, folder) = (growing_panel(20, 2), tempfile::tempdir().unwrap());
    let fitted = quick().fit(&panel, &task(), &mut SilentObserver).unwrap();
    fitted.forecaster.save(folder.path()).unwrap();
    let loaded = load(folder.path()).unwrap();
    assert_eq!(loaded.predict(&panel).unwrap(), fitted.predict(&panel).unwrap());
}

#[test]
fn weights_of_another_shape_are_refused() {
    let (panel, folder) = (growing_panel(12, 3), tempfile::tempdir().unwrap());
    quick().fit(&panel, &task(), &mut SilentObserver).unwrap().forecaster.save(folder.path()).unwrap();
    let path = folder.path().join("settings.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("\"hidden\": 12", "\"hidden\": 13", 1)).unwrap();
    let error = load(folder.path()).unwrap_err().to_string();
    assert!(error.contains("weights.safetensors"), "{error}");
}

#[test]
fn a_forecast_does_not_depend_on_the_other_series_of_the_history() {
    let all = growing_series(24, 4);
    let (train, alone) = (panel(all.clone(), SEASON), panel(vec![all[3].clone()], SEASON));
    let fitted = quick().fit(&train, &task(), &mut SilentObserver).unwrap();
    let (among, alone) = (&fitted.predict(&train).unwrap()[3], &fitted.predict(&alone).unwrap()[0]);
    for (a, b) in among.median().iter().zip(alone.median()) {
        assert!((a - b).abs() < 1e-4 * a.abs(), "{a} among others, {b} alone");
    }
}

#[test]
fn series_that_were_not_trained_on_are_forecast() {
    let (train, others) = (growing_panel(30, 6), growing_panel(7, 60));
    let forecasts = forecasts(&train, &others);
    assert_eq!(forecasts.len(), 7);
    assert!(are_finite(&forecasts, HORIZON));
}

#[test]
fn short_constant_and_signed_series_are_forecast() {
    let mut all = growing_series(20, 8);
    let unusual = [
        vec![3.0],
        vec![0.0],
        vec![5.0, 6.0],
        vec![0.0; 30],
        vec![42.0; 30],
        (0..30).map(|t| f64::from(t % 3) - 1.0).collect(),
        (0..30).map(|t| if t % 4 == 0 { 2.0 } else { 0.0 }).collect(),
        (0..30).map(|t| 1e300 * f64::from(1 + t % 2)).collect(),
        (0..30).map(|t| 1e-300 * f64::from(1 + t % 2)).collect(),
        vec![7.0; 8],
        vec![-42.0; 30],
    ];
    let first = all.len();
    all.extend(unusual);
    let panel = panel(all, SEASON);
    let forecasts = forecasts(&panel, &panel);
    assert!(are_finite(&forecasts, HORIZON));
    let near = |i: usize, value: f64| {
        forecasts[first + i].median().iter().all(|v| (v - value).abs() <= 0.1 * value.abs().max(0.1))
    };
    assert!(near(0, 3.0) && near(3, 0.0) && near(4, 42.0) && near(10, -42.0), "a constant is continued");
    assert!(
        forecasts[first + 6].quantiles().iter().all(|q| q.values.iter().all(|v| *v >= 0.0)),
        "counts are not negative"
    );
}

#[test]
fn a_gap_changes_a_forecast_little() {
    let full = numbered(growing_series(20, 9));
    let gaps = with_gap(full.clone(), &(10..13), SEASON);
    let mut filled = gaps.clone();
    for series in &mut filled {
        series.observed.fill(true);
    }
    let [full, gaps, filled] = [full, gaps, filled].map(|series| {
        let panel = panel_of(series, SEASON);
        forecasts(&panel, &panel)
    });
    // the noise of a value is 2 %
    let (mean, greatest) = relative_differences(&full, &gaps);
    assert!(mean < 0.01 && greatest < 0.05, "mean {mean}, greatest {greatest}");
    assert_ne!(gaps, filled, "a filled value is not a target, an observed one is");
}

/// The weights of the members are chosen on the holdout, but not those of a few series.
#[test]
fn hindcasts_of_a_few_series_do_not_depend_on_the_holdout() {
    let values = growing_series(5, 20);
    let mut changed = values.clone();
    for series in &mut changed {
        let cutoff = series.len() - HORIZON;
        series[cutoff..].iter_mut().for_each(|v| *v *= -100.0);
    }
    let [one, other] = [values, changed]
        .map(|values| quick().fit(&panel(values, SEASON), &task(), &mut SilentObserver).unwrap().report.hindcasts);
    assert_eq!(one.len(), 5);
    assert_eq!(one, other);
}

#[test]
fn a_panel_of_short_series_only_is_refused() {
    let error = quick().fit(&panel(vec![vec![1.0; 6]; 3], SEASON), &task(), &mut SilentObserver).unwrap_err();
    assert!(error.to_string().contains("global needs at least 9 values"), "{error}");
}

#[test]
fn training_that_was_stopped_leaves_a_usable_ensemble() {
    let panel = growing_panel(30, 10);
    let settings = Global { epochs: Some(500), ..quick() };
    let mut observer = EpochCounter::stopping_after(2);
    let fitted = settings.fit(&panel, &task(), &mut observer).unwrap();
    assert!(observer.count() < 20, "it stopped after {} epochs", observer.count());
    assert!(observer.is_consecutive());
    assert!(are_finite(&fitted.predict(&panel).unwrap(), HORIZON));
}

#[test]
fn epochs_are_counted_over_all_members_and_both_trainings() {
    let mut observer = EpochCounter::new();
    quick().fit(&growing_panel(16, 11), &task(), &mut observer).unwrap();
    assert_eq!(observer.count(), 2 * 2 + 2);
    assert!(observer.is_consecutive());
}

#[test]
fn a_budget_of_no_time_still_gives_forecasts() {
    let panel = growing_panel(16, 12);
    let settings = Global { epochs: Some(500), ..quick() };
    let task = Task { budget: Budget::new(Some(std::time::Duration::ZERO)), ..task() };
    let fitted = settings.fit(&panel, &task, &mut SilentObserver).unwrap();
    assert!(are_finite(&fitted.predict(&panel).unwrap(), HORIZON));
}

/// The series share a pattern that no exponential smoothing can follow. The networks beat the seasonal naive forecast.
#[test]
fn a_pattern_that_the_series_share_is_learned() {
    let mut rng = ChaCha8Rng::seed_from_u64(13);
    // each series rises for three steps and then falls to where it began
    let series = |rng: &mut ChaCha8Rng| -> Vec<f64> {
        let (start, size) = (rng.random_range(0..4), 1.0 + 9.0 * rng.random::<f64>());
        (0..40).map(|t| size * [1.0, 1.2, 1.44, 1.728][(t + start) % 4] * (0.02 * normal(rng)).exp()).collect()
    };
    let whole = panel((0..60).map(|_| series(&mut rng)).collect(), SEASON);
    let settings = Global { members: 1, hidden: 16, epochs: Some(20), ..Global::default() };
    let fitted = settings.fit(&whole, &task(), &mut SilentObserver).unwrap();
    let (mut error, mut naive) = (0.0, 0.0);
    for hindcast in &fitted.report.hindcasts {
        let whole = whole.iter().nth(hindcast.series).unwrap();
        for (k, predicted) in hindcast.forecast.median().iter().enumerate() {
            let at = hindcast.cutoff + k;
            error += (whole.values[at] - predicted).abs() / whole.values[at];
            naive += (whole.values[at] - whole.values[hindcast.cutoff - SEASON + k % SEASON]).abs() / whole.values[at];
        }
    }
    assert!(error < 0.9 * naive, "{error} against {naive}");
}

#[test]
fn the_80_percent_interval_covers_about_80_percent() {
    let all = growing_series(400, 14);
    let known: Vec<Vec<f64>> = all.iter().map(|v| v[..v.len() - HORIZON].to_vec()).collect();
    let known = panel(known, SEASON);
    let fitted = Global { epochs: Some(6), ..quick() }.fit(&known, &task(), &mut SilentObserver).unwrap();
    let (mut inside, mut count) = (0usize, 0usize);
    for (forecast, values) in fitted.predict(&known).unwrap().iter().zip(&all) {
        let (low, high) = forecast.interval(80.0).unwrap();
        for (k, actual) in values[values.len() - HORIZON..].iter().enumerate() {
            inside += usize::from((low[k]..=high[k]).contains(actual));
            count += 1;
        }
    }
    let share = inside as f64 / count as f64;
    assert!((0.72..=0.88).contains(&share), "the 80 % interval covers {share:.3}");
}

/// Fits the automatic model, which treats a panel of few series as one of many series.
fn fit_pooled(panel: &Panel) -> forecast::model::Fit {
    let auto = Auto { min_pooled_series: 20, ..Auto::default() };
    auto.fit(panel, &task(), &mut SilentObserver).unwrap()
}

#[test]
fn many_series_are_forecast_by_the_global_model_and_by_local_models() {
    let panel = growing_panel(24, 15);
    let fitted = fit_pooled(&panel);
    let weights = &fitted.report.ensemble_weights;
    assert_eq!(weights.len(), 24);
    for EnsembleWeights { members, .. } in weights {
        assert!(members.iter().any(|part| part.name == "global model" && part.weight > 0.0));
        assert!((members.iter().map(|part| part.weight).sum::<f64>() - 1.0).abs() < 1e-9);
    }
    let forecasts = fitted.predict(&panel).unwrap();
    assert!(are_finite(&forecasts, HORIZON));
    assert_eq!(forecasts, fit_pooled(&panel).predict(&panel).unwrap(), "a rerun gives the same numbers");
    let lengths: Vec<_> = panel.iter().map(|series| series.len()).collect();
    assert!(!fitted.report.hindcasts.is_empty());
    assert!(
        fitted
            .report
            .hindcasts
            .iter()
            .all(|hindcast| (lengths[hindcast.series] - hindcast.cutoff).is_multiple_of(HORIZON))
    );
}

/// Any forecast of a zero other than 0 has the largest possible symmetric error.
#[test]
fn constant_series_are_repeated_and_leave_the_weights_of_the_others() {
    let mut all = growing_series(22, 18);
    let length = all[0].len();
    all.extend([vec![0.0; length], vec![7.0; length]]);
    let panel = panel(all, SEASON);
    let fitted = fit_pooled(&panel);
    for EnsembleWeights { members, .. } in &fitted.report.ensemble_weights {
        assert!(members.iter().all(|part| !part.name.ends_with("(all series)")), "{members:?}");
    }
    let forecasts = fitted.predict(&panel).unwrap();
    for (series, forecast) in panel.iter().zip(&forecasts) {
        let constant = [0.0, 7.0].into_iter().find(|value| series.values.iter().all(|v| v == value));
        let is_repeated = constant.is_some_and(|value| forecast.median().iter().all(|v| *v == value));
        assert_eq!(is_repeated, constant.is_some());
    }
}

#[test]
fn a_saved_pooled_model_forecasts_the_same() {
    let (panel, folder) = (growing_panel(24, 16), tempfile::tempdir().unwrap());
    let fitted = fit_pooled(&panel);
    fitted.forecaster.save(folder.path()).unwrap();
    let loaded = load(folder.path()).unwrap();
    for (a, b) in loaded.predict(&panel).unwrap().iter().zip(fitted.predict(&panel).unwrap()) {
        for (a, b) in a.median().iter().zip(b.median()) {
            assert!((a - b).abs() <= 1e-9 * a.abs(), "{a} loaded, {b} fitted");
        }
    }
    let others = growing_panel(3, 17);
    assert!(are_finite(&loaded.predict(&others).unwrap(), HORIZON), "series outside the training panel");
    std::fs::remove_file(folder.path().join("weights.safetensors")).unwrap();
    assert!(load(folder.path()).is_err());
}

#[test]
fn an_interrupted_training_resumes_from_its_checkpoints() {
    let (panel, folder) = (growing_panel(20, 18), tempfile::tempdir().unwrap());
    let checkpoints = folder.path().join("kept");
    let task = Task { checkpoints: Some(checkpoints.clone()), ..task() };
    let whole = quick().fit(&panel, &task, &mut SilentObserver).unwrap().predict(&panel).unwrap();
    let mut kept: Vec<_> = std::fs::read_dir(&checkpoints).unwrap().map(|entry| entry.unwrap().path()).collect();
    kept.sort();
    assert_eq!(kept.len(), 5, "two members after each of two trainings, and the description of the run: {kept:?}");
    // as if the second member had been interrupted
    kept.iter()
        .filter(|path| path.to_string_lossy().contains("_01"))
        .for_each(|path| std::fs::remove_file(path).unwrap());
    let mut observer = EpochCounter::new();
    let resumed = quick().fit(&panel, &task, &mut observer).unwrap().predict(&panel).unwrap();
    assert_eq!(resumed, whole);
    assert_eq!(observer.count(), 3, "only the second member was trained");
    // the checkpoints of another panel are not used
    let other = growing_panel(20, 19);
    let mut observer = EpochCounter::new();
    quick().fit(&other, &task, &mut observer).unwrap();
    assert_eq!(observer.count(), 6);
}

#[test]
fn checkpoints_belong_to_one_panel_task_and_settings_but_to_any_budget_and_levels() {
    let train = growing_panel(8, 20);
    let key = |settings: &Global, train: &Panel, task: Task| {
        let folder = tempfile::tempdir().unwrap();
        let task = Task { checkpoints: Some(folder.path().join("kept")), ..task };
        settings.fit(train, &task, &mut SilentObserver).unwrap();
        std::fs::read_to_string(folder.path().join("kept/training")).unwrap()
    };
    let first = key(&quick(), &train, task());
    let an_hour = Budget::new(Some(std::time::Duration::from_secs(3600)));
    assert_eq!(key(&quick(), &train, Task { budget: an_hour, ..task() }), first);
    // the networks learn the same levels for every task
    assert_eq!(key(&quick(), &train, Task { levels: vec![0.2, 0.5, 0.8], ..task() }), first);
    let others = [
        key(&quick(), &train, Task { horizon: HORIZON - 1, ..task() }),
        key(&quick(), &train, Task { seed: 8, ..task() }),
        key(&quick(), &growing_panel(8, 21), task()),
        key(&quick(), &panel(growing_series(8, 20), SEASON - 1), task()),
        key(&Global { hidden: 13, ..quick() }, &train, task()),
    ];
    assert!(!others.contains(&first), "each input changes the key");
}
