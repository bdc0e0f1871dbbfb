//! Recurrent forecasters on series whose future is known, and the guarantees of training.

use std::f64::consts::TAU;
use std::ops::Range;

use forecast::model::{Control, Epoch, Event, Forecaster, Model, Observer, SilentObserver, Task, load};
use forecast::nn::{
    Batch, CellKind, Clip, Kind, Network, NetworkShape, Readout, Recurrent, Split, Tensor, TrainingData,
    TrainingSettings, Window, no_grad, train,
};
use forecast::panel::Panel;
use forecast::rnn::{Head, Rnn};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

fn noise(seed: u64, size: f64, count: usize) -> Vec<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..count).map(|_| size * rng.sample::<f64, _>(StandardNormal)).collect()
}

fn mean_error(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum::<f64>() / a.len() as f64
}

/// Every cell with every head.
fn all_networks() -> impl Iterator<Item = Rnn> {
    let heads = [Head::Direct, Head::Recursive, Head::Decoder];
    heads.into_iter().flat_map(|head| CellKind::ALL.map(|cell| Rnn { head, ..Rnn::with_cell(cell) }))
}

/// Every cell with every head forecasts `signal`, which is observed with noise of standard deviation `sigma`. The mean
/// absolute error against the signal without noise is at most `tolerance`, and less than that of the naive forecast. The
/// tolerance of the recursive head is 1.5 times as large, because its errors are inputs of later steps.
fn forecasts_well(signal: impl Fn(f64) -> f64, season: usize, sigma: f64, tolerance: f64) {
    let (n, horizon) = (320, 16);
    let truth: Vec<f64> = (0..n + horizon).map(|t| signal(t as f64)).collect();
    let observed: Vec<f64> = truth[..n].iter().zip(noise(7, sigma, n)).map(|(y, e)| y + e).collect();
    let panel = Panel::from_values(&observed, season);
    for settings in all_networks() {
        let Rnn { cell, head, .. } = settings;
        let tolerance = if head == Head::Recursive { 1.5 * tolerance } else { tolerance };
        let fitted = settings.fit(&panel, &Task::new(horizon), &mut SilentObserver).unwrap();
        let forecasts = fitted.predict(&panel).unwrap();
        let error = mean_error(forecasts[0].median(), &truth[n..]);
        let naive = mean_error(&vec![observed[n - 1]; horizon], &truth[n..]);
        assert!(error <= tolerance, "{cell:?} {head:?}: error {error:.4}, tolerance {tolerance:.4}");
        assert!(error < naive, "{cell:?} {head:?}: error {error:.4}, naive {naive:.4}");
    }
}

fn sine(t: f64, period: f64) -> f64 {
    (TAU * t / period).sin()
}

#[test]
fn a_clean_sine_is_continued() {
    forecasts_well(|t| 10.0 * sine(t, 16.0), 16, 0.0, 0.05);
}

#[test]
fn a_clean_sine_of_unknown_period_is_continued() {
    forecasts_well(|t| 10.0 * sine(t, 16.0), 1, 0.0, 0.6);
}

#[test]
fn a_noisy_sine_is_forecast_with_an_error_below_its_noise() {
    forecasts_well(|t| 10.0 * sine(t, 16.0), 16, 1.0, 0.8);
}

#[test]
fn two_superposed_periods_are_continued() {
    forecasts_well(|t| 10.0 * sine(t, 12.0) + 5.0 * sine(t, 48.0), 48, 0.5, 0.6);
}

#[test]
fn a_sine_on_a_trend_is_continued() {
    forecasts_well(|t| 0.5 * t + 10.0 * sine(t, 16.0), 16, 1.0, 1.0);
}

#[test]
fn an_amplitude_that_grows_with_the_level_is_continued() {
    let growing = |t: f64| (0.01 * t).exp() * (20.0 + 8.0 * sine(t, 16.0));
    forecasts_well(growing, 16, 0.3, 0.02 * growing(336.0));
}

#[test]
fn a_straight_line_is_continued() {
    let line: Vec<f64> = (1..=100).map(f64::from).collect();
    let panel = Panel::from_values(&line, 1);
    for settings in all_networks() {
        let fitted = settings.fit(&panel, &Task::new(5), &mut SilentObserver).unwrap();
        let forecasts = fitted.predict(&panel).unwrap();
        let error = mean_error(forecasts[0].median(), &[101.0, 102.0, 103.0, 104.0, 105.0]);
        assert!(error < 0.05, "{settings:?}: {:?}", forecasts[0].median());
    }
}

