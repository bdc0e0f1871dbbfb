//! The networks by themselves: formulas against libtorch's kernels, gradients against differences, what truncation does.

use forecast::model::rnn::{
    Ahead, CellKind, DecoderShape, Examples, Feedback, Form, Head, Input, Loss, Network, Readout, Recurrent, Rnn,
    Shape, Training, Unrolled, train,
};
use forecast::model::{Forecaster, SilentObserver, Task};
use forecast::panel::{Columns, Panel, Series};
use forecast::time::{Frequency, Timestamp};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::{Kind, Tensor};

fn random(rng: &mut ChaCha8Rng, shape: &[i64]) -> Tensor {
    let numbers: Vec<f64> = (0..shape.iter().product::<i64>()).map(|_| rng.random_range(-1.0..1.0)).collect();
    Tensor::from_slice(&numbers).view(shape)
}

fn linear(cell: CellKind, inputs: usize, hidden: usize, outputs: usize) -> Shape {
    Shape { cell, inputs, hidden, layers: 1, outputs, dropout: 0.0, readout: Readout::Linear }
}

/// The largest difference of two tensors' elements, as a share of the larger tensor's largest.
fn difference(a: &Tensor, b: &Tensor) -> f64 {
    let largest = a.abs().max().maximum(&b.abs().max()).double_value(&[]).max(1.0);
    (a - b).abs().max().double_value(&[]) / largest
}

#[test]
fn the_formula_agrees_with_libtorchs_kernel_in_outputs_and_gradients() {
    for kind in CellKind::ALL {
        let rng = &mut ChaCha8Rng::seed_from_u64(3);
        let formula = Unrolled::new(kind, 5, 7, 2, rng);
        let mut fused = Network::new(linear(kind, 5, 7, 2), rng);
        fused.store_mut().copy(formula.store()).unwrap();
        let float = |t: Tensor| t.to_kind(Kind::Float);
        // a batch of 3, twelve steps, and a state that is not zero
        let (earlier, x) = (float(random(rng, &[3, 4, 5])), float(random(rng, &[3, 12, 5])));
        let weights = float(random(rng, &[3, 12, 2]));
        let h0 = formula.forward(&earlier, None).1.detached();
        let (outputs, last) = formula.forward(&x, Some(&h0));
        (&outputs * &weights).sum(Kind::Float).backward();
        let start = fused.forward(&earlier.transpose(0, 1).into(), &fused.start(3), None).1;
        let (said, state) = fused.forward(&x.transpose(0, 1).into(), &fused.detached(&start), None);
        let said = said.transpose(0, 1); // [batch, time, output]
        (&said * &weights).sum(Kind::Float).backward();
        assert_eq!((outputs.size(), last.hidden.size()), (vec![3, 12, 2], vec![3, 7]));
        assert!(difference(&outputs, &said) < 1e-5, "{kind:?}: outputs");
        assert!(difference(&last.hidden, &state[0].hidden) < 1e-5, "{kind:?}: last state");
        for (name, variable) in formula.store().variables() {
            let gradient = fused.store().variables()[&name].grad();
            assert!(gradient.abs().max().double_value(&[]) > 1e-3, "{kind:?}: {name} takes part");
            assert!(difference(&variable.grad(), &gradient) < 1e-5, "{kind:?}: gradient of {name}");
        }
    }
}

/// The loop trains whatever is recurrent: the formula ends where libtorch's kernels do.
#[test]
fn the_formula_trains_to_the_same_weights_as_libtorchs_kernel() {
    for kind in CellKind::ALL {
        let mut formula = Unrolled::new(kind, 1, 6, 1, &mut ChaCha8Rng::seed_from_u64(3));
        let mut fused = Network::new(linear(kind, 1, 6, 1), &mut ChaCha8Rng::seed_from_u64(3));
        fused.store_mut().copy(formula.store()).unwrap();
        let (data, training) = (echo(2, 24, 1), Training { chunk: 8, reach: 12, ..Training::full(3, 0.01) });
        train(&mut formula, &data, &training, &mut SilentObserver).unwrap();
        train(&mut fused, &data, &training, &mut SilentObserver).unwrap();
        for (name, variable) in formula.store().variables() {
            assert!(difference(&variable, &fused.store().variables()[&name]) < 1e-4, "{kind:?}: {name}");
        }
    }
}

