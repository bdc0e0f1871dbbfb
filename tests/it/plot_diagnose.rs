//! Pictures of the diagnosis of a network.

use forecast::model::Epoch;
use forecast::panel::Panel;
use forecast::plot;
use forecast::plot::diagnose::Diagram;
use forecast::time::{Frequency, Timestamp};

use crate::picture::{BLUE, HISTORY, INNER, ORANGE, OUTER, Picture, assert_repeatable};

fn of_gradient_norms(curves: &[(&str, Vec<f64>)]) -> Picture {
    let curves: Vec<(String, Vec<f64>)> = curves.iter().map(|(name, norms)| ((*name).into(), norms.clone())).collect();
    Picture::of(|path| plot::diagnose::gradient_norms(path, &curves, "gradient norm by lag").expect("a picture"))
}

fn powers(factor: f64, count: i32) -> Vec<f64> {
    (0..count).map(|k| factor.powi(k)).collect()
}

/// Mean row of a colour's pixels in the given columns.
fn mean_row(picture: &Picture, colour: [u8; 3], columns: std::ops::Range<usize>) -> f64 {
    let rows = picture.pixels.chunks(picture.width).enumerate();
    let hits: Vec<f64> = rows
        .flat_map(|(y, row)| row[columns.clone()].iter().filter(|p| **p == colour).map(move |_| y as f64))
        .collect();
    assert!(!hits.is_empty(), "the colour is there");
    hits.iter().sum::<f64>() / hits.len() as f64
}

#[test]
fn a_vanishing_gradient_falls_and_an_exploding_gradient_rises() {
    let picture = of_gradient_norms(&[("small", powers(0.1, 31)), ("large", powers(10.0, 31))]);
    assert_eq!((picture.width, picture.height), (1600, 900));
    let (early, late) = (200..300, 900..1000);
    assert!(mean_row(&picture, BLUE, late.clone()) > mean_row(&picture, BLUE, early.clone()) + 100.0);
    assert!(mean_row(&picture, ORANGE, late) < mean_row(&picture, ORANGE, early) - 100.0);
}

#[test]
fn a_curve_ends_where_the_gradient_is_zero_or_infinite() {
    let cut = |factor: f64, then: f64| {
        let mut norms = powers(factor, 30);
        norms[15..].fill(then);
        norms
    };
    for (norms, whole) in [(cut(0.5, 0.0), powers(0.5, 30)), (cut(2.0, f64::INFINITY), powers(2.0, 30))] {
        let of = |norms: Vec<f64>| of_gradient_norms(&[("a", norms), ("b", powers(1.01, 30))]);
        let columns = (0.45, 0.6);
        assert_eq!(of(norms).count_between(BLUE, columns), 0);
        assert!(of(whole).count_between(BLUE, columns) > 100);
    }
}

#[test]
fn any_gradient_norms_have_a_picture() {
    let many: Vec<(&str, Vec<f64>)> = (1..12).map(|i| ("network", powers(f64::from(i) / 6.0, 40))).collect();
    let long = "a name that goes on and on ".repeat(10);
    for curves in [
        vec![],
        vec![("empty", vec![])],
        vec![("one", vec![0.5])],
        vec![("zero", vec![0.0; 9])],
        vec![("nothing", vec![f64::NAN, f64::INFINITY])],
        vec![("least", vec![f64::MIN_POSITIVE / 8.0, f64::MAX])],
        vec![("same", vec![0.3; 5000])],
        vec![(long.as_str(), powers(0.9, 20)), (long.as_str(), powers(0.8, 9))],
        many,
    ] {
        of_gradient_norms(&curves);
    }
}

fn of_states(values: &[f64], states: &[Vec<f64>]) -> Picture {
    let panel = Panel::from_values(&vec![0.0; values.len().max(1)], 7);
    let series = panel.iter().next().expect("a series");
    let times: Vec<Timestamp> = (0..values.len()).map(|i| series.time_at(i)).collect();
    let frequency = Frequency::INDEX;
    Picture::of(|path| plot::diagnose::hidden_states(path, &times, frequency, values, states).expect("a picture"))
}

#[test]
fn hidden_states_are_coloured_by_their_sign_below_the_series() {
    let values: Vec<f64> = (0..40).map(|i| (f64::from(i) * 0.5).sin()).collect();
    let of = |earlier: f64, later: f64| of_states(&values, &vec![[[earlier; 20], [later; 20]].concat(); 2]);
    let (left, right) = ((0.0, 0.45), (0.55, 0.9));
    for later in [1.0, 7.0] {
        let picture = of(-1.0, later);
        assert_eq!((picture.width, picture.height), (1600, 1100));
        assert!(picture.count(HISTORY) > 500);
        assert!(picture.count_between(BLUE, left) > 50_000 && picture.count_between(ORANGE, right) > 50_000);
        assert_eq!(picture.count_between(BLUE, right) + picture.count_between(ORANGE, left), 0);
    }
    let (white, grey, without_a_sign) = ([250; 3], [0xb8, 0xbd, 0xc4], of(0.0, f64::NAN));
    assert!(without_a_sign.count_between(white, left) > 50_000 && without_a_sign.count_between(grey, right) > 50_000);
}

