//! DeepAR on small panels from known processes.

use forecast::forecast::SamplePaths;
use forecast::model::deepar::{DeepAr, Distribution};
use forecast::model::{Fit, Forecaster, Model, SilentObserver, Task, load};
use forecast::panel::Panel;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, Poisson};
use serde_json::{Value, json};

use crate::fixtures::{
    EpochCounter, are_finite, grouped_panel, normal, numbered, panel_of, relative_differences, weekly_series, with_gap,
};

const SEASON: usize = 7;
const HORIZON: usize = 7;

fn quick() -> DeepAr {
    DeepAr { hidden: 16, epochs: Some(6), ..DeepAr::default() }
}

fn task() -> Task {
    Task { seed: 7, ..Task::new(HORIZON) }
}

fn fit(settings: &DeepAr, panel: &Panel) -> Fit {
    settings.fit(panel, &task(), &mut SilentObserver).unwrap()
}

fn paths(fitted: &dyn Forecaster, panel: &Panel) -> Vec<SamplePaths> {
    let forecasts = fitted.predict(panel).unwrap();
    fitted.sample_paths(panel, &forecasts, 500, 3).unwrap()
}

/// Weekly series of one group.
fn weekly_panel(count: usize, seed: u64) -> Panel {
    let (past, _) = weekly_series(count, HORIZON, seed);
    grouped_panel(past.into_iter().map(|values| ("a", values)).collect(), SEASON)
}

#[test]
fn a_season_is_forecast_better_than_by_seasonal_naive() {
    let (past, future) = weekly_series(40, HORIZON, 1);
    let panel = grouped_panel(past.iter().map(|values| ("all", values.clone())).collect(), SEASON);
    let forecasts = fit(&DeepAr { epochs: Some(12), ..quick() }, &panel).predict(&panel).unwrap();
    let (mut error, mut naive) = (0.0, 0.0);
    for ((values, truth), forecast) in past.iter().zip(&future).zip(&forecasts) {
        let size = values.iter().sum::<f64>();
        for k in 0..HORIZON {
            error += (forecast.median()[k] - truth[k]).abs() / size;
            naive += (values[values.len() - SEASON + k] - truth[k]).abs() / size;
        }
    }
    assert!(error < 0.75 * naive, "{error}, seasonal naive {naive}");
}

#[test]
fn paths_of_counts_are_negative_binomial_integers() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let rates: Vec<f64> = (0..40).map(|i| 0.2 + 0.2 * f64::from(i)).collect();
    let count = |rate: &f64| (0..80).map(|_| Poisson::new(*rate).unwrap().sample(&mut rng)).collect::<Vec<f64>>();
    let panel = grouped_panel(rates.iter().map(count).map(|values| ("all", values)).collect(), 1);
    assert_eq!(Distribution::of(&panel), Distribution::NegativeBinomial);
    assert_eq!(quick().with_distribution_of(&panel).distribution, Some(Distribution::NegativeBinomial));
    let fitted = fit(&DeepAr { epochs: Some(10), ..quick() }, &panel);
    let drawn = paths(fitted.forecaster.as_ref(), &panel);
    assert!(drawn.iter().flat_map(SamplePaths::iter).flatten().all(|v| *v >= 0.0 && v.fract() == 0.0), "counts");
    let mean = |paths: &SamplePaths| paths.iter().flatten().sum::<f64>() / (paths.count() * HORIZON) as f64;
    let (drawn_sum, truth) = (drawn.iter().map(mean).sum::<f64>(), rates.iter().sum::<f64>());
    assert!((drawn_sum / truth - 1.0).abs() < 0.1, "{drawn_sum} a step over all series, of {truth}");
    // Poisson: the variance of a step is its mean
    let spread = |(paths, rate): (&SamplePaths, &f64)| {
        let mean = mean(paths);
        paths.iter().flatten().map(|v| (v - mean).powi(2)).sum::<f64>() / (paths.count() * HORIZON) as f64 / rate
    };
    let ratio = drawn.iter().zip(&rates).skip(10).map(spread).sum::<f64>() / 30.0;
    assert!((0.75..1.5).contains(&ratio), "the variance is {ratio} times that of the truth");
}

#[test]
fn integers_are_counts_only_if_they_are_small_and_vary_like_counts() {
    let values: Vec<f64> = (0..40).map(|t| 5000.0 + f64::from(t * 37 % 100)).collect();
    assert_eq!(Distribution::of(&Panel::from_values(&values, 1)), Distribution::StudentT);
    // small integers, which vary far less than counts of this mean
    let calm: Vec<f64> = (0..40).map(|t| 70.0 + f64::from(t % 2)).collect();
    assert_eq!(Distribution::of(&Panel::from_values(&calm, 1)), Distribution::StudentT);
    assert_eq!(Distribution::of(&Panel::from_values(&[1.0, 0.5], 1)), Distribution::StudentT);
    assert_eq!(Distribution::of(&Panel::from_values(&[1.0, -1.0], 1)), Distribution::StudentT);
}

