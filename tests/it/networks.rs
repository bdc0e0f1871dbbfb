//! Networks without a forecaster: formulas compared with the kernels of libtorch, gradients compared with finite
//! differences, and the effect of truncation.

use forecast::model::{Forecaster, SilentObserver, Task};
use forecast::nn::{
    CellKind, DecoderShape, Examples, Feedback, FutureInputs, Inputs, Kind, Loss, Mapping, Network, NetworkShape,
    Readout, Recurrent, State, Tensor, TrainingSettings, no_grad, train,
};
use forecast::panel::{Columns, Panel, Series};
use forecast::rnn::{Head, Rnn};
use forecast::time::{Frequency, Timestamp};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn random(rng: &mut ChaCha8Rng, shape: &[i64]) -> Tensor {
    let numbers: Vec<f64> = (0..shape.iter().product::<i64>()).map(|_| rng.random_range(-1.0..1.0)).collect();
    Tensor::from_slice(&numbers).view(shape)
}

fn linear(cell: CellKind, inputs: usize, hidden: usize, outputs: usize) -> NetworkShape {
    NetworkShape { cell, inputs, hidden, layers: 1, outputs, dropout: 0.0, readout: Readout::Linear }
}

/// A network that is computed from its formulas, with a random head.
fn formulas(kind: CellKind, inputs: usize, hidden: usize, outputs: usize, rng: &mut ChaCha8Rng) -> Network {
    let network = Network::unrolled(linear(kind, inputs, hidden, outputs), rng);
    let head = random(rng, &[outputs as i64, hidden as i64]) / (hidden as f64).sqrt();
    no_grad(|| network.head()[0].shallow_clone().copy_(&head));
    network
}

/// The largest absolute difference of two tensors, relative to the largest absolute value of both.
fn difference(a: &Tensor, b: &Tensor) -> f64 {
    let largest = a.abs().max().maximum(&b.abs().max()).double_value(&[]).max(1.0);
    (a - b).abs().max().double_value(&[]) / largest
}

#[test]
fn formulas_and_kernels_have_the_same_outputs_and_gradients() {
    for kind in CellKind::ALL {
        let rng = &mut ChaCha8Rng::seed_from_u64(3);
        let formula = formulas(kind, 5, 7, 2, rng);
        let mut fused = Network::new(linear(kind, 5, 7, 2), rng);
        fused.store_mut().copy(formula.store()).unwrap();
        let float = |t: Tensor| t.to_kind(Kind::Float);
        // a batch of 3, twelve steps, and a state that is not zero
        let (earlier, x) = (float(random(rng, &[4, 3, 5])), float(random(rng, &[12, 3, 5])));
        let weights = float(random(rng, &[12, 3, 2]));
        let run = |network: &dyn Recurrent| {
            let start = network.forward(&earlier.shallow_clone().into(), &network.start(3), None).1;
            let (outputs, last) = network.forward(&x.shallow_clone().into(), &State::detached(&start), None);
            (&outputs * &weights).sum(Kind::Float).backward();
            (outputs, last)
        };
        let ((outputs, last), (fused_outputs, fused_last)) = (run(&formula), run(&fused));
        assert_eq!((outputs.size(), last[0].hidden.size()), (vec![12, 3, 2], vec![3, 7]));
        assert!(difference(&outputs, &fused_outputs) < 1e-5, "{kind:?}: outputs");
        assert!(difference(&last[0].hidden, &fused_last[0].hidden) < 1e-5, "{kind:?}: last state");
        for (name, variable) in formula.store().variables() {
            let gradient = fused.store().variables()[&name].grad();
            assert!(gradient.abs().max().double_value(&[]) > 1e-3, "{kind:?}: the gradient of {name} is not zero");
            assert!(difference(&variable.grad(), &gradient) < 1e-5, "{kind:?}: gradient of {name}");
        }
    }
}

#[test]
fn formulas_and_kernels_are_trained_to_the_same_weights() {
    for kind in CellKind::ALL {
        let mut formula = formulas(kind, 1, 6, 1, &mut ChaCha8Rng::seed_from_u64(3));
        let mut fused = Network::new(linear(kind, 1, 6, 1), &mut ChaCha8Rng::seed_from_u64(3));
        fused.store_mut().copy(formula.store()).unwrap();
        let data = delayed_signs(2, 24, 1);
        let settings = TrainingSettings { chunk: 8, reach: 12, ..TrainingSettings::full_bptt(3, 0.01) };
        train(&mut formula, &data, &settings, &mut SilentObserver).unwrap();
        train(&mut fused, &data, &settings, &mut SilentObserver).unwrap();
        for (name, variable) in formula.store().variables() {
            assert!(difference(&variable, &fused.store().variables()[&name]) < 1e-4, "{kind:?}: {name}");
        }
    }
}