#[test]
fn units_with_similar_states_are_adjacent() {
    let wave = |phase: f64| (0..50).map(|t| (f64::from(t) * 0.4 + phase).sin()).collect::<Vec<f64>>();
    let picture = of_states(&wave(0.0), &[0.0, 3.0, 0.1, 2.9, 0.2, 3.1].map(wave));
    // the heat map at the fifth step, where three units are close to 1 and three are close to -1
    let column = picture.pixels.chunks(picture.width).map(|row| row[267]).skip(530).take(460);
    let is_negative: Vec<bool> = column.map(|[red, _, blue]| blue > red).collect();
    assert_eq!(is_negative.windows(2).filter(|pair| pair[0] != pair[1]).count(), 1);
    assert!((200..260).contains(&is_negative.iter().filter(|is_negative| **is_negative).count()));
}

#[test]
fn any_hidden_states_have_a_picture() {
    let wave = |count: usize, phase: usize| (0..count).map(|t| ((t + phase) as f64).sin()).collect::<Vec<f64>>();
    for (steps, units) in [(0, 0), (1, 1), (3, 0), (0, 3), (2, 300), (3000, 5)] {
        let states: Vec<Vec<f64>> = (0..units).map(|unit| wave(steps, unit)).collect();
        of_states(&wave(steps, 1), &states);
    }
    of_states(&[f64::NAN, 1.0, f64::INFINITY], &[vec![f64::NAN, -7.0, f64::INFINITY], vec![0.0; 3]]);
}

#[test]
fn the_clipping_picture_shows_the_norm_and_the_share() {
    let epoch = |number: usize| Epoch {
        member: 0,
        number,
        of: 9,
        training_loss: 1.0,
        validation_loss: None,
        gradient_norm: 9.0 / number as f64,
        clipped: 1.0 / number as f64,
        learning_rate: 1e-3,
    };
    for count in [1, 9, 400] {
        let epochs: Vec<Epoch> = (1..=count).map(epoch).collect();
        let picture = Picture::of(|path| plot::diagnose::clipping(path, &epochs).expect("a picture"));
        assert!(picture.count(ORANGE) > 30 && picture.count(INNER) > 1_000, "{count} epochs");
    }
    Picture::of(|path| plot::diagnose::clipping(path, &[]).expect("a picture"));
}

fn network() -> Diagram {
    Diagram {
        cell: "lstm".into(),
        inputs: 12,
        hidden: 64,
        layers: 2,
        outputs: "7 × 5".into(),
        decoder: None,
        bptt: 32,
        parameters: 54_563,
    }
}

fn of_network(network: &Diagram) -> Picture {
    Picture::of(|path| plot::diagnose::unrolled(path, network).expect("a picture"))
}

#[test]
fn the_unrolled_network_has_a_row_for_each_layer() {
    let of = |layers: usize| of_network(&Diagram { layers, ..network() });
    let (one, two, three, five) = (of(1), of(2), of(3), of(5));
    assert!(one.height < two.height && two.height < three.height && three.height == five.height);
    let boxes = |picture: &Picture| picture.count(OUTER);
    assert!(boxes(&two) > boxes(&one) * 3 / 2 && boxes(&three) > boxes(&two) * 5 / 4);
}

#[test]
fn the_end_of_a_chunk_cuts_the_gradient_and_not_the_state() {
    let (cut, whole) = (of_network(&network()), of_network(&Diagram { bptt: 0, ..network() }));
    // the arrows between the second and the third column, on the side of the earlier chunk
    let before_the_end = (0.512, 0.545);
    assert!(cut.count_between(BLUE, before_the_end) > 100);
    let gradient = |picture: &Picture| picture.count_between(ORANGE, before_the_end);
    assert!(gradient(&whole) > gradient(&cut) + 50, "{} {}", gradient(&whole), gradient(&cut));
}

#[test]
fn any_sizes_have_a_picture() {
    let odd = [
        Diagram {
            inputs: 0,
            hidden: 0,
            layers: 0,
            outputs: String::new(),
            decoder: Some(usize::MAX),
            bptt: 1,
            parameters: 0,
            cell: String::new(),
        },
        Diagram { cell: "a cell with a very long name indeed".into(), ..network() },
        Diagram { inputs: usize::MAX, hidden: usize::MAX, layers: usize::MAX, bptt: usize::MAX, ..network() },
        Diagram { outputs: "1000000 × 1000000 × 1000000".into(), ..network() },
    ];
    for network in odd {
        assert!(of_network(&network).count(BLUE) > 1_000, "{network:?}");
    }
}

#[test]
fn a_rerun_gives_the_same_bytes() {
    let curves = [("lstm".to_owned(), powers(0.97, 60)), ("rnn".to_owned(), powers(0.6, 60))];
    assert_repeatable(|path| plot::diagnose::gradient_norms(path, &curves, "").unwrap());
    let times: Vec<Timestamp> = (0..60).map(Timestamp::Index).collect();
    let states = [powers(0.9, 60), powers(0.8, 60), powers(0.9, 60)];
    let frequency = Frequency::INDEX;
    assert_repeatable(|path| {
        plot::diagnose::hidden_states(path, &times, frequency, &powers(0.9, 60), &states).unwrap();
    });
    assert_repeatable(|path| plot::diagnose::unrolled(path, &network()).unwrap());
}
