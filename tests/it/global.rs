//! One model for many series: the laws that it keeps, on small panels.

use forecast::forecast::Forecast;
use forecast::model::auto::Auto;
use forecast::model::global::Global;
use forecast::model::{Control, Epoch, Model, Observer, SilentObserver, Task, load};
use forecast::panel::{Columns, Panel, Series};
use forecast::time::{Frequency, Timestamp};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

const SEASON: usize = 4;
const HORIZON: usize = 5;

fn panel(all: Vec<Vec<f64>>) -> Panel {
    let columns = Columns { time: None, target: "y".into(), ids: vec!["id".into()] };
    let series = all.into_iter().enumerate().map(|(i, values)| Series {
        key: vec![format!("{i:04}")],
        start: Timestamp::Index(1),
        observed: vec![true; values.len()],
        values,
    });
    Panel::new(columns, Frequency::INDEX, SEASON, series.collect()).unwrap()
}

/// Growing, seasonal, noisy series of different lengths and sizes, all above 0.
fn grown(count: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..count)
        .map(|i| {
            let growth = 0.02 * rng.random::<f64>();
            let season = [0.1, -0.05, -0.1, 0.05].map(|s: f64| s * (1.0 + rng.random::<f64>()));
            let size = 10f64.powi((i % 5) as i32);
            let value = |t: usize, noise: f64| size * (growth * t as f64 + season[t % SEASON] + 0.02 * noise).exp();
            (0..24 + i % 20).map(|t| value(t, rng.sample(StandardNormal))).collect()
        })
        .collect()
}

fn quick() -> Global {
    Global { members: 2, hidden: 12, epochs: Some(2), ..Global::default() }
}

fn task() -> Task {
    Task { seed: 7, ..Task::new(HORIZON) }
}

fn forecasts(train: &Panel, history: &Panel) -> Vec<Forecast> {
    quick().fit(train, &task(), &mut SilentObserver).unwrap().predict(history).unwrap()
}

fn is_sound(forecasts: &[Forecast]) -> bool {
    let finite = |f: &Forecast| {
        f.quantiles().iter().all(|q| q.values.len() == HORIZON && q.values.iter().all(|v| v.is_finite()))
    };
    forecasts.iter().all(finite)
}

#[test]
fn a_rerun_gives_the_same_numbers() {
    let panel = panel(grown(30, 1));
    assert_eq!(forecasts(&panel, &panel), forecasts(&panel, &panel));
}

#[test]
fn a_saved_ensemble_forecasts_the_same() {
    let (panel, folder) = (panel(grown(20, 2)), tempfile::tempdir().unwrap());
    let fitted = quick().fit(&panel, &task(), &mut SilentObserver).unwrap();
    fitted.save(folder.path()).unwrap();
    let loaded = load(folder.path()).unwrap();
    assert_eq!(loaded.predict(&panel).unwrap(), fitted.predict(&panel).unwrap());
}

#[test]
fn weights_of_another_shape_are_refused() {
    let (panel, folder) = (panel(grown(12, 3)), tempfile::tempdir().unwrap());
    quick().fit(&panel, &task(), &mut SilentObserver).unwrap().save(folder.path()).unwrap();
    let path = folder.path().join("settings.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("\"hidden\": 12", "\"hidden\": 13", 1)).unwrap();
    let error = load(folder.path()).unwrap_err().to_string();
    assert!(error.contains("weights.safetensors"), "{error}");
}

/// A series' forecast depends on its own past and on what was learned, not on which others are asked about with it.
#[test]
fn a_forecast_does_not_depend_on_the_company() {
    let all = grown(24, 4);
    let (train, alone) = (panel(all.clone()), panel(vec![all[3].clone()]));
    let fitted = quick().fit(&train, &task(), &mut SilentObserver).unwrap();
    let (among, alone) = (&fitted.predict(&train).unwrap()[3], &fitted.predict(&alone).unwrap()[0]);
    for (a, b) in among.median().iter().zip(alone.median()) {
        assert!((a - b).abs() < 1e-4 * a.abs(), "{a} among others, {b} alone");
    }
}

#[test]
fn series_it_never_saw_are_forecast() {
    let (train, others) = (panel(grown(30, 6)), panel(grown(7, 60)));
    let forecasts = forecasts(&train, &others);
    assert_eq!(forecasts.len(), 7);
    assert!(is_sound(&forecasts));
}