/// Every component of the gradient of `loss` against a central difference, in double precision.
fn gradient_agrees(network: &impl Recurrent, loss: impl Fn() -> Tensor, what: &str) {
    loss().backward();
    let shifted = |place: &mut Tensor, by: f64| {
        tch::no_grad(|| {
            let _ = place.g_add_scalar_(by);
            let loss = loss().double_value(&[]);
            let _ = place.g_add_scalar_(-by);
            loss
        })
    };
    for (name, variable) in network.store().variables() {
        let (gradient, flat) = (variable.grad().view([-1]), variable.detach().view([-1]));
        for i in 0..flat.size()[0] {
            let place = &mut flat.get(i);
            let numeric = (shifted(place, 1e-5) - shifted(place, -1e-5)) / 2e-5;
            let exact = gradient.double_value(&[i]);
            assert!((numeric - exact).abs() < 1e-6 * (1.0 + exact.abs()), "{what}, {name}: {numeric} against {exact}");
        }
    }
}

#[test]
fn the_formulas_gradient_agrees_with_finite_differences() {
    for kind in CellKind::ALL {
        let rng = &mut ChaCha8Rng::seed_from_u64(5);
        let mut network = Unrolled::new(kind, 3, 4, 2, rng);
        network.store_mut().double();
        let (x, y) = (random(rng, &[2, 6, 3]), random(rng, &[2, 6, 2]));
        let loss = || (network.forward(&x, None).0 - &y).square().sum(Kind::Double);
        gradient_agrees(&network, loss, kind.name());
    }
}

#[test]
fn a_decoders_gradient_agrees_with_finite_differences() {
    for kind in CellKind::ALL {
        let rng = &mut ChaCha8Rng::seed_from_u64(5);
        let decoder = DecoderShape { steps: 3, known: 2, feedback: Feedback::Output(1) };
        let shape = Shape { readout: Readout::Decoder(decoder), ..linear(kind, 3, 4, 2) };
        let mut network = Network::new(shape, rng);
        network.store_mut().double();
        tch::no_grad(|| network.head()[0].shallow_clone().copy_(&random(rng, &[2, 4])));
        let ahead = Ahead { known: random(rng, &[2, 2, 3, 2]), teacher: Some(random(rng, &[2, 2, 3, 1])) };
        // speaks at the second and the last of five steps
        let input = Input { seen: random(rng, &[5, 2, 3]), speaks: Some(vec![1, 4]), ahead: Some(ahead) };
        let y = random(rng, &[2, 2, 3, 2]);
        for taught in [true, false] {
            let loss = || {
                let mut rng = ChaCha8Rng::seed_from_u64(0);
                let (said, _) = network.forward(&input, &network.start(2), taught.then_some(&mut rng));
                (said - &y).square().sum(Kind::Double)
            };
            network.store().trainable_variables().iter_mut().for_each(Tensor::zero_grad);
            gradient_agrees(&network, loss, &format!("{}, taught: {taught}", kind.name()));
        }
    }
}

/// Random signs, to be said again `delay` steps later: [64, length, 1]; nothing is to be said before.
fn echo(delay: i64, length: i64, seed: u64) -> Examples {
    let rng = &mut ChaCha8Rng::seed_from_u64(seed);
    let signs: Vec<f32> = (0..64 * length).map(|_| if rng.random() { 1.0 } else { -1.0 }).collect();
    let x = Tensor::from_slice(&signs).view([64, length, 1]);
    let y = Tensor::cat(&[x.narrow(1, 0, delay).zeros_like(), x.narrow(1, 0, length - delay)], 1);
    Examples::new(Form::ManyToMany, Loss::Squares, x, y)
}