#[test]
fn the_base_forecast_of_an_untrained_network_continues_a_line_and_a_season() {
    let line = |t: usize| 3.0 + 2.0 * t as f64;
    let wave = |t: usize| [5.0, 1.0, -2.0, 4.0][t % 4];
    for (value, season) in [(&line as &dyn Fn(usize) -> f64, 1), (&wave, 4)] {
        let panel = Panel::from_values(&(0..48).map(value).collect::<Vec<_>>(), season);
        let forecast = Rnn::default().untrained(&panel, &Task::new(8)).unwrap().predict(&panel).unwrap().remove(0);
        let error = mean_error(forecast.median(), &(48..56).map(value).collect::<Vec<_>>());
        assert!(error < 1e-6, "{:?}", forecast.median());
    }
}

#[test]
fn a_constant_series_has_a_constant_forecast() {
    let panel = Panel::from_values(&[42.0; 60], 7);
    let fitted = Rnn::default().fit(&panel, &Task::new(7), &mut SilentObserver).unwrap();
    for quantile in fitted.predict(&panel).unwrap()[0].quantiles() {
        assert!(quantile.values.iter().all(|v| (v - 42.0).abs() < 1e-3), "{quantile:?}");
    }
}

fn example() -> Panel {
    let values: Vec<f64> =
        noise(3, 1.0, 150).iter().enumerate().map(|(t, e)| 50.0 + 10.0 * sine(t as f64, 7.0) + e).collect();
    Panel::from_values(&values, 7)
}

#[test]
fn a_rerun_gives_the_same_forecast_and_another_seed_another() {
    let panel = example();
    let run = |seed: u64| {
        let task = Task { seed, ..Task::new(7) };
        Rnn::default().fit(&panel, &task, &mut SilentObserver).unwrap().predict(&panel).unwrap()
    };
    assert_eq!(run(0), run(0));
    assert_ne!(run(0), run(1));
}

#[test]
fn a_loaded_network_gives_the_same_forecast() {
    let panel = example();
    for settings in all_networks() {
        let settings = Rnn { layers: 2, dropout: 0.1, epochs: Some(3), ..settings };
        let fitted = settings.fit(&panel, &Task::new(7), &mut SilentObserver).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fitted.forecaster.save(folder.path()).unwrap();
        assert_eq!(load(folder.path()).unwrap().predict(&panel).unwrap(), fitted.predict(&panel).unwrap());
    }
}

#[test]
fn the_error_for_a_damaged_model_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let fitted = Rnn { epochs: Some(1), ..Rnn::default() }.fit(&example(), &Task::new(7), &mut SilentObserver).unwrap();
    fitted.forecaster.save(folder.path()).unwrap();
    let weights = folder.path().join("weights.safetensors");
    let whole = std::fs::read(&weights).unwrap();
    std::fs::write(&weights, &whole[..whole.len() / 2]).unwrap();
    let error = load(folder.path()).unwrap_err();
    assert!(
        error.to_string().contains("weights.safetensors") && matches!(error, forecast::Error::UnusableModel { .. }),
        "{error}"
    );
    for kept in [0, 4, 8, 60, whole.len() - 1] {
        std::fs::write(&weights, &whole[..kept]).unwrap();
        assert!(load(folder.path()).unwrap_err().to_string().contains("weights.safetensors"), "{kept} bytes");
    }
    let settings = folder.path().join("settings.json");
    let text = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(&settings, text.replace("\"hidden\": 40", "\"hidden\": 41")).unwrap();
    std::fs::write(&weights, whole).unwrap();
    assert!(load(folder.path()).unwrap_err().to_string().contains("weights.safetensors"));
    // a newer layout need not have the fields of this one
    std::fs::write(&settings, r#"{"model": "lstm", "format_version": 99, "wings": 2}"#).unwrap();
    let newer = load(folder.path()).unwrap_err().to_string();
    assert!(newer.contains("saved in format 99, and this version reads format 1"), "{newer}");
    std::fs::write(&settings, &text[..text.len() / 2]).unwrap();
    assert!(load(folder.path()).unwrap_err().to_string().contains("settings.json"));
}

#[test]
fn values_after_a_cutoff_change_no_forecast_made_at_it() {
    let panel = example();
    let values: Vec<f64> = panel.iter().next().unwrap().values.to_vec();
    let mut changed = values.clone();
    changed[143..].iter_mut().for_each(|v| *v = -1000.0);
    let forecast_at_cutoff = |values: &[f64]| {
        let before = Panel::from_values(values, 7).without_last(7, 1).unwrap();
        let settings = Rnn { epochs: Some(5), ..Rnn::default() };
        settings.fit(&before, &Task::new(7), &mut SilentObserver).unwrap().predict(&before).unwrap()
    };
    assert_eq!(forecast_at_cutoff(&values), forecast_at_cutoff(&changed));
}

