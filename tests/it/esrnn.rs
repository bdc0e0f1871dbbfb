//! The hybrid of exponential smoothing and recurrent networks: the laws that it keeps, on small panels.

use forecast::data::{Columns, Frequency, Panel, Series, Timestamp};
use forecast::forecast::Forecast;
use forecast::model::esrnn::Settings;
use forecast::model::{Control, Epoch, Model, Observer, Silent, Task, load};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::desk::Desk;

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
    Panel::new(columns, Frequency::Index { step: 1 }, SEASON, series.collect())
}

/// Growing, seasonal, noisy series of different lengths and sizes, all above 0.
fn grown(count: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..count)
        .map(|i| {
            let growth = 0.01 + 0.02 * rng.random::<f64>();
            let season = [0.1, -0.05, -0.1, 0.05].map(|s: f64| s * (1.0 + rng.random::<f64>()));
            let size = 10f64.powi((i % 5) as i32);
            let value = |t: usize, noise: f64| size * (growth * t as f64 + season[t % SEASON] + 0.02 * noise).exp();
            (0..24 + i % 20).map(|t| value(t, rng.sample(StandardNormal))).collect()
        })
        .collect()
}

fn quick() -> Settings {
    Settings { members: 2, hidden: 12, epochs: Some(2), ..Settings::default() }
}

fn task() -> Task {
    Task { seed: 7, ..Task::new(HORIZON) }
}

fn forecasts(train: &Panel, history: &Panel) -> Vec<Forecast> {
    quick().fit(train, &task(), &mut Silent).unwrap().predict(history).unwrap()
}

fn is_sound(forecasts: &[Forecast]) -> bool {
    let finite = |f: &Forecast| {
        f.quantiles().iter().all(|q| q.values.len() == HORIZON && q.values.iter().all(|v| v.is_finite()))
    };
    forecasts.iter().all(finite)
}

/// The errors of hindcasts and of the values a season before, as shares of the values.
fn errors(settings: &Settings, panel: &Panel) -> (f64, f64) {
    let fitted = settings.fit(panel, &task(), &mut Silent).unwrap();
    let (mut wrong, mut naive) = (0.0, 0.0);
    for hindcast in fitted.hindcasts() {
        let whole = panel.iter().nth(hindcast.series).unwrap();
        for (k, said) in hindcast.forecast.median().iter().enumerate() {
            let actual = whole.values[hindcast.cutoff + k];
            wrong += (actual - said).abs() / actual;
            naive += (actual - whole.values[hindcast.cutoff - SEASON + k % SEASON]).abs() / actual;
        }
    }
    (wrong, naive)
}

#[test]
fn growth_and_seasons_are_learned() {
    let settings = Settings { members: 1, hidden: 16, epochs: Some(15), ..Settings::default() };
    let (wrong, naive) = errors(&settings, &panel(grown(60, 13)));
    assert!(wrong < 0.6 * naive, "{wrong} against {naive}");
}

#[test]
fn smoothing_that_is_trained_does_better() {
    let panel = panel(grown(80, 17));
    let with = |smoothing_pace: f64| {
        let settings = Settings { members: 1, hidden: 16, epochs: Some(12), smoothing_pace, ..Settings::default() };
        errors(&settings, &panel).0
    };
    let (fixed, trained) = (with(0.0), with(Settings::default().smoothing_pace));
    assert!(trained < fixed, "{trained} trained, {fixed} fixed");
}

#[test]
fn a_rerun_gives_the_same_numbers() {
    let panel = panel(grown(30, 1));
    assert_eq!(forecasts(&panel, &panel), forecasts(&panel, &panel));
}

#[test]
fn a_saved_ensemble_forecasts_the_same() {
    let (panel, folder) = (panel(grown(20, 2)), tempfile::tempdir().unwrap());
    let fitted = quick().fit(&panel, &task(), &mut Silent).unwrap();
    fitted.save(folder.path()).unwrap();
    let loaded = load(folder.path()).unwrap();
    assert_eq!(loaded.predict(&panel).unwrap(), fitted.predict(&panel).unwrap());
}

/// Short, noisy series of shops that grow in one region and shrink in the other, under ids that tell of it or do not.
fn regions(ids: &[&str]) -> Panel {
    let mut rng = ChaCha8Rng::seed_from_u64(21);
    let series = (0..80).map(|i| {
        let (region, growth) = if i % 2 == 0 { ("north", 0.06) } else { ("south", -0.06) };
        let value = |t: u32, noise: f64| 100.0 * (growth * f64::from(t) + 0.15 * noise).exp();
        let values: Vec<f64> = (0..14).map(|t| value(t, rng.sample(StandardNormal))).collect();
        let key = ids.iter().map(|id| if *id == "region" { region.to_owned() } else { format!("{i:04}") }).collect();
        Series { key, start: Timestamp::Index(1), observed: vec![true; values.len()], values }
    });
    let columns = Columns { time: None, target: "y".into(), ids: ids.iter().map(ToString::to_string).collect() };
    Panel::new(columns, Frequency::Index { step: 1 }, SEASON, series.collect())
}

