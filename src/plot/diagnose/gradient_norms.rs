//! A chart of gradient norms by lag.

use crate::error::Result;
use crate::plot::axis::{Axis, number, three_digits};
use crate::plot::canvas::{Align, Area, Canvas, Colour, Point, WIDTH, rgb};
use crate::plot::frame::{self, BLUE, HISTORY, LABEL_FONT, LABEL_GREY, MARGIN, ORANGE, RULE, TITLE_FONT, WHITE};
use crate::plot::picture::Picture;
use crate::plot::ticks::{self, HorizontalAxis};

const HEIGHT: f64 = 900.0;
/// The height of the name of a curve and the line below it.
const NAME_HEIGHT: f64 = 66.0;
/// Powers of ten by which a gradient must change to count as vanished or exploded.
const FAR_POWERS: f64 = 3.0;
const COLOURS: [Colour; 6] =
    [BLUE, ORANGE, rgb(0x0f, 0x8a, 0x7e), rgb(0x8a, 0x3f, 0xb0), HISTORY, rgb(0xb0, 0x2a, 0x3a)];

/// Draws the norms of ∂L/∂h by lag, from lag 0 on, of one network or several into a PNG or SVG. The axis is logarithmic. A
/// curve ends where the norm is zero or not finite, which the label of the curve states. `note` is the subtitle.
///
/// # Errors
/// If the file cannot be written.
pub fn gradient_norms<'a>(to: impl Into<Picture<'a>>, curves: &[(String, Vec<f64>)], note: &str) -> Result<()> {
    let mut canvas = Canvas::new(to.into(), HEIGHT, 600.0);
    let top = frame::header(&mut canvas, "Gradient norm by lag", note, &[]);
    canvas.text("‖∂L/∂hₜ₋ₖ‖", (MARGIN, top + 24.0), Align::Left, LABEL_FONT, LABEL_GREY);

    let longest = curves.iter().map(|(_, norms)| norms.len()).max().unwrap_or(0).saturating_sub(1);
    let curves: Vec<Curve<'_>> = curves.iter().zip(COLOURS.into_iter().cycle()).map(Curve::new).collect();
    let axis = Axis::logarithmic(curves.iter().flat_map(|c| c.norms).copied(), 8);
    let width = |c: &Curve<'_>| TITLE_FONT.width(c.name).max(LABEL_FONT.width(&c.description));
    let names = curves.iter().map(width).fold(0.0, f64::max).min(480.0);
    let area = Area {
        left: MARGIN + frame::label_width(&axis, LABEL_FONT).max(LABEL_FONT.width("lag k")),
        top: top + 54.0,
        right: WIDTH - MARGIN - names - 50.0,
        bottom: canvas.height() - MARGIN - frame::label_height(LABEL_FONT, 1),
    };
    let (first, last) = (area.left + 16.0, area.right - 16.0);
    let line = HorizontalAxis { first, last, label_limits: (area.left - 16.0, area.right + 16.0), font: LABEL_FONT };
    frame::vertical_axis(&mut canvas, area, &axis, LABEL_FONT);
    frame::horizontal_axis(&mut canvas, area, &ticks::integers(0, longest as i64, line), LABEL_FONT);
    frame::horizontal_name(&mut canvas, area, "lag k");

    let step = (last - first) / longest.max(1) as f64;
    let point = |(k, norm): (usize, &f64)| Some((first + step * k as f64, frame::y(area, &axis, *norm)));
    let points: Vec<Vec<Option<Point>>> =
        curves.iter().map(|c| c.norms.iter().enumerate().map(point).collect()).collect();
    let ends: Vec<Option<Point>> = points.iter().map(|points| points.last().copied().flatten()).collect();
    // a name is at the height of the last point, or of the limit that the curve goes to
    let wanted = curves.iter().zip(&ends).map(|(curve, end)| match (curve.next, end) {
        (None, Some(end)) => end.1,
        (Some(next), _) if next != 0.0 => area.top,
        _ => area.bottom,
    });
    let positions = separate_names(&wanted.collect::<Vec<f64>>(), area);
    for (((curve, points), end), y) in curves.iter().zip(points).zip(ends).zip(positions) {
        if let Some(end) = end {
            canvas.path(&[(end.0 + 8.0, end.1), (area.right + 8.0, y), (area.right + 30.0, y)], 1.4, RULE);
        }
        frame::curve(&mut canvas, &points, 3.4, curve.colour, step >= 24.0);
        if let (Some(_), Some(end)) = (curve.next, end) {
            canvas.disc(end, 8.0, curve.colour);
            canvas.disc(end, 4.5, WHITE);
        }
        let x = area.right + 40.0;
        canvas.text(&TITLE_FONT.fit(curve.name, names), (x, y + 2.0), Align::Left, TITLE_FONT, curve.colour);
        canvas.text(&LABEL_FONT.fit(&curve.description, names), (x, y + 32.0), Align::Left, LABEL_FONT, LABEL_GREY);
    }
    canvas.save()
}

