//! The network that says distributions: the laws that it keeps, on small panels with a known truth.

use forecast::forecast::{Forecast, SamplePaths};
use forecast::model::deepar::{DeepAr, Distribution};
use forecast::model::{Control, Epoch, Forecaster, Model, Observer, SilentObserver, Task, load};
use forecast::panel::{Columns, Panel, Series};
use forecast::time::{Frequency, Timestamp};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, Poisson, StandardNormal};

const SEASON: usize = 7;
const HORIZON: usize = 7;

/// Series of two id columns, a group and a name.
fn panel(all: Vec<(&str, Vec<f64>)>, season: usize) -> Panel {
    let columns = Columns { time: None, target: "y".into(), ids: vec!["group".into(), "name".into()] };
    let series = all.into_iter().enumerate().map(|(i, (group, values))| Series {
        key: vec![group.to_owned(), format!("{i:04}")],
        start: Timestamp::Index(1),
        observed: vec![true; values.len()],
        values,
    });
    Panel::new(columns, Frequency::INDEX, season, series.collect()).unwrap()
}

fn normal(rng: &mut ChaCha8Rng) -> f64 {
    rng.sample(StandardNormal)
}

/// Weekly patterns around levels of different sizes, with noise; and what comes after, without it.
fn seasonal(count: usize, seed: u64) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let one = |i: usize| {
        let size = 10f64.powi((i % 4) as i32);
        let shape: Vec<f64> = (0..SEASON).map(|_| rng.random_range(0.5..2.0)).collect();
        let n = 60 + i % 30;
        let past = (0..n).map(|t| size * (shape[t % SEASON] + 5.0 + 0.5 * normal(&mut rng))).collect();
        let future = (n..n + HORIZON).map(|t| size * (shape[t % SEASON] + 5.0)).collect();
        (past, future)
    };
    (0..count).map(one).unzip()
}

fn quick() -> DeepAr {
    DeepAr { hidden: 16, epochs: Some(6), ..DeepAr::default() }
}

fn task() -> Task {
    Task { seed: 7, ..Task::new(HORIZON) }
}

fn fit(settings: &DeepAr, panel: &Panel) -> Box<dyn Forecaster> {
    settings.fit(panel, &task(), &mut SilentObserver).unwrap()
}

fn paths(fitted: &dyn Forecaster, panel: &Panel) -> Vec<SamplePaths> {
    fitted.paths(panel, 500, 3).unwrap().expect("it draws paths itself")
}

fn is_sound(forecasts: &[Forecast]) -> bool {
    forecasts
        .iter()
        .all(|f| f.quantiles().iter().all(|q| q.values.len() == HORIZON && q.values.iter().all(|v| v.is_finite())))
}

#[test]
fn it_learns_a_season_better_than_repeating_the_last_one() {
    let (past, future) = seasonal(40, 1);
    let panel = panel(past.iter().map(|values| ("all", values.clone())).collect(), SEASON);
    let said = fit(&DeepAr { epochs: Some(12), ..quick() }, &panel).predict(&panel).unwrap();
    let (mut error, mut naive) = (0.0, 0.0);
    for ((values, truth), said) in past.iter().zip(&future).zip(&said) {
        let size = values.iter().sum::<f64>();
        for k in 0..HORIZON {
            error += (said.median()[k] - truth[k]).abs() / size;
            naive += (values[values.len() - SEASON + k] - truth[k]).abs() / size;
        }
    }
    assert!(error < 0.75 * naive, "{error} is well below {naive}");
}