/// Compares every component of the gradient of `loss` with a central difference, in double precision.
fn assert_gradient_agrees(network: &impl Recurrent, loss: impl Fn() -> Tensor, what: &str) {
    loss().backward();
    let shifted_loss = |weight: &mut Tensor, by: f64| {
        no_grad(|| {
            let _ = weight.g_add_scalar_(by);
            let loss = loss().double_value(&[]);
            let _ = weight.g_add_scalar_(-by);
            loss
        })
    };
    for (name, variable) in network.store().variables() {
        let (gradient, weights) = (variable.grad().view([-1]), variable.detach().view([-1]));
        for i in 0..weights.size()[0] {
            let weight = &mut weights.get(i);
            let numeric = (shifted_loss(weight, 1e-5) - shifted_loss(weight, -1e-5)) / 2e-5;
            let exact = gradient.double_value(&[i]);
            assert!(
                (numeric - exact).abs() < 1e-6 * (1.0 + exact.abs()),
                "{what}, {name}: {numeric} instead of {exact}"
            );
        }
    }
}

#[test]
fn gradients_of_formulas_agree_with_finite_differences() {
    for kind in CellKind::ALL {
        let rng = &mut ChaCha8Rng::seed_from_u64(5);
        let mut network = formulas(kind, 3, 4, 2, rng);
        network.store_mut().double();
        let (x, y) = (Inputs::from(random(rng, &[6, 2, 3])), random(rng, &[6, 2, 2]));
        let loss = || (network.forward(&x, &network.start(2), None).0 - &y).square().sum(Kind::Double);
        assert_gradient_agrees(&network, loss, kind.name());
    }
}

#[test]
fn gradients_of_a_decoder_agree_with_finite_differences() {
    for kind in CellKind::ALL {
        let rng = &mut ChaCha8Rng::seed_from_u64(5);
        let decoder = DecoderShape { steps: 3, known: 2, feedback: Feedback::Output(1) };
        let shape = NetworkShape { readout: Readout::Decoder(decoder), ..linear(kind, 3, 4, 2) };
        let mut network = Network::new(shape, rng);
        network.store_mut().double();
        no_grad(|| network.head()[0].shallow_clone().copy_(&random(rng, &[2, 4])));
        let future = FutureInputs { known: random(rng, &[2, 2, 3, 2]), teacher: Some(random(rng, &[2, 2, 3, 1])) };
        // outputs at the second and the last of five steps
        let inputs = Inputs { features: random(rng, &[5, 2, 3]), output_steps: Some(vec![1, 4]), future: Some(future) };
        let y = random(rng, &[2, 2, 3, 2]);
        for teacher_forcing in [true, false] {
            let loss = || {
                let mut rng = ChaCha8Rng::seed_from_u64(0);
                let (outputs, _) = network.forward(&inputs, &network.start(2), teacher_forcing.then_some(&mut rng));
                (outputs - &y).square().sum(Kind::Double)
            };
            network.store().trainable_variables().iter_mut().for_each(Tensor::zero_grad);
            assert_gradient_agrees(&network, loss, &format!("{}, teacher forcing: {teacher_forcing}", kind.name()));
        }
    }
}

#[test]
fn training_starts_from_the_weights_of_the_network() {
    for kind in CellKind::ALL {
        let data = delayed_signs(2, 24, 1);
        let new = || Network::new(linear(kind, 1, 6, 1), &mut ChaCha8Rng::seed_from_u64(3));
        let settings = TrainingSettings::full_bptt(20, 0.02);
        let mut trained = new();
        train(&mut trained, &data, &settings, &mut SilentObserver).unwrap();
        // no epoch: the weights are the given ones
        let mut copy = new();
        copy.store_mut().copy(trained.store()).unwrap();
        train(&mut copy, &data, &TrainingSettings { epochs: 0, ..settings.clone() }, &mut SilentObserver).unwrap();
        assert!(difference(&data.predictions(&copy), &data.predictions(&trained)) <= 0.0, "{kind:?}");
        // more epochs improve on them
        train(&mut copy, &data, &settings, &mut SilentObserver).unwrap();
        let (before, after) = (data.mean_squared_error(&trained), data.mean_squared_error(&copy));
        assert!(after < before, "{kind:?}: {before} before, {after} after");
    }
}

