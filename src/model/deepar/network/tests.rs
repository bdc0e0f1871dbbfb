//! Likelihoods compared with published implementations, and sampling compared with training.

use rand::SeedableRng;

use super::*;
use crate::model::deepar::inputs::{PastValues, WindowInputs};
use crate::panel::Panel;

fn one(x: f64) -> Tensor {
    Tensor::from_slice(&[x])
}

/// scipy.stats.t.logpdf(x, df, loc, scale).
#[test]
fn the_log_density_of_students_t_agrees_with_scipy() {
    for (x, location, scale, freedom, expected) in [
        (0.0, 0.0, 1.0, 3.0, -1.000_888_849_624),
        (2.5, 1.0, 0.5, 4.5, -3.302_097_302_568),
        (-40.0, 2.0, 3.0, 2.1, -9.180_492_620_011),
    ] {
        let found = student_t(&one(x), &[one(location), one(scale), one(freedom)]).double_value(&[0]);
        assert!((found - expected).abs() < 1e-9, "{found} instead of {expected}");
    }
}

/// scipy.stats.nbinom.logpmf(y, 1 / dispersion, 1 / (1 + dispersion * mean)).
#[test]
fn the_log_probability_of_the_negative_binomial_agrees_with_scipy() {
    for (y, mean, dispersion, expected) in [
        (0.0, 0.3, 0.5, -0.279_523_884_750),
        (7.0, 4.0, 0.25, -2.837_127_243_377),
        (120.0, 90.0, 0.01, -5.977_146_442_553),
    ] {
        let found = negative_binomial(&one(y), &[one(mean), one(mean), one(dispersion)]).double_value(&[0]);
        assert!((found - expected).abs() < 1e-8, "{found} instead of {expected}");
    }
}

/// The probabilities add up to one and have the mean and the variance of the parameters.
#[test]
fn the_negative_binomial_has_its_mean_and_variance() {
    let (mean, dispersion) = (3.0, 0.4);
    let y = Tensor::arange(400, (Kind::Double, Device::Cpu));
    let mass = negative_binomial(&y, &[one(mean), one(mean), one(dispersion)]).exp();
    let moment = |of: Tensor| (of * &mass).sum(Kind::Double).double_value(&[]);
    assert!((moment(y.ones_like()) - 1.0).abs() < 1e-9);
    assert!((moment(y.shallow_clone()) - mean).abs() < 1e-9);
    assert!((moment((&y - mean).square()) - (mean + dispersion * mean * mean)).abs() < 1e-8);
}

#[test]
fn sampling_step_by_step_agrees_with_training_on_all_steps_at_once() {
    let panel = Panel::from_values(&[3.0, 5.0, 4.0, 8.0, 6.0], 1);
    let series = panel.iter().next().expect("a panel has a series");
    let config = InputConfig::of(&panel, Distribution::StudentT, Vec::new(), 1);
    let settings = DeepAr { hidden: 5, layers: 2, dropout: 0.5, ..DeepAr::default() };
    let feature = StaticFeature { column: "shop".into(), values: vec!["a".into(), "b".into()] };
    let network = DeepArNetwork::new(&settings, &config, &[feature], &mut ChaCha8Rng::seed_from_u64(5));
    let weights = Tensor::linspace(-1.0, 1.0, 30, (Kind::Float, Device::Cpu)).view([6, 5]);
    tensor::no_grad(|| network.network.head()[0].shallow_clone().copy_(&weights));
    let inputs = |steps: Range<usize>, batch: usize| {
        let mut inputs = StepInputs::zeros(&config, 1, steps.len(), batch);
        let of_window = WindowInputs::new(&series, &[2], config.scale(series.values));
        for (t, b) in steps.clone().flat_map(|t| (0..batch).map(move |b| (t, b))) {
            let past = PastValues { history: &series.values[..=t], sampled: &[] };
            inputs.write((t - steps.start, b), &of_window, &past);
        }
        inputs
    };
    let whole = inputs(0..4, 1);
    let (outputs, _) = network.forward(&tensor_of(&whole.features, &(0..4)).into(), &network.start(1), None);
    let all = distribution(config.distribution, &outputs, &tensor_of(&whole.context, &(0..4)));
    let mut state = network.state_after(&inputs(0..3, 1), 3, 1, 2);
    for parameters in network.next(&mut state, &inputs(3..4, 2)) {
        for part in 0..3 {
            assert!((parameters[part] - all[part].double_value(&[3, 0])).abs() < 1e-5);
        }
    }
}