#[test]
fn counts_get_a_negative_binomial_and_stay_counts() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let rates: Vec<f64> = (0..40).map(|i| 0.2 + 0.2 * f64::from(i)).collect();
    let count = |rate: &f64| (0..80).map(|_| Poisson::new(*rate).unwrap().sample(&mut rng)).collect::<Vec<f64>>();
    let panel = panel(rates.iter().map(count).map(|values| ("all", values)).collect(), 1);
    assert_eq!(Distribution::of(&panel), Distribution::NegativeBinomial);
    assert_eq!(quick().settled(&panel).distribution, Some(Distribution::NegativeBinomial));
    let fitted = fit(&DeepAr { epochs: Some(10), ..quick() }, &panel);
    let drawn = paths(fitted.as_ref(), &panel);
    assert!(drawn.iter().flat_map(SamplePaths::iter).flatten().all(|v| *v >= 0.0 && v.fract() == 0.0), "counts");
    let mean = |paths: &SamplePaths| paths.iter().flatten().sum::<f64>() / (paths.count() * HORIZON) as f64;
    let (said, truth) = (drawn.iter().map(mean).sum::<f64>(), rates.iter().sum::<f64>());
    assert!((said / truth - 1.0).abs() < 0.1, "{said} a step in all, in truth {truth}");
    // Poisson: the variance of a step is its mean
    let spread = |(paths, rate): (&SamplePaths, &f64)| {
        let mean = mean(paths);
        paths.iter().flatten().map(|v| (v - mean).powi(2)).sum::<f64>() / (paths.count() * HORIZON) as f64 / rate
    };
    let ratio = drawn.iter().zip(&rates).skip(10).map(spread).sum::<f64>() / 30.0;
    assert!((0.75..1.5).contains(&ratio), "the variance is {ratio} times that of the truth");
}

#[test]
fn whole_numbers_that_are_large_are_no_counts() {
    let values: Vec<f64> = (0..40).map(|t| 5000.0 + f64::from(t * 37 % 100)).collect();
    assert_eq!(Distribution::of(&Panel::from_values(&values, 1)), Distribution::StudentT);
    // 70 and 71 in turn: whole and small, but nothing like a count
    let calm: Vec<f64> = (0..40).map(|t| 70.0 + f64::from(t % 2)).collect();
    assert_eq!(Distribution::of(&Panel::from_values(&calm, 1)), Distribution::StudentT);
    assert_eq!(Distribution::of(&Panel::from_values(&[1.0, 0.5], 1)), Distribution::StudentT);
    assert_eq!(Distribution::of(&Panel::from_values(&[1.0, -1.0], 1)), Distribution::StudentT);
}

#[test]
fn a_rerun_and_a_saved_network_give_the_same_numbers() {
    let (past, _) = seasonal(12, 3);
    let panel = panel(past.into_iter().enumerate().map(|(i, v)| (["a", "b"][i % 2], v)).collect(), SEASON);
    let fitted = fit(&quick(), &panel);
    let again = fit(&quick(), &panel);
    assert_eq!(fitted.predict(&panel).unwrap(), again.predict(&panel).unwrap());
    assert_eq!(fitted.hindcasts(), again.hindcasts());
    assert!(!fitted.hindcasts().is_empty());
    let folder = tempfile::tempdir().unwrap();
    fitted.save(folder.path()).unwrap();
    let loaded = load(folder.path()).unwrap();
    assert_eq!(loaded.predict(&panel).unwrap(), fitted.predict(&panel).unwrap());
    assert_eq!(paths(loaded.as_ref(), &panel), paths(fitted.as_ref(), &panel));
}

#[test]
fn weights_of_another_shape_are_refused() {
    let (past, _) = seasonal(6, 4);
    let panel = panel(past.into_iter().map(|v| ("a", v)).collect(), SEASON);
    let folder = tempfile::tempdir().unwrap();
    fit(&DeepAr { epochs: Some(1), ..quick() }, &panel).save(folder.path()).unwrap();
    let path = folder.path().join("settings.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("\"hidden\": 16", "\"hidden\": 17", 1)).unwrap();
    assert!(load(folder.path()).unwrap_err().to_string().contains("weights.safetensors"));
    std::fs::write(&path, text.replacen("\"context\": 24", "\"context\": 0", 1)).unwrap();
    assert!(load(folder.path()).unwrap_err().to_string().contains("do not fit together"));
}