#[test]
fn a_forecaster_can_be_trained_from_given_weights() {
    let panel = wave();
    let (task, settings) = (Task::new(7), Rnn { hidden: 8, epochs: Some(3), ..Rnn::default() });
    let given = settings.fit_network(&panel, &task, None, &mut SilentObserver).unwrap();
    let fit_from = |epochs: usize, task: &Task| {
        let settings = Rnn { epochs: Some(epochs), ..settings.clone() };
        settings.fit_network(&panel, task, Some(given.network()), &mut SilentObserver)
    };
    let unchanged = fit_from(0, &task).unwrap();
    assert_eq!(unchanged.predict(&panel).unwrap(), given.predict(&panel).unwrap());
    let trained = fit_from(3, &task).unwrap();
    assert_ne!(trained.predict(&panel).unwrap(), given.predict(&panel).unwrap());
    let error = fit_from(0, &Task::new(8)).unwrap_err().to_string();
    assert!(error.contains("shape"), "a network for another horizon: {error}");
}

/// Random signs [64, length, 1] whose targets are the signs `delay` steps earlier, and 0 before them.
fn delayed_signs(delay: i64, length: i64, seed: u64) -> Examples {
    let rng = &mut ChaCha8Rng::seed_from_u64(seed);
    let signs: Vec<f32> = (0..64 * length).map(|_| if rng.random() { 1.0 } else { -1.0 }).collect();
    let x = Tensor::from_slice(&signs).view([64, length, 1]);
    let y = Tensor::cat(&[x.narrow(1, 0, delay).zeros_like(), x.narrow(1, 0, length - delay)], 1);
    Examples::new(Mapping::ManyToMany, Loss::SquaredError, x, y)
}

/// The target is the input four steps earlier, but chunks have three steps.
///
/// Full BPTT learns it. The same chunks learn it too if gradients reach beyond them: chunk and reach are two settings.
/// If the state is reset in each chunk, the input is lost before its target. No network is then better than a constant. A
/// carried state still depends on the input. But no gradient connects a target with its input, so that the cell is not
/// trained to keep the input. The head can use only the part of the input that an untrained state keeps by chance. The
/// error is then between those of a constant and of a trained state. (A carried state is enough if the input reduces the
/// loss within its own chunk: see `a_carried_state_learns_what_a_reset_state_cannot`.)
#[test]
fn truncation_shorter_than_the_delay_prevents_learning() {
    for kind in CellKind::ALL {
        // relative to the error of the best constant
        let error = |chunk: usize, reach: usize, carry: bool| {
            let mut network = Network::new(linear(kind, 1, 16, 1), &mut ChaCha8Rng::seed_from_u64(2));
            let epochs = 800 / 16_usize.div_ceil(chunk); // the same number of updates for each
            let settings = TrainingSettings { chunk, reach, carry, ..TrainingSettings::full_bptt(epochs, 0.02) };
            train(&mut network, &delayed_signs(4, 16, 1), &settings, &mut SilentObserver).unwrap();
            delayed_signs(4, 16, 9).mean_squared_error(&network) / 0.75
        };
        let full = error(usize::MAX, usize::MAX, true);
        let (far, carried, reset) = (error(3, 12, true), error(3, 3, true), error(3, 3, false));
        assert!(full < 0.01 && far < 0.01, "{kind:?}: full {full:.3}, chunks with a far reach {far:.3}");
        assert!(reset > 0.98, "{kind:?}: a reset state {reset:.3}");
        assert!((0.5..0.95).contains(&carried), "{kind:?}: a carried state {carried:.3}");
    }
}

/// A noisy wave that is long enough for gradients over a hundred steps.
fn wave() -> Panel {
    let rng = &mut ChaCha8Rng::seed_from_u64(4);
    let values: Vec<f64> = (0..400).map(|t| (f64::from(t) * 0.7).sin() * 10.0 + rng.random_range(-2.0..2.0)).collect();
    Panel::from_values(&values, 1)
}

