//! The colours of a dark picture, from those of a light one.

use crate::plot::picture::Theme;
use crate::plot::shapes::Colour;

/// The lightness of white and of black in a dark picture.
const DARK_GROUND: f64 = 0.09;
const LIGHT_TEXT: f64 = 0.97;

/// A colour of a light picture in a theme. In the dark theme it keeps its hue, and its lightness is turned around.
pub(super) fn themed(colour: Colour, theme: Theme) -> Colour {
    match theme {
        Theme::Light => colour,
        Theme::Dark => dark(colour),
    }
}

fn dark(Colour(red, green, blue, opacity): Colour) -> Colour {
    let parts = [red, green, blue].map(|part| f64::from(part) / 255.0);
    let (high, low) = (parts.into_iter().fold(0.0, f64::max), parts.into_iter().fold(1.0, f64::min));
    let lightness = f64::midpoint(high, low);
    let turned = DARK_GROUND + (LIGHT_TEXT - DARK_GROUND) * (1.0 - lightness);
    // the largest distance of a part from the lightness, which shrinks toward black and white
    let room = |lightness: f64| lightness.min(1.0 - lightness);
    let saturation = if room(lightness) > 0.0 { (high - low) / 2.0 / room(lightness) } else { 0.0 };
    let chroma = 2.0 * saturation * room(turned);
    let part = |part: f64| {
        let share = if high > low { (part - lightness) / (high - low) } else { 0.0 };
        ((turned + share * chroma).clamp(0.0, 1.0) * 255.0).round() as u8
    };
    let [red, green, blue] = parts.map(part);
    Colour(red, green, blue, opacity)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn white_becomes_a_dark_ground_and_black_light_text() {
        assert_eq!(dark(Colour(255, 255, 255, 1.0)), Colour(23, 23, 23, 1.0));
        assert_eq!(dark(Colour(0, 0, 0, 0.1)), Colour(247, 247, 247, 0.1));
    }

    proptest! {
        #[test]
        fn a_darker_grey_becomes_a_lighter_one(a in 0..=255_u8, b in 0..=255_u8) {
            let grey = |value| dark(Colour(value, value, value, 1.0)).0;
            prop_assert!(a.saturating_add(2) > b || grey(a) > grey(b));
        }
    }
}