/// Errors that last: the sum of seven steps of an AR(1) process varies by a known amount, more than if its steps were
/// independent, less than if they were one.
#[test]
fn the_total_of_a_process_varies_as_it_must() {
    const PHI: f64 = 0.8;
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let ar = |rng: &mut ChaCha8Rng| {
        let mut x = normal(rng) / (1.0 - PHI * PHI).sqrt();
        let step = |_| {
            x = PHI * x + normal(rng);
            100.0 + x
        };
        (0..300).map(step).collect::<Vec<f64>>()
    };
    let panel = panel((0..12).map(|_| ("all", ar(&mut rng))).collect(), 1);
    let fitted = fit(&DeepAr { epochs: Some(12), ..quick() }, &panel);
    let drawn = paths(fitted.as_ref(), &panel);
    // Var Σ y = Σ_j ((1 - φ^j) / (1 - φ))², Var y_k = (1 - φ^2k) / (1 - φ²)
    let steps = 1..=HORIZON as i32;
    let total: f64 = steps.clone().map(|j| ((1.0 - PHI.powi(j)) / (1.0 - PHI)).powi(2)).sum();
    let independent: f64 = steps.clone().map(|k| (1.0 - PHI.powi(2 * k)) / (1.0 - PHI * PHI)).sum();
    let width = |deviation: f64| 2.0 * 1.2816 * deviation;
    let (mut mean_width, mut mean_sum) = (0.0, 0.0);
    for paths in &drawn {
        let said = paths.total(0..HORIZON, &[0.1, 0.5, 0.9]);
        let steps = paths.quantiles(&[0.1, 0.9]);
        let sums = [0, 1].map(|q: usize| steps[q].iter().sum::<f64>());
        assert!(sums[0] < said[1] && said[1] < sums[1], "the median is between the sums of the bounds");
        assert!(said[2] - said[0] < sums[1] - sums[0], "narrower than the sum of the bands");
        mean_width += (said[2] - said[0]) / 12.0;
        mean_sum += (sums[1] - sums[0]) / 12.0;
    }
    let truth = width(total.sqrt());
    assert!((0.8..1.25).contains(&(mean_width / truth)), "{mean_width} wide, in truth {truth}");
    assert!(mean_width > 1.2 * width(independent.sqrt()), "wider than independent steps");
    assert!(mean_width < 0.95 * mean_sum, "{mean_width} is narrower than {mean_sum}");
}

#[test]
fn the_chance_of_an_excess_falls_with_the_threshold_and_agrees_with_the_quantiles() {
    let (past, _) = seasonal(12, 6);
    let panel = panel(past.into_iter().map(|v| ("a", v)).collect(), SEASON);
    let fitted = fit(&quick(), &panel);
    for paths in paths(fitted.as_ref(), &panel) {
        let quantiles = paths.quantiles(&[0.1, 0.5, 0.9]);
        for (row, chance) in quantiles.iter().zip([0.9, 0.5, 0.1]) {
            for (k, threshold) in row.iter().enumerate() {
                assert!((paths.exceedance(*threshold).each[k] - chance).abs() < 0.005);
            }
        }
        let thresholds = (0..20).map(|i| quantiles[0][0] + f64::from(i) * 0.1 * (quantiles[2][0] - quantiles[0][0]));
        let excess: Vec<_> = thresholds.map(|threshold| paths.exceedance(threshold)).collect();
        for pair in excess.windows(2) {
            assert!(pair[0].each.iter().zip(&pair[1].each).all(|(a, b)| a >= b) && pair[0].ever >= pair[1].ever);
        }
        for one in &excess {
            assert!(one.ever <= one.expected + 1e-9 && one.each.iter().all(|share| *share <= one.ever + 1e-9));
            assert!(one.by_then.is_sorted() && (one.by_then[HORIZON - 1] - one.ever).abs() < 1e-12);
        }
    }
}