#[test]
fn gradients_explode_or_vanish_with_the_recurrent_weights_and_vanish_more_slowly_with_gates() {
    // the gradient norm at lag 50, and the spectral norm of the recurrent weights
    let norms = |cell: CellKind, initial_scale: f64| {
        let settings = Rnn { initial_scale, ..Rnn::with_cell(cell) };
        let diagnosis = settings.untrained(&wave(), &Task::new(7)).unwrap().diagnose(&wave());
        let by_lag = &diagnosis.gradient_norm_by_lag;
        assert!(by_lag.len() == 101 && (by_lag[0] - 1.0).abs() < 1e-9);
        (by_lag[50], diagnosis.spectral_norms[0].value)
    };
    let [(large, large_spectral), (usual, _), (small, small_spectral)] =
        [5.0, 1.0, 0.2].map(|initial_scale| norms(CellKind::Rnn, initial_scale));
    assert!(large > 1e2 && usual < 1e-9 && small < 1e-30, "gradients: {large:e}, {usual:e}, {small:e}");
    // gradients must vanish if the spectral norm is below 1, and may explode if it is above
    assert!(large_spectral > 1.0 && small_spectral < 1.0, "spectral norms: {large_spectral}, {small_spectral}");
    assert!((large_spectral / small_spectral - 25.0).abs() < 1e-4, "a factor on the weights is one on the norm");
    let (gated, _) = norms(CellKind::Lstm, 1.0);
    assert!(gated > 1e6 * usual, "lstm {gated:e}, rnn {usual:e}");
}

#[test]
fn every_cell_has_a_diagnosis_with_every_head() {
    for head in [Head::Direct, Head::Recursive, Head::Decoder] {
        for cell in CellKind::ALL {
            let settings = Rnn { head, layers: 2, epochs: Some(2), ..Rnn::with_cell(cell) };
            let diagnosis =
                settings.fit_network(&wave(), &Task::new(7), None, &mut SilentObserver).unwrap().diagnose(&wave());
            assert!(diagnosis.gradient_norm_by_lag.iter().all(|norm| norm.is_finite() && *norm > 0.0), "{settings:?}");
            assert_eq!(diagnosis.hidden_states.len(), settings.hidden);
            assert!(diagnosis.hidden_states.iter().all(|unit| unit.iter().all(|state| state.abs() <= 1.0)));
            let layers = if head == Head::Decoder { 3 } else { 2 };
            assert_eq!(diagnosis.spectral_norms.len(), layers * cell.gates().len());
            assert_eq!(diagnosis.first_position + diagnosis.hidden_states[0].len(), 400);
        }
    }
}

/// The intervals of a recursive head and of a decoder come from errors of past paths. Short series have few of them.
#[test]
fn intervals_of_many_short_series_have_width_at_every_step() {
    let rng = &mut ChaCha8Rng::seed_from_u64(6);
    let mut series = |i: usize| Series {
        key: vec![format!("{i:03}")],
        start: Timestamp::Index(1),
        values: (0..40).map(|_| rng.random_range(-2.0..2.0)).collect(),
        observed: vec![true; 40],
    };
    let columns = Columns { time: None, target: "value".into(), ids: vec!["id".into()] };
    let panel = Panel::new(columns, Frequency::INDEX, 1, (0..80).map(&mut series).collect()).unwrap();
    for head in [Head::Recursive, Head::Decoder] {
        let settings = Rnn { head, epochs: Some(1), hidden: 4, ..Rnn::default() };
        let fitted = settings.fit_network(&panel, &Task::new(8), None, &mut SilentObserver).unwrap();
        for forecast in fitted.predict(&panel).unwrap() {
            let (low, high) = forecast.interval(80.0).unwrap();
            assert!(low.iter().zip(high).all(|(low, high)| high - low > 0.3), "{head:?}: {low:?} {high:?}");
        }
    }
}

/// An "l" is followed by "l", "o" or "d". Only the hidden state distinguishes these cases.
#[test]
fn a_character_model_learns_a_text_exactly() {
    let text = "hello world";
    let mut alphabet: Vec<char> = text.chars().collect();
    alphabet.sort_unstable();
    alphabet.dedup();
    let one_hot = |text: &str| {
        let number = |c: char| alphabet.iter().position(|a| *a == c).unwrap() as i64;
        let numbers: Vec<i64> = text.chars().map(number).collect();
        Tensor::from_slice(&numbers).one_hot(alphabet.len() as i64).to_kind(Kind::Float).unsqueeze(0)
    };
    let examples = Examples::new(Mapping::ManyToMany, Loss::CrossEntropy, one_hot(&text[..10]), one_hot(&text[1..]));
    let mut network = Network::new(examples.shape(CellKind::Rnn, 16), &mut ChaCha8Rng::seed_from_u64(1));
    train(&mut network, &examples, &TrainingSettings::full_bptt(200, 0.02), &mut SilentObserver).unwrap();
    // generated from its own outputs
    let mut generated = "h".to_owned();
    network.generate(&one_hot("h").transpose(0, 1), &network.start(1), text.len() - 1, |outputs| {
        generated.push(alphabet[outputs.argmax(1, false).int64_value(&[0]) as usize]);
        one_hot(&generated[generated.len() - 1..]).squeeze_dim(0)
    });
    assert_eq!(generated, text);
}
