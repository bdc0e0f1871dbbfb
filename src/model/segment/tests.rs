//! Tests of a network over segments: its initial forecast, its training, and its independence of later values.

use std::f64::consts::TAU;

use crate::model::nn::batch::{Split, TrainingData, Window};
use crate::model::observer::{Control, Epoch, Observer, SilentObserver};
use crate::model::regression::DirectRidge;
use crate::model::regression::series_view::SeriesView;
use crate::model::segment::layout::Layout;
use crate::model::segment::network::{Base, SegmentDataset, SegmentNetwork, SegmentSettings};

const HORIZON: usize = 12;
const KNOWN: usize = 264;
const OBSERVED: [bool; KNOWN + HORIZON] = [true; KNOWN + HORIZON];

/// A season of twelve steps with two harmonics and no noise.
fn seasonal_values(count: usize) -> Vec<f64> {
    let at = |t: usize| TAU * (t % 12) as f64 / 12.0;
    (0..count).map(|t| 100.0 + 20.0 * at(t).sin() + 8.0 * (2.0 * at(t)).cos()).collect()
}

fn view<'a>(values: &'a [f64], observed: &'a [bool], seasons: &'a [usize]) -> SeriesView<'a> {
    SeriesView { values, observed, seasons, ordinal: 0, exogenous: None }
}

/// The forecast after the first values; `None` if they are too few to train a network.
fn forecast(
    view: SeriesView<'_>,
    base: &Base,
    known: usize,
    updates: usize,
    observer: &mut dyn Observer,
) -> Option<Vec<f64>> {
    let settings = SegmentSettings { hidden: 16, updates, learning_rate: 1e-2, weight_decay: 0.0, seed: 3 };
    let mut network = SegmentNetwork::new(Layout::new(&view, known, HORIZON), settings.hidden, settings.seed);
    network
        .train(view, base, known, &settings, observer)
        .then(|| network.predict(view, base, known).expect("a forecast"))
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
    let after = |updates: usize, losses: &mut Losses| {
        forecast(view(&values, &OBSERVED, &[12]), &Base::Level, KNOWN, updates, losses).expect("enough values")
    };
    let level = values[KNOWN - 12..KNOWN].iter().sum::<f64>() / 12.0;
    let start = after(0, &mut Losses::default());
    assert!(start.iter().all(|v| (v - level).abs() < 1e-4), "the head starts at zero: {start:?}");
    let mut losses = Losses::default();
    let learned = after(150, &mut losses);
    let (own, base) = (mean_absolute_error(&learned, &values[KNOWN..]), mean_absolute_error(&start, &values[KNOWN..]));
    assert!(own < 0.2 * base, "{own} with the network, {base} without");
    assert!(losses.0.last() < losses.0.first().map(|first| 0.5 * first).as_ref(), "{:?}", losses.0);
    assert_eq!(learned, after(150, &mut Losses::default()), "a second training is the same");
}

#[test]
fn a_forecast_does_not_depend_on_values_after_its_cutoff() {
    let values = seasonal_values(KNOWN + HORIZON);
    let mut changed = values.clone();
    changed[KNOWN..].fill(-1e6);
    let forecast_of = |values: &[f64]| {
        let view = view(values, &OBSERVED, &[12]);
        let base = Base::Direct(DirectRidge::fit(view, None, HORIZON, &[KNOWN]).remove(0).expect("enough rows"));
        forecast(view, &base, KNOWN, 20, &mut SilentObserver).expect("enough values")
    };
    assert_eq!(forecast_of(&values), forecast_of(&changed));
}

#[test]
fn unobserved_values_have_no_loss() {
    let mut values = seasonal_values(KNOWN);
    let mut observed = OBSERVED;
    observed[200..212].fill(false);
    let loss_and_weight = |values: &[f64]| {
        let view = view(values, &observed, &[]);
        let layout = Layout::new(&view, KNOWN, 4);
        let data = SegmentDataset::new(&layout, view, &Base::Level, KNOWN, layout.first()..KNOWN, 1);
        let batch = data.batch(&[Window { sequence: 0, start: 196, length: 4, warm_up: 0 }], 0..4, Split::Training);
        let loss = data.loss(&batch.targets.zeros_like(), &batch).double_value(&[]);
        (loss, batch.weights.sum(batch.weights.kind()).double_value(&[]))
    };
    // four steps of four values each from position 196 on, of which 200 to 211 are missing
    let (loss, weight) = loss_and_weight(&values);
    assert!((weight - 4.0).abs() < 1e-6);
    values[203] = 1e9;
    // the unit of the layout changes with the value, but the loss is still a sum over the four observed values
    assert!(loss_and_weight(&values).0 <= loss);
}

#[test]
fn too_few_values_train_no_network() {
    let values = seasonal_values(20);
    let view = view(&values, &OBSERVED, &[12]);
    assert_eq!(forecast(view, &Base::Level, 20, 10, &mut SilentObserver), None);
}