#[test]
fn series_it_never_saw_and_short_ones_are_forecast() {
    let (past, _) = seasonal(24, 8);
    let train = panel(past.into_iter().enumerate().map(|(i, v)| (["a", "b"][i % 2], v)).collect(), SEASON);
    let fitted = fit(&quick(), &train);
    let (others, _) = seasonal(3, 80);
    let strange = vec![
        ("a", vec![3.0]),
        ("unheard of", vec![5.0, 6.0]),
        ("b", others[0][..5].to_vec()),
        ("a", vec![0.0; 30]),
        ("b", vec![42.0; 30]),
        ("a", (0..30).map(|t| 1e300 * f64::from(1 + t % 2)).collect()),
        ("a", (0..30).map(|t| 1e-300 * f64::from(1 + t % 2)).collect()),
        ("b", (0..30).map(|t| f64::from(t % 3) - 1.0).collect()),
        ("unheard of", others[1].clone()),
    ];
    let unseen = panel(strange, SEASON);
    let said = fitted.predict(&unseen).unwrap();
    assert!(said.len() == 9 && is_sound(&said));
    let at = |values: &[f64]| unseen.iter().position(|s| s.values == values).unwrap();
    let near = |at: usize, value: f64| said[at].median().iter().all(|v| (v - value).abs() <= 0.1 * value.max(0.1));
    assert!(near(at(&[42.0; 30]), 42.0) && near(at(&[0.0; 30]), 0.0), "a constant goes on");
    let (level, low) =
        (others[1].iter().sum::<f64>() / others[1].len() as f64, others[1].iter().copied().fold(f64::MAX, f64::min));
    let known = &said[at(&others[1])];
    assert!(known.median().iter().all(|v| (v - level).abs() < level - 0.5 * low), "an unknown group is no obstacle");
    for (forecast, series) in said.iter().zip(unseen.iter()) {
        let negative = series.values.iter().any(|v| *v < 0.0);
        assert!(negative || forecast.quantiles().iter().all(|q| q.values.iter().all(|v| *v >= 0.0)), "never below 0");
    }
}

/// The same two values go on as the others of their group did.
#[test]
fn a_group_is_something_to_learn_from() {
    let mut rng = ChaCha8Rng::seed_from_u64(9);
    let mut series = |group: &'static str, slope: f64| {
        let mut value = 100.0;
        let step = |_| {
            value += slope + 0.3 * normal(&mut rng);
            value
        };
        (group, (0..25).map(step).collect::<Vec<f64>>())
    };
    let all: Vec<_> = (0..40).map(|i| if i % 2 == 0 { series("rises", 2.0) } else { series("sinks", -2.0) }).collect();
    let fitted = fit(&DeepAr { epochs: Some(12), ..quick() }, &panel(all, 1));
    let said = fitted.predict(&panel(vec![("rises", vec![100.0]), ("sinks", vec![100.0])], 1)).unwrap();
    let last = |at: usize| said[at].median()[HORIZON - 1];
    assert!(last(0) > 104.0 && last(1) < 96.0, "{} and {}", last(0), last(1));
}

#[test]
fn no_series_long_enough_is_said() {
    let error = quick().fit(&panel(vec![("a", vec![1.0; 6]); 3], 1), &task(), &mut SilentObserver).unwrap_err();
    assert!(error.to_string().contains("deepar needs at least 15 values"), "{error}");
}

/// Stops after so many rounds, and counts them.
struct Impatient(usize, usize);

impl Observer for Impatient {
    fn epoch(&mut self, epoch: &Epoch) -> Control {
        self.1 += 1;
        assert!(epoch.number == self.1 && epoch.number <= epoch.of, "rounds are counted over both trainings");
        if self.1 >= self.0 { Control::Stop } else { Control::Continue }
    }
}

#[test]
fn a_stop_keeps_what_was_learned() {
    let (past, _) = seasonal(12, 10);
    let panel = panel(past.into_iter().map(|v| ("a", v)).collect(), SEASON);
    let mut observer = Impatient(2, 0);
    let settings = DeepAr { epochs: Some(500), ..quick() };
    let fitted = settings.fit(&panel, &task(), &mut observer).unwrap();
    assert_eq!(observer.1, 2);
    assert!(is_sound(&fitted.predict(&panel).unwrap()));
    let mut observer = Impatient(usize::MAX, 0);
    quick().fit(&panel, &task(), &mut observer).unwrap();
    assert!(observer.1 > 2);
}

#[test]
fn what_was_not_observed_is_not_learned() {
    let (past, _) = seasonal(10, 11);
    let with = |observed: bool| {
        let columns = Columns { time: None, target: "y".into(), ids: vec!["id".into()] };
        let series = past.iter().enumerate().map(|(i, values)| {
            let mut marks = vec![true; values.len()];
            marks[20..30].fill(observed);
            Series { key: vec![format!("{i:03}")], start: Timestamp::Index(1), values: values.clone(), observed: marks }
        });
        let panel = Panel::new(columns, Frequency::INDEX, SEASON, series.collect()).unwrap();
        fit(&DeepAr { epochs: Some(2), ..quick() }, &panel).predict(&panel).unwrap()
    };
    assert_ne!(with(true), with(false), "marks are looked at");
}
