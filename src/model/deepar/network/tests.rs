//! Likelihoods compared with published implementations, and sampling compared with training.

use rand::SeedableRng;

use super::*;

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
    let categories = vec![3];
    let family = Distribution::StudentT;
    let config =
        DeepArConfig { inputs: 2, references: 2, categories, hidden: 5, layers: 2, dropout: 0.5, distribution: family };
    let network = DeepArNetwork::new(config.clone(), &mut ChaCha8Rng::seed_from_u64(5));
    let weights = Tensor::linspace(-1.0, 1.0, 25, (Kind::Float, Device::Cpu)).view([5, 5]);
    crate::model::nn::tensor::no_grad(|| network.network.head()[0].shallow_clone().copy_(&weights));
    let input = |t: usize| StepInput { features: vec![t as f32, 1.0, 2.0], references: vec![0.5, t as f32], unit: 2.0 };
    let sequence = |steps: Range<usize>| {
        let mut sequence = SequenceBatch::zeros(steps.len(), 1, &config);
        steps.clone().for_each(|t| sequence.set((t - steps.start, 0), &input(t), (0.0, 1.0)));
        sequence
    };
    let whole = sequence(0..4);
    let inputs = Inputs::from(whole.tensor(&whole.features, &(0..4)));
    let (outputs, _) = network.forward(&inputs, &network.start(1), None);
    let all = distribution(family, &outputs, &whole.tensor(&whole.context, &(0..4)));
    let mut state = network.after(&sequence(0..3)).repeated(2);
    let mut twice = SequenceBatch::zeros(1, 2, &config);
    (0..2).for_each(|row| twice.set((0, row), &input(3), (0.0, 0.0)));
    for parameters in network.next(&mut state, &twice) {
        for part in 0..3 {
            assert!((parameters[part] - all[part].double_value(&[3, 0])).abs() < 1e-5);
        }
    }
}
