//! A network over segments: where it starts, what it learns, and that nothing from after a cutoff reaches it.

use std::f64::consts::TAU;

use super::*;
use crate::model::observer::SilentObserver;
use crate::model::observer::{Control, Epoch};

const HORIZON: usize = 12;
const KNOWN: usize = 264;

/// A season of twelve steps with two harmonics and no noise.
fn wave(count: usize) -> Vec<f64> {
    let at = |t: usize| TAU * (t % 12) as f64 / 12.0;
    (0..count).map(|t| 100.0 + 20.0 * at(t).sin() + 8.0 * (2.0 * at(t)).cos()).collect()
}

fn settings(updates: usize) -> SegmentSettings {
    SegmentSettings { hidden: 16, updates, learning_rate: 1e-2, weight_decay: 0.0, seed: 3 }
}

fn error(said: &[f64], was: &[f64]) -> f64 {
    said.iter().zip(was).map(|(said, was)| (said - was).abs()).sum::<f64>() / was.len() as f64
}

/// The loss of each epoch.
#[derive(Default)]
struct Losses(Vec<f64>);

impl Observer for Losses {
    fn epoch(&mut self, epoch: &Epoch) -> Control {
        self.0.push(epoch.training_loss);
        Control::Continue
    }
}

#[test]
fn it_starts_at_its_base_and_learns_a_season_better() {
    let values = wave(KNOWN + HORIZON);
    let observed = vec![true; values.len()];
    let view = SeriesView { values: &values, observed: &observed, seasons: &[12], ordinal: 0, exogenous: None };
    let trained = |updates: usize, losses: &mut Losses| {
        let trained = SegmentNetwork::train(view, &Base::Level, KNOWN, HORIZON, &settings(updates), losses);
        trained.expect("it converges").expect("enough values").path(view, &Base::Level, KNOWN).expect("a path")
    };
    let level = values[KNOWN - 12..KNOWN].iter().sum::<f64>() / 12.0;
    let start = trained(0, &mut Losses::default());
    assert!(start.iter().all(|v| (v - level).abs() < 1e-4), "the head starts at zero: {start:?}");
    let mut losses = Losses::default();
    let learned = trained(150, &mut losses);
    let (own, base) = (error(&learned, &values[KNOWN..]), error(&start, &values[KNOWN..]));
    assert!(own < 0.2 * base, "{own} against {base}");
    assert!(losses.0.last() < losses.0.first().map(|first| 0.5 * first).as_ref(), "{:?}", losses.0);
    assert_eq!(learned, trained(150, &mut Losses::default()), "a second training is the same");
}

#[test]
fn nothing_after_a_cutoff_reaches_it() {
    let values = wave(KNOWN + HORIZON);
    let mut changed = values.clone();
    changed[KNOWN..].fill(-1e6);
    let observed = vec![true; values.len()];
    let said = |values: &[f64]| {
        let view = SeriesView { values, observed: &observed, seasons: &[12], ordinal: 0, exogenous: None };
        let base = Base::Direct(DirectRidge::fit(view, None, HORIZON, &[KNOWN]).remove(0).expect("rows enough"));
        let trained = SegmentNetwork::train(view, &base, KNOWN, HORIZON, &settings(20), &mut SilentObserver);
        trained.expect("it converges").expect("enough values").path(view, &base, KNOWN).expect("a path")
    };
    assert_eq!(said(&values), said(&changed));
}

#[test]
fn what_was_not_observed_bears_no_loss() {
    let mut values = wave(KNOWN);
    let mut observed = vec![true; KNOWN];
    observed[200..212].fill(false);
    let trained = |values: &[f64], observed: &[bool]| {
        let view = SeriesView { values, observed, seasons: &[], ordinal: 0, exogenous: None };
        let layout = Layout::new(&view, KNOWN, 4);
        let paths = vec![0.0; (KNOWN - layout.first()) * 4];
        let data = Crops { layout: &layout, view, known: KNOWN, first: layout.first(), paths, walks: 1 };
        let walk = vec![Window { sequence: 0, start: 196, length: 4, warm_up: 0 }];
        let targets = data.targets(&walk, 0..4, false);
        (
            data.loss(&targets.values.zeros_like(), &targets).double_value(&[]),
            targets.mask.sum(Kind::Float).double_value(&[]),
        )
    };
    // four steps of four values each from position 196 on, of which 200 to 211 are missing
    assert!((trained(&values, &observed).1 - 4.0).abs() < 1e-6);
    let before = trained(&values, &observed).0;
    values[203] = 1e9;
    // the unit of the layout changes with the value, the loss stays a sum over the four that were seen
    assert!(trained(&values, &observed).0 <= before);
}

#[test]
fn too_few_values_train_no_network() {
    let values = wave(20);
    let observed = [true; 20];
    let view = SeriesView { values: &values, observed: &observed, seasons: &[12], ordinal: 0, exogenous: None };
    let trained = SegmentNetwork::train(view, &Base::Level, 20, HORIZON, &settings(10), &mut SilentObserver);
    assert!(trained.expect("no failure").is_none());
}