#[test]
fn short_constant_and_signed_series_come_out_too() {
    let mut all = grown(20, 8);
    let strange = [
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
    ];
    let first = all.len();
    all.extend(strange);
    let panel = panel(all);
    let said = forecasts(&panel, &panel);
    assert!(is_sound(&said));
    let near =
        |i: usize, value: f64| said[first + i].median().iter().all(|v| (v - value).abs() <= 0.1 * value.abs().max(0.1));
    assert!(near(0, 3.0) && near(3, 0.0) && near(4, 42.0), "a constant goes on");
    assert!(said[first + 6].quantiles().iter().all(|q| q.values.iter().all(|v| *v >= 0.0)), "counts stay counts");
}

#[test]
fn gaps_are_nothing_to_learn_from() {
    let mut series: Vec<Series> = Vec::new();
    for (i, values) in grown(20, 9).into_iter().enumerate() {
        let mut observed = vec![true; values.len()];
        observed[10..13].fill(false);
        series.push(Series { key: vec![format!("{i:04}")], start: Timestamp::Index(1), values, observed });
    }
    let columns = Columns { time: None, target: "y".into(), ids: vec!["id".into()] };
    let with = |spoilt: bool| {
        let mut series = series.clone();
        if spoilt {
            // the scale and the bank see what was filled in, what is to be said does not
            for s in &mut series {
                s.observed[10..13].fill(true);
            }
        }
        let panel = Panel::new(columns.clone(), Frequency::INDEX, SEASON, series).unwrap();
        forecasts(&panel, &panel)
    };
    assert_ne!(with(false), with(true), "marks are looked at");
}

#[test]
fn no_series_long_enough_is_said() {
    let error = quick().fit(&panel(vec![vec![1.0; 6]; 3]), &task(), &mut SilentObserver).unwrap_err();
    assert!(error.to_string().contains("global needs at least 9 values"), "{error}");
}

/// Stops after so many epochs, and counts them.
struct Impatient(usize, usize);

impl Observer for Impatient {
    fn epoch(&mut self, epoch: &Epoch) -> Control {
        self.1 += 1;
        assert!(epoch.number == self.1 && epoch.number <= epoch.of, "epochs are counted over all members");
        if self.1 >= self.0 { Control::Stop } else { Control::Continue }
    }
}

#[test]
fn a_stop_keeps_what_was_learned() {
    let panel = panel(grown(30, 10));
    let settings = Global { epochs: Some(500), ..quick() };
    let mut observer = Impatient(2, 0);
    let fitted = settings.fit(&panel, &task(), &mut observer).unwrap();
    assert!(observer.1 < 20, "it stopped after {} epochs", observer.1);
    assert!(is_sound(&fitted.predict(&panel).unwrap()));
}

#[test]
fn epochs_are_counted_over_all_members_and_both_trainings() {
    let mut observer = Impatient(usize::MAX, 0);
    quick().fit(&panel(grown(16, 11)), &task(), &mut observer).unwrap();
    assert_eq!(observer.1, 2 * 2 + 2);
}

#[test]
fn a_budget_of_no_time_still_forecasts() {
    let panel = panel(grown(16, 12));
    let settings = Global { epochs: Some(500), ..quick() };
    let task = Task { budget: Some(std::time::Duration::ZERO), ..task() };
    let fitted = settings.fit(&panel, &task, &mut SilentObserver).unwrap();
    assert!(is_sound(&fitted.predict(&panel).unwrap()));
}

/// On series that share a shape which no smoothing knows, the networks do better than the last value of a season ago.
#[test]
fn what_series_have_in_common_is_learned() {
    let mut rng = ChaCha8Rng::seed_from_u64(13);
    // each series falls back by a third after every rise of three steps
    let series = |rng: &mut ChaCha8Rng| -> Vec<f64> {
        let (start, size) = (rng.random_range(0..4), 1.0 + 9.0 * rng.random::<f64>());
        (0..40)
            .map(|t| {
                size * [1.0, 1.2, 1.44, 1.728][(t + start) % 4] * (0.02 * rng.sample::<f64, _>(StandardNormal)).exp()
            })
            .collect()
    };
    let whole = panel((0..60).map(|_| series(&mut rng)).collect());
    let settings = Global { members: 1, hidden: 16, epochs: Some(20), ..Global::default() };
    let fitted = settings.fit(&whole, &task(), &mut SilentObserver).unwrap();
    let (mut wrong, mut naive) = (0.0, 0.0);
    for hindcast in fitted.hindcasts() {
        let whole = whole.iter().nth(hindcast.series).unwrap();
        for (k, said) in hindcast.forecast.median().iter().enumerate() {
            let at = hindcast.cutoff + k;
            wrong += (whole.values[at] - said).abs() / whole.values[at];
            naive += (whole.values[at] - whole.values[hindcast.cutoff - SEASON + k % SEASON]).abs() / whole.values[at];
        }
    }
    assert!(wrong < 0.9 * naive, "{wrong} against {naive}");
}