/// The answer lies four steps back; chunks have three.
///
/// Full BPTT learns it, and so do the same chunks once gradients reach beyond them: chunk and reach are two things. With
/// a state that starts anew in each chunk the input is gone when the answer is due, and nothing beats guessing. A carried
/// state still holds a trace of the input, but no gradient leads from an answer back to it, so nothing teaches the cell to
/// keep it: all that can be expected is that the head reads what an untrained memory happens to leave, which is better
/// than guessing and far from the answer. (Where keeping pays within a chunk, a carried state is all it takes: see
/// `a_carried_state_learns_what_a_reset_one_cannot`.)
#[test]
fn truncation_shorter_than_the_delay_unlearns_what_full_bptt_learns() {
    for kind in CellKind::ALL {
        // as a share of the error of a guess that knows nothing
        let error = |chunk: usize, reach: usize, carry: bool| {
            let mut network = Network::new(linear(kind, 1, 16, 1), &mut ChaCha8Rng::seed_from_u64(2));
            let epochs = 800 / 16_usize.div_ceil(chunk); // as many updates for each
            let training = Training { chunk, reach, carry, ..Training::full(epochs, 0.02) };
            train(&mut network, &echo(4, 16, 1), &training, &mut SilentObserver).unwrap();
            echo(4, 16, 9).mean_square(&network) / 0.75
        };
        let full = error(usize::MAX, usize::MAX, true);
        let (far, carried, reset) = (error(3, 12, true), error(3, 3, true), error(3, 3, false));
        assert!(full < 0.01 && far < 0.01, "{kind:?}: full {full:.3}, chunks with a far reach {far:.3}");
        assert!(reset > 0.98, "{kind:?}: a state that starts anew {reset:.3}");
        assert!((0.5..0.95).contains(&carried), "{kind:?}: a carried state {carried:.3}");
    }
}

/// A noisy wave, long enough for credit to be followed a hundred steps back.
fn wave() -> Panel {
    let rng = &mut ChaCha8Rng::seed_from_u64(4);
    let values: Vec<f64> = (0..400).map(|t| (f64::from(t) * 0.7).sin() * 10.0 + rng.random_range(-2.0..2.0)).collect();
    Panel::from_values(&values, 1)
}

#[test]
fn credit_explodes_or_vanishes_with_the_recurrent_weights_and_gates_hold_it() {
    let credit = |cell: CellKind, initial_scale: f64| {
        let settings = Rnn { initial_scale, ..Rnn::with_cell(cell) };
        let diagnosis = settings.untrained(&wave(), &Task::new(7)).unwrap().diagnose(&wave());
        assert!(diagnosis.credit.len() == 101 && (diagnosis.credit[0] - 1.0).abs() < 1e-9);
        (diagnosis.credit[50], diagnosis.recurrence[0].largest_singular_value)
    };
    let (large, usual, small) = (credit(CellKind::Rnn, 5.0), credit(CellKind::Rnn, 1.0), credit(CellKind::Rnn, 0.2));
    assert!(large.0 > 1e2 && usual.0 < 1e-9 && small.0 < 1e-30, "{large:?}, {usual:?}, {small:?}");
    // below 1 a gradient must vanish, above it may explode
    assert!(large.1 > 1.0 && small.1 < 1.0, "{large:?}, {small:?}");
    let gated = credit(CellKind::Lstm, 1.0);
    assert!(gated.0 > 1e6 * usual.0, "lstm {gated:?}, rnn {usual:?}");
}

#[test]
fn a_diagnosis_measures_every_cell_under_every_head() {
    for head in [Head::Direct, Head::Recursive, Head::Decoder] {
        for cell in CellKind::ALL {
            let settings = Rnn { head, layers: 2, epochs: Some(2), ..Rnn::with_cell(cell) };
            let diagnosis =
                settings.fit_network(&wave(), &Task::new(7), &mut SilentObserver).unwrap().diagnose(&wave());
            assert!(diagnosis.credit.iter().all(|norm| norm.is_finite() && *norm > 0.0), "{settings:?}");
            assert_eq!(diagnosis.states.len(), settings.hidden);
            assert!(diagnosis.states.iter().all(|unit| unit.iter().all(|state| state.abs() <= 1.0)));
            let layers = if head == Head::Decoder { 3 } else { 2 };
            assert_eq!(diagnosis.recurrence.len(), layers * cell.blocks().len());
            assert_eq!(diagnosis.first + diagnosis.states[0].len(), 400);
        }
    }
}

/// Bands of heads that hear themselves come from trials in the past, also where these are few to a series.
#[test]
fn bands_of_many_short_series_have_width_at_every_step() {
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
        let fitted = settings.fit_network(&panel, &Task::new(8), &mut SilentObserver).unwrap();
        for forecast in fitted.predict(&panel).unwrap() {
            let (low, high) = forecast.interval(80.0).unwrap();
            assert!(low.iter().zip(high).all(|(low, high)| high - low > 0.3), "{head:?}: {low:?} {high:?}");
        }
    }
}