#[test]
fn a_rerun_and_a_saved_network_give_the_same_numbers() {
    let (past, _) = weekly_series(12, HORIZON, 3);
    let panel = grouped_panel(past.into_iter().enumerate().map(|(i, v)| (["a", "b"][i % 2], v)).collect(), SEASON);
    let fitted = fit(&quick(), &panel);
    let again = fit(&quick(), &panel);
    assert_eq!(fitted.predict(&panel).unwrap(), again.predict(&panel).unwrap());
    assert_eq!(fitted.report.hindcasts, again.report.hindcasts);
    assert!(!fitted.report.hindcasts.is_empty());
    let folder = tempfile::tempdir().unwrap();
    fitted.forecaster.save(folder.path()).unwrap();
    let settings: Value = serde_json::from_slice(&std::fs::read(folder.path().join("settings.json")).unwrap()).unwrap();
    let shared_by_series = json!([{ "column": "group", "values": ["a", "b"] }]);
    assert_eq!(settings["fitted"]["static_features"], shared_by_series, "each name has a single series");
    let loaded = load(folder.path()).unwrap();
    assert_eq!(loaded.predict(&panel).unwrap(), fitted.predict(&panel).unwrap());
    assert_eq!(paths(loaded.as_ref(), &panel), paths(fitted.forecaster.as_ref(), &panel));
}

#[test]
fn weights_of_another_shape_are_refused() {
    let panel = weekly_panel(6, 4);
    let folder = tempfile::tempdir().unwrap();
    fit(&DeepAr { epochs: Some(1), ..quick() }, &panel).forecaster.save(folder.path()).unwrap();
    let path = folder.path().join("settings.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("\"hidden\": 16", "\"hidden\": 17", 1)).unwrap();
    assert!(load(folder.path()).unwrap_err().to_string().contains("weights.safetensors"));
    std::fs::write(&path, text.replacen("\"context\": 24", "\"context\": 0", 1)).unwrap();
    assert!(load(folder.path()).unwrap_err().to_string().contains("inconsistent"));
}

/// The variance of a sum of seven steps of an AR(1) process is known. It is between that of independent steps and that of
/// perfectly correlated ones.
#[test]
fn the_variance_of_a_total_is_that_of_the_process() {
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
    let panel = grouped_panel((0..12).map(|_| ("all", ar(&mut rng))).collect(), 1);
    let fitted = fit(&DeepAr { epochs: Some(12), ..quick() }, &panel);
    let drawn = paths(fitted.forecaster.as_ref(), &panel);
    // Var Σ y = Σ_j ((1 - φ^j) / (1 - φ))², Var y_k = (1 - φ^2k) / (1 - φ²)
    let steps = 1..=HORIZON as i32;
    let total: f64 = steps.clone().map(|j| ((1.0 - PHI.powi(j)) / (1.0 - PHI)).powi(2)).sum();
    let independent: f64 = steps.clone().map(|k| (1.0 - PHI.powi(2 * k)) / (1.0 - PHI * PHI)).sum();
    let width = |deviation: f64| 2.0 * 1.2816 * deviation;
    let (mut mean_width, mut mean_sum) = (0.0, 0.0);
    for paths in &drawn {
        let total = paths.total(0..HORIZON, &[0.1, 0.5, 0.9]);
        let steps = paths.quantiles(&[0.1, 0.9]);
        let sums = [0, 1].map(|q: usize| steps[q].iter().sum::<f64>());
        assert!(sums[0] < total[1] && total[1] < sums[1], "the median is between the sums of the bounds");
        assert!(total[2] - total[0] < sums[1] - sums[0], "narrower than the sum of the intervals");
        mean_width += (total[2] - total[0]) / 12.0;
        mean_sum += (sums[1] - sums[0]) / 12.0;
    }
    let truth = width(total.sqrt());
    assert!((0.8..1.25).contains(&(mean_width / truth)), "{mean_width} wide, in truth {truth}");
    assert!(mean_width > 1.2 * width(independent.sqrt()), "wider than independent steps");
    assert!(mean_width < 0.95 * mean_sum, "{mean_width} is narrower than {mean_sum}");
}

#[test]
fn the_exceedance_falls_with_the_threshold_and_agrees_with_the_quantiles() {
    let panel = weekly_panel(12, 6);
    let fitted = fit(&quick(), &panel);
    for paths in paths(fitted.forecaster.as_ref(), &panel) {
        let quantiles = paths.quantiles(&[0.1, 0.5, 0.9]);
        for (row, chance) in quantiles.iter().zip([0.9, 0.5, 0.1]) {
            for (k, threshold) in row.iter().enumerate() {
                assert!((paths.exceedance(*threshold).at_step[k] - chance).abs() < 0.005);
            }
        }
        let thresholds = (0..20).map(|i| quantiles[0][0] + f64::from(i) * 0.1 * (quantiles[2][0] - quantiles[0][0]));
        let excess: Vec<_> = thresholds.map(|threshold| paths.exceedance(threshold)).collect();
        for pair in excess.windows(2) {
            assert!(pair[0].at_step.iter().zip(&pair[1].at_step).all(|(a, b)| a >= b) && pair[0].ever >= pair[1].ever);
        }
        for one in &excess {
            assert!(one.ever <= one.expected_steps + 1e-9 && one.at_step.iter().all(|share| *share <= one.ever + 1e-9));
            assert!(one.by_step.is_sorted() && (one.by_step[HORIZON - 1] - one.ever).abs() < 1e-12);
        }
    }
}