#[test]
fn the_error_for_a_short_series_states_the_length_that_is_needed() {
    let error =
        Rnn::default().fit(&Panel::from_values(&[1.0, 2.0, 3.0], 1), &Task::new(7), &mut SilentObserver).unwrap_err();
    assert_eq!(error.to_string(), "lstm needs at least 26 values to forecast 7 steps, the longest series has 3");
}

/// A leaky sum of noise, `y_t = 0.9 y_{t-1} + x_t`. At the beginning of a chunk the target depends on the carried
/// state.
struct LeakySum {
    x: Vec<f32>,
    y: Vec<f32>,
    /// The number of the loss that is NaN.
    nan_loss: Option<usize>,
    losses: std::cell::Cell<usize>,
}

impl LeakySum {
    const SEQUENCES: usize = 8;
    const LENGTH: usize = 64;

    fn new(seed: u64) -> Self {
        let x: Vec<f32> = noise(seed, 1.0, Self::SEQUENCES * Self::LENGTH).iter().map(|v| *v as f32).collect();
        let mut y = vec![0.0; x.len()];
        for t in 0..x.len() {
            y[t] = x[t] + if t % Self::LENGTH == 0 { 0.0 } else { 0.9 * y[t - 1] };
        }
        Self { x, y, nan_loss: None, losses: std::cell::Cell::new(0) }
    }

    fn windows() -> Vec<Window> {
        (0..Self::SEQUENCES).map(|sequence| Window { sequence, start: 0, length: Self::LENGTH, warm_up: 0 }).collect()
    }

    fn tensor(numbers: &[f32], windows: &[Window], steps: Range<usize>) -> Tensor {
        let at = |step: usize, window: &Window| numbers[window.sequence * Self::LENGTH + step];
        let numbers: Vec<f32> = steps.clone().flat_map(|step| windows.iter().map(move |w| at(step, w))).collect();
        Tensor::from_slice(&numbers).view([steps.len() as i64, windows.len() as i64, 1]) // [time, batch, 1]
    }
}

impl TrainingData for LeakySum {
    fn training_windows(&self, _: &mut ChaCha8Rng) -> Vec<Vec<Window>> {
        vec![Self::windows()]
    }

    fn batch(&self, windows: &[Window], steps: Range<usize>, _: Split) -> Batch {
        let inputs = Self::tensor(&self.x, windows, steps.clone()).into();
        let targets = Self::tensor(&self.y, windows, steps);
        Batch { inputs, weights: targets.ones_like(), targets, context: None }
    }

    fn loss(&self, outputs: &Tensor, batch: &Batch) -> Tensor {
        self.losses.set(self.losses.get() + 1);
        let loss = (outputs - &batch.targets).square().sum(Kind::Float);
        if self.nan_loss == Some(self.losses.get()) { loss * f64::NAN } else { loss }
    }
}

fn small(cell: CellKind) -> Network {
    let readout = Readout::Linear;
    let shape = NetworkShape { cell, inputs: 1, hidden: 8, layers: 1, outputs: 1, dropout: 0.0, readout };
    Network::new(shape, &mut ChaCha8Rng::seed_from_u64(1))
}

fn training() -> TrainingSettings {
    TrainingSettings { chunk: 4, reach: 4, patience: 1000, ..TrainingSettings::full_bptt(60, 0.02) }
}

/// The mean squared error of the network on new sequences, without truncation.
fn test_error(network: &Network) -> f64 {
    let (data, windows) = (LeakySum::new(99), LeakySum::windows());
    let start = network.start(windows.len() as i64);
    let batch = data.batch(&windows, 0..LeakySum::LENGTH, Split::Validation);
    let (outputs, _) = no_grad(|| network.forward(&batch.inputs, &start, None));
    data.loss(&outputs, &batch).double_value(&[]) / (LeakySum::LENGTH * windows.len()) as f64
}

#[test]
fn a_carried_state_learns_what_a_reset_state_cannot() {
    for cell in CellKind::ALL {
        let error = |carry: bool| {
            let mut network = small(cell);
            train(&mut network, &LeakySum::new(1), &TrainingSettings { carry, ..training() }, &mut SilentObserver)
                .unwrap();
            test_error(&network)
        };
        let (carried, reset) = (error(true), error(false));
        assert!(carried < 0.6 * reset, "{cell:?}: carried {carried:.3}, reset {reset:.3}");
    }
}