#[test]
fn bands_hold_about_what_they_say() {
    let all = grown(400, 14);
    let known: Vec<Vec<f64>> = all.iter().map(|v| v[..v.len() - HORIZON].to_vec()).collect();
    let known = panel(known);
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
    assert!((0.72..=0.88).contains(&share), "the 80 % band held {share:.3}");
}

/// As `auto` does it, with few series taken for many.
fn mixed(panel: &Panel) -> Box<dyn forecast::model::Forecaster> {
    let auto = Auto { global_series: 20, ..Auto::default() };
    auto.fit(panel, &task(), &mut SilentObserver).unwrap()
}

#[test]
fn many_series_are_forecast_by_both_together() {
    let panel = panel(grown(24, 15));
    let fitted = mixed(&panel);
    let weighing = fitted.weighing();
    let [both] = weighing.as_slice() else { panic!("one for all series: {weighing:?}") };
    assert!(both.parts.len() == 2 && (both.parts.iter().map(|part| part.weight).sum::<f64>() - 1.0).abs() < 1e-12);
    let said = fitted.predict(&panel).unwrap();
    assert!(is_sound(&said));
    assert_eq!(said, mixed(&panel).predict(&panel).unwrap(), "a rerun gives the same numbers");
    let ends: Vec<_> = panel.iter().map(|series| series.len() - HORIZON).collect();
    assert!(!fitted.hindcasts().is_empty());
    assert!(fitted.hindcasts().iter().all(|hindcast| hindcast.cutoff == ends[hindcast.series]));
}

#[test]
fn both_together_are_saved_and_forecast_the_same() {
    let (panel, folder) = (panel(grown(24, 16)), tempfile::tempdir().unwrap());
    let fitted = mixed(&panel);
    fitted.save(folder.path()).unwrap();
    let loaded = load(folder.path()).unwrap();
    for (a, b) in loaded.predict(&panel).unwrap().iter().zip(fitted.predict(&panel).unwrap()) {
        for (a, b) in a.median().iter().zip(b.median()) {
            assert!((a - b).abs() <= 1e-9 * a.abs(), "{a} loaded, {b} fitted");
        }
    }
    let others = self::panel(grown(3, 17));
    assert!(is_sound(&loaded.predict(&others).unwrap()), "series it never saw");
    std::fs::remove_file(folder.path().join("weights.safetensors")).unwrap();
    assert!(load(folder.path()).is_err());
}

/// What a training that was cut off leaves is used, whatever the seed of the one that goes on would have made of it.
#[test]
fn a_training_goes_on_where_it_was_cut_off() {
    let (panel, folder) = (panel(grown(20, 18)), tempfile::tempdir().unwrap());
    let checkpoints = folder.path().join("kept");
    let task = Task { checkpoints: Some(checkpoints.clone()), ..task() };
    let whole = quick().fit(&panel, &task, &mut SilentObserver).unwrap().predict(&panel).unwrap();
    let mut kept: Vec<_> = std::fs::read_dir(&checkpoints).unwrap().map(|entry| entry.unwrap().path()).collect();
    kept.sort();
    assert_eq!(kept.len(), 5, "two members after two trainings, and whose they are: {kept:?}");
    // the second of them was still at work
    kept.iter()
        .filter(|path| path.to_string_lossy().contains("_01"))
        .for_each(|path| std::fs::remove_file(path).unwrap());
    let mut observer = Impatient(usize::MAX, 0);
    let resumed = quick().fit(&panel, &task, &mut Quiet(&mut observer)).unwrap().predict(&panel).unwrap();
    assert_eq!(resumed, whole);
    assert_eq!(observer.1, 3, "only the second member was trained");
    // another series: what was kept is of no use
    let other = self::panel(grown(20, 19));
    let mut observer = Impatient(usize::MAX, 0);
    quick().fit(&other, &task, &mut observer).unwrap();
    assert_eq!(observer.1, 6);
}

/// Counts epochs, whatever their number.
struct Quiet<'a>(&'a mut Impatient);

impl Observer for Quiet<'_> {
    fn epoch(&mut self, _: &Epoch) -> Control {
        self.0.1 += 1;
        Control::Continue
    }
}