#[test]
fn what_several_series_share_is_learned_from() {
    let settings = Settings { members: 1, hidden: 12, epochs: Some(20), ..Settings::default() };
    let (told, untold) = (regions(&["region", "shop"]), regions(&["shop"]));
    let (with, without) = (errors(&settings, &told).0, errors(&settings, &untold).0);
    assert!(with < 0.97 * without, "{with} with regions, {without} without");
    let folder = tempfile::tempdir().unwrap();
    let fitted = quick().fit(&told, &task(), &mut Silent).unwrap();
    fitted.save(folder.path()).unwrap();
    assert_eq!(load(folder.path()).unwrap().predict(&told).unwrap(), fitted.predict(&told).unwrap());
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let (panel, folder) = (panel(grown(12, 3)), tempfile::tempdir().unwrap());
    quick().fit(&panel, &task(), &mut Silent).unwrap().save(folder.path()).unwrap();
    let change = |file: &str, from: &str, to: &str| {
        let path = folder.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let error = load(folder.path()).unwrap_err().to_string();
        std::fs::write(&path, text).unwrap();
        error
    };
    let error = change("settings.json", "\"hidden\": 12", "\"hidden\": 13");
    assert!(error.contains("weights_00.safetensors"), "{error}");
    let error = change("series.json", "[[\"0000\"],{\"Index\":1}],", "");
    assert!(error.contains("series.json") || error.contains("smoothing_00.safetensors"), "{error}");
    assert!(load(folder.path()).is_ok());
}

/// A series' forecast depends on its own past and on what was learned, not on which others are asked about with it.
#[test]
fn a_forecast_does_not_depend_on_the_company() {
    let all = grown(24, 4);
    let train = panel(all.clone());
    let fitted = quick().fit(&train, &task(), &mut Silent).unwrap();
    let strangers = |which: &[usize]| {
        let series = which.iter().map(|i| Series {
            key: vec![format!("{:04}", 100 + i)],
            start: Timestamp::Index(1),
            observed: vec![true; all[*i].len()],
            values: all[*i].clone(),
        });
        Panel::new(train.columns().clone(), Frequency::Index { step: 1 }, SEASON, series.collect())
    };
    let (among, alone) = (fitted.predict(&strangers(&[1, 3, 9])).unwrap(), fitted.predict(&strangers(&[3])).unwrap());
    for (a, b) in among[1].median().iter().zip(alone[0].median()) {
        assert!((a - b).abs() < 1e-4 * a.abs(), "{a} among others, {b} alone");
    }
}

#[test]
fn series_it_never_saw_are_forecast() {
    let (train, others) = (panel(grown(30, 6)), panel(grown(37, 60).split_off(30)));
    let forecasts = forecasts(&train, &others);
    assert_eq!(forecasts.len(), 7);
    assert!(is_sound(&forecasts));
}

/// A known series that has grown keeps what was learned of it.
#[test]
fn newer_values_are_taken_up() {
    let all = grown(20, 5);
    let before = panel(all.iter().map(|v| v[..v.len() - 3].to_vec()).collect());
    let fitted = quick().fit(&before, &task(), &mut Silent).unwrap();
    let (old, new) = (fitted.predict(&before).unwrap(), fitted.predict(&panel(all)).unwrap());
    assert!(is_sound(&new));
    assert!(old.iter().zip(&new).all(|(old, new)| old.times()[3] == new.times()[0]));
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
fn one_series_is_enough() {
    let panel = Panel::from_values(&grown(20, 9)[19], SEASON);
    let settings = Settings { members: 1, hidden: 12, ..Settings::default() };
    let (wrong, naive) = errors(&settings, &panel);
    assert!(wrong < naive, "{wrong} against {naive}");
}

#[test]
fn no_series_long_enough_is_said() {
    let error = quick().fit(&panel(vec![vec![1.0; 6]; 3]), &task(), &mut Silent).unwrap_err();
    assert!(error.to_string().contains("esrnn needs at least 9 values"), "{error}");
}

/// Stops after so many epochs, and counts them.
struct Impatient(usize, usize);

impl Observer for Impatient {
    fn epoch(&mut self, epoch: &Epoch) -> Control {
        self.1 += 1;
        assert!(epoch.number == self.1 && epoch.number <= epoch.of, "epochs are counted over all members");
        assert!(epoch.training_loss.is_finite() && epoch.training_loss > 0.0);
        if self.1 >= self.0 { Control::Stop } else { Control::Continue }
    }
}

#[test]
fn a_stop_keeps_what_was_learned() {
    let panel = panel(grown(30, 10));
    let settings = Settings { epochs: Some(500), ..quick() };
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
    let settings = Settings { epochs: Some(500), ..quick() };
    let task = Task { budget: Some(std::time::Duration::ZERO), ..task() };
    let fitted = settings.fit(&panel, &task, &mut Silent).unwrap();
    assert!(is_sound(&fitted.predict(&panel).unwrap()));
}

#[test]
fn bands_hold_about_what_they_say() {
    let all = grown(400, 14);
    let known = panel(all.iter().map(|v| v[..v.len() - HORIZON].to_vec()).collect());
    let fitted = Settings { epochs: Some(6), ..quick() }.fit(&known, &task(), &mut Silent).unwrap();
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

#[test]
fn the_command_line_knows_it() {
    let desk = Desk::with_daily();
    desk.run("--csv daily.csv -n 7 --model esrnn --members 1 --epochs 3 --out first");
    desk.run("--csv daily.csv -n 7 --model esrnn --members 1 --epochs 3 --out second");
    assert_eq!(desk.bytes("first/forecast.csv"), desk.bytes("second/forecast.csv"));
    let refused = desk.forecast("--csv daily.csv -n 7 --model esrnn --layers 2").output().unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && said.contains("--layers does nothing for esrnn"), "{said}");
}