#[test]
fn gradients_that_reach_beyond_a_chunk_learn_more() {
    let error = |reach: usize| {
        let mut network = small(CellKind::Gru);
        train(&mut network, &LeakySum::new(1), &TrainingSettings { reach, ..training() }, &mut SilentObserver).unwrap();
        test_error(&network)
    };
    let (chunk, far) = (error(4), error(16));
    assert!(far < 0.5 * chunk, "reach 4: {chunk:.3}, 16: {far:.3}");
}

#[derive(Default)]
struct Recorder {
    epochs: Vec<Epoch>,
    events: Vec<Event>,
    stop_after: Option<usize>,
}

impl Observer for Recorder {
    fn epoch(&mut self, epoch: &Epoch) -> Control {
        self.epochs.push(*epoch);
        if self.stop_after == Some(epoch.number) { Control::Stop } else { Control::Continue }
    }

    fn event(&mut self, event: &Event) {
        self.events.push(event.clone());
    }
}

#[test]
fn an_update_that_is_not_finite_is_undone_and_reported() {
    let data = LeakySum { nan_loss: Some(20), ..LeakySum::new(1) };
    let (mut network, mut recorder) = (small(CellKind::Lstm), Recorder::default());
    train(&mut network, &data, &training(), &mut recorder).unwrap();
    assert!(matches!(recorder.events[..], [Event::StepUndone { epoch: 2, .. }]), "{:?}", recorder.events);
    assert_eq!(recorder.epochs.len(), 60);
    assert!(test_error(&network).is_finite());
}

#[test]
fn the_share_of_clipped_updates_follows_the_limit() {
    let run = |clip: Clip| {
        let (mut network, mut recorder) = (small(CellKind::Lstm), Recorder::default());
        train(&mut network, &LeakySum::new(1), &TrainingSettings { clip, epochs: 2, ..training() }, &mut recorder)
            .unwrap();
        recorder.epochs[0].clipped
    };
    assert!(run(Clip::Norm(1e-6)) > 0.99 && run(Clip::Value(1e-6)) > 0.99);
    assert!(run(Clip::Norm(1e6)) < 0.01 && run(Clip::Off) < 0.01);
}

#[test]
fn training_stops_when_the_observer_asks_for_it() {
    let mut recorder = Recorder { stop_after: Some(3), ..Recorder::default() };
    train(&mut small(CellKind::Rnn), &LeakySum::new(1), &training(), &mut recorder).unwrap();
    assert_eq!(recorder.epochs.len(), 3);
}

#[test]
fn gradients_of_a_chunk_agree_with_finite_differences() {
    for cell in CellKind::ALL {
        let readout = Readout::Linear;
        let shape = NetworkShape { cell, inputs: 3, hidden: 4, layers: 2, outputs: 2, dropout: 0.0, readout };
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let mut network = Network::new(shape, &mut rng);
        network.store_mut().double();
        let mut random = |shape: &[i64]| {
            let numbers: Vec<f64> = (0..shape.iter().product::<i64>()).map(|_| rng.random_range(-1.0..1.0)).collect();
            Tensor::from_slice(&numbers).view(shape)
        };
        no_grad(|| network.head()[0].shallow_clone().copy_(&random(&[2, 4])));
        let (before, inputs, targets) = (random(&[3, 2, 3]), random(&[5, 2, 3]), random(&[5, 2, 2]));
        // the state after an earlier chunk, so that the gradient depends on a carried state
        let state = no_grad(|| network.forward(&before.into(), &network.start(2), None).1);
        let loss =
            || (network.forward(&inputs.shallow_clone().into(), &state, None).0 - &targets).square().sum(Kind::Double);
        loss().backward();
        for variable in network.store().trainable_variables() {
            let gradient = variable.grad().view([-1]);
            let flat = variable.detach().view([-1]);
            for i in 0..flat.size()[0] {
                let shifted = |by: f64| {
                    no_grad(|| {
                        let _ = flat.get(i).g_add_scalar_(by);
                        let loss = loss().double_value(&[]);
                        let _ = flat.get(i).g_add_scalar_(-by);
                        loss
                    })
                };
                let numeric = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
                let exact = gradient.double_value(&[i]);
                assert!((numeric - exact).abs() < 1e-6 * (1.0 + exact.abs()), "{cell:?}: {numeric} instead of {exact}");
            }
        }
    }
}
