//! Tests of a network over segments: its initial forecast, its training, and its independence of later values.

use std::f64::consts::TAU;

use crate::model::nn::batch::{Split, TrainingData, Window};
use crate::model::observer::{Control, Epoch, Observer, SilentObserver};
use crate::model::regression::DirectRidge;
use crate::model::regression::series_view::SeriesView;
use crate::model::segment::dataset::SegmentDataset;
use crate::model::segment::layout::Layout;
use crate::model::segment::network::SegmentNetwork;
use crate::model::segment::settings::{Base, SegmentSettings};

const HORIZON: usize = 12;
const KNOWN: usize = 264;

/// A season of twelve steps with two harmonics and no noise.
fn seasonal_values(count: usize) -> Vec<f64> {
    let at = |t: usize| TAU * (t % 12) as f64 / 12.0;
    (0..count).map(|t| 100.0 + 20.0 * at(t).sin() + 8.0 * (2.0 * at(t)).cos()).collect()
}

fn settings(updates: usize) -> SegmentSettings {
    SegmentSettings { hidden: 16, updates, learning_rate: 1e-2, weight_decay: 0.0, seed: 3 }
}

fn mean_absolute_error(predicted: &[f64], actual: &[f64]) -> f64 {
    predicted.iter().zip(actual).map(|(p, a)| (p - a).abs()).sum::<f64>() / actual.len() as f64
}

#[derive(Default)]
struct Losses(Vec<f64>);

impl Observer for Losses {
    fn epoch(&mut self, epoch: &Epoch) -> Control {
        self.0.push(epoch.training_loss);
        Control::Continue
    }
}

#[test]
fn training_starts_at_the_base_forecast_and_learns_a_season() {
    let values = seasonal_values(KNOWN + HORIZON);
    let observed = vec![true; values.len()];
    let view = SeriesView { values: &values, observed: &observed, seasons: &[12], ordinal: 0, exogenous: None };
    let forecast = |updates: usize, losses: &mut Losses| {
        let trained = SegmentNetwork::train(view, &Base::Level, KNOWN, HORIZON, &settings(updates), losses);
        let network = trained.expect("training converges").expect("enough values");
        network.predict(view, &Base::Level, KNOWN).expect("a forecast")
    };
    let level = values[KNOWN - 12..KNOWN].iter().sum::<f64>() / 12.0;
    let start = forecast(0, &mut Losses::default());
    assert!(start.iter().all(|v| (v - level).abs() < 1e-4), "the head starts at zero: {start:?}");
    let mut losses = Losses::default();
    let learned = forecast(150, &mut losses);
    let (own, base) = (mean_absolute_error(&learned, &values[KNOWN..]), mean_absolute_error(&start, &values[KNOWN..]));
    assert!(own < 0.2 * base, "{own} with the network, {base} without");
    assert!(losses.0.last() < losses.0.first().map(|first| 0.5 * first).as_ref(), "{:?}", losses.0);
    assert_eq!(learned, forecast(150, &mut Losses::default()), "a second training is the same");
}

#[test]
fn a_forecast_does_not_depend_on_values_after_its_cutoff() {
    let values = seasonal_values(KNOWN + HORIZON);
    let mut changed = values.clone();
    changed[KNOWN..].fill(-1e6);
    let observed = vec![true; values.len()];
    let forecast = |values: &[f64]| {
        let view = SeriesView { values, observed: &observed, seasons: &[12], ordinal: 0, exogenous: None };
        let base = Base::Direct(DirectRidge::fit(view, None, HORIZON, &[KNOWN]).remove(0).expect("enough rows"));
        let trained = SegmentNetwork::train(view, &base, KNOWN, HORIZON, &settings(20), &mut SilentObserver);
        let network = trained.expect("training converges").expect("enough values");
        network.predict(view, &base, KNOWN).expect("a forecast")
    };
    assert_eq!(forecast(&values), forecast(&changed));
}

#[test]
fn unobserved_values_have_no_loss() {
    let mut values = seasonal_values(KNOWN);
    let mut observed = vec![true; KNOWN];
    observed[200..212].fill(false);
    let loss_and_weight = |values: &[f64], observed: &[bool]| {
        let view = SeriesView { values, observed, seasons: &[], ordinal: 0, exogenous: None };
        let layout = Layout::new(&view, KNOWN, 4);
        let paths = vec![0.0; (KNOWN - layout.first()) * 4];
        let data = SegmentDataset { layout: &layout, view, known: KNOWN, first: layout.first(), paths, batches: 1 };
        let windows = [Window { sequence: 0, start: 196, length: 4, warm_up: 0 }];
        let batch = data.batch(&windows, 0..4, Split::Training);
        let loss = data.loss(&batch.targets.zeros_like(), &batch).double_value(&[]);
        (loss, batch.weights.sum(batch.weights.kind()).double_value(&[]))
    };
    // four steps of four values each from position 196 on, of which 200 to 211 are missing
    assert!((loss_and_weight(&values, &observed).1 - 4.0).abs() < 1e-6);
    let before = loss_and_weight(&values, &observed).0;
    values[203] = 1e9;
    // the unit of the layout changes with the value, but the loss is still a sum over the four observed values
    assert!(loss_and_weight(&values, &observed).0 <= before);
}

#[test]
fn too_few_values_train_no_network() {
    let values = seasonal_values(20);
    let observed = [true; 20];
    let view = SeriesView { values: &values, observed: &observed, seasons: &[12], ordinal: 0, exogenous: None };
    let trained = SegmentNetwork::train(view, &Base::Level, 20, HORIZON, &settings(10), &mut SilentObserver);
    assert!(trained.expect("no failure").is_none());
}