struct Curve<'a> {
    name: &'a str,
    /// The norms before the first that has no logarithm.
    norms: &'a [f64],
    /// The first norm that has no logarithm.
    next: Option<f64>,
    description: String,
    colour: Colour,
}

impl<'a> Curve<'a> {
    fn new(((name, all), colour): (&'a (String, Vec<f64>), Colour)) -> Self {
        let shown = all.iter().take_while(|v| v.is_finite() && **v > 0.0).count();
        let (norms, next) = (&all[..shown], all.get(shown).copied());
        Self { name, norms, next, description: description(norms, next), colour }
    }
}

/// Whether a gradient vanishes or explodes, and the geometric mean of its factors from lag to lag.
/// A product of Jacobians grows or shrinks by about the same factor at each step (Pascanu, Mikolov, Bengio 2013, "On
/// the difficulty of training recurrent neural networks").
fn description(norms: &[f64], next: Option<f64>) -> String {
    let lag = number(norms.len() as f64, 0);
    let end = match next {
        Some(0.0) => format!("zero from lag {lag}"),
        Some(_) => format!("not finite from lag {lag}"),
        None => String::new(),
    };
    let [first, .., last] = norms else { return end };
    let powers = last.log10() - first.log10();
    let factor = three_digits(10_f64.powf(powers / (norms.len() - 1) as f64));
    let change = match powers {
        p if p <= -FAR_POWERS => "vanishes: ",
        p if p >= FAR_POWERS => "explodes: ",
        _ => "",
    };
    let comma = if end.is_empty() { "" } else { ", " };
    format!("{change}×{factor} per step{comma}{end}")
}

/// Positions close to `wanted` at which names do not overlap.
fn separate_names(wanted: &[f64], area: Area) -> Vec<f64> {
    let height = NAME_HEIGHT.min((area.height() + NAME_HEIGHT) / wanted.len().max(1) as f64);
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));
    let mut positions = wanted.to_vec();
    let mut next = area.top;
    for i in &order {
        positions[*i] = positions[*i].max(next);
        next = positions[*i] + height;
    }
    let mut next = area.bottom;
    for i in order.iter().rev() {
        positions[*i] = positions[*i].min(next);
        next = positions[*i] - height;
    }
    positions
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_label_of_a_curve_states_its_factor_and_its_end() {
        let powers = |factor: f64, count: i32| (0..count).map(|k| factor.powi(k)).collect::<Vec<f64>>();
        let written = [
            description(&powers(0.5, 60), None),
            description(&powers(1.5, 60), None),
            description(&powers(0.98, 60), None),
            description(&powers(0.1, 40), Some(0.0)),
            description(&powers(9.0, 30), Some(f64::INFINITY)),
            description(&[1.0], None),
            description(&[], Some(f64::NAN)),
        ];
        insta::assert_snapshot!(written.join("\n"));
    }

    proptest! {
        #[test]
        fn names_keep_their_order_and_do_not_overlap(wanted in prop::collection::vec(100.0..800.0_f64, 0..8)) {
            let area = Area { left: 0.0, top: 100.0, right: 1.0, bottom: 800.0 };
            let positions = separate_names(&wanted, area);
            let mut sorted = positions.clone();
            sorted.sort_by(f64::total_cmp);
            prop_assert!(sorted.windows(2).all(|w| w[1] - w[0] >= NAME_HEIGHT - 1e-9), "{positions:?}");
            prop_assert!(positions.iter().all(|h| (area.top - 1e-9..=area.bottom + 1e-9).contains(h)));
            for (i, j) in (0..wanted.len()).flat_map(|i| (0..wanted.len()).map(move |j| (i, j))) {
                prop_assert!(wanted[i] >= wanted[j] || positions[i] < positions[j]);
            }
        }
    }
}