#[test]
fn short_series_and_series_that_were_not_trained_on_are_forecast() {
    let (past, _) = weekly_series(24, HORIZON, 8);
    let train = grouped_panel(past.into_iter().enumerate().map(|(i, v)| (["a", "b"][i % 2], v)).collect(), SEASON);
    let fitted = fit(&quick(), &train);
    let (others, _) = weekly_series(3, HORIZON, 80);
    let unusual = vec![
        ("a", vec![3.0]),
        ("unknown", vec![5.0, 6.0]),
        ("b", others[0][..5].to_vec()),
        ("a", vec![0.0; 30]),
        ("b", vec![42.0; 30]),
        ("a", (0..30).map(|t| 1e300 * f64::from(1 + t % 2)).collect()),
        ("a", (0..30).map(|t| 1e-300 * f64::from(1 + t % 2)).collect()),
        ("b", (0..30).map(|t| f64::from(t % 3) - 1.0).collect()),
        ("unknown", others[1].clone()),
    ];
    let unseen = grouped_panel(unusual, SEASON);
    let forecasts = fitted.predict(&unseen).unwrap();
    assert!(forecasts.len() == 9 && are_finite(&forecasts, HORIZON));
    let at = |values: &[f64]| unseen.iter().position(|s| s.values == values).unwrap();
    let near = |at: usize, value: f64| forecasts[at].median().iter().all(|v| (v - value).abs() <= 0.1 * value.max(0.1));
    assert!(near(at(&[42.0; 30]), 42.0) && near(at(&[0.0; 30]), 0.0), "a constant is continued");
    let (level, low) =
        (others[1].iter().sum::<f64>() / others[1].len() as f64, others[1].iter().copied().fold(f64::MAX, f64::min));
    let known = &forecasts[at(&others[1])];
    assert!(
        known.median().iter().all(|v| (v - level).abs() < level - 0.5 * low),
        "a series of an unknown group is forecast"
    );
    for (forecast, series) in forecasts.iter().zip(unseen.iter()) {
        let negative = series.values.iter().any(|v| *v < 0.0);
        assert!(negative || forecast.quantiles().iter().all(|q| q.values.iter().all(|v| *v >= 0.0)), "never below 0");
    }
}

/// Two series with the same single value are forecast as their groups were, and that of an unknown group between them.
#[test]
fn an_id_column_is_used_as_a_static_covariate() {
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
    let fitted = fit(&DeepAr { epochs: Some(12), ..quick() }, &grouped_panel(all, 1));
    let groups = ["rises", "sinks", "unknown"].map(|group| (group, vec![100.0])).to_vec();
    let forecasts = fitted.predict(&grouped_panel(groups, 1)).unwrap();
    let last = |at: usize| forecasts[at].median()[HORIZON - 1];
    assert!(last(0) > 104.0 && last(1) < 96.0, "{} and {}", last(0), last(1));
    assert!(last(1) < last(2) && last(2) < last(0), "{} of an unknown group", last(2));
}

#[test]
fn a_panel_of_short_series_only_is_refused() {
    let error = quick().fit(&grouped_panel(vec![("a", vec![1.0; 6]); 3], 1), &task(), &mut SilentObserver).unwrap_err();
    assert!(error.to_string().contains("deepar needs at least 15 values"), "{error}");
}

#[test]
fn training_that_was_stopped_leaves_a_usable_network() {
    let panel = weekly_panel(12, 10);
    let mut observer = EpochCounter::stopping_after(2);
    let settings = DeepAr { epochs: Some(500), ..quick() };
    let fitted = settings.fit(&panel, &task(), &mut observer).unwrap();
    assert_eq!(observer.count(), 2);
    assert!(are_finite(&fitted.predict(&panel).unwrap(), HORIZON));
    let mut observer = EpochCounter::new();
    quick().fit(&panel, &task(), &mut observer).unwrap();
    assert!(observer.count() > 2 && observer.is_consecutive());
}

#[test]
fn a_gap_changes_a_forecast_little() {
    let (past, _) = weekly_series(10, HORIZON, 11);
    let full = numbered(past);
    let gaps = with_gap(full.clone(), &(20..30), SEASON);
    let mut filled = gaps.clone();
    for series in &mut filled {
        series.observed.fill(true);
    }
    let [full, gaps, filled] = [full, gaps, filled].map(|series| {
        let panel = panel_of(series, SEASON);
        fit(&DeepAr { epochs: Some(2), ..quick() }, &panel).predict(&panel).unwrap()
    });
    // the noise of a value is about 8 %
    let (mean, greatest) = relative_differences(&full, &gaps);
    assert!(mean < 0.03 && greatest < 0.12, "mean {mean}, greatest {greatest}");
    assert_ne!(gaps, filled, "a filled value is not a target, an observed one is");
}
