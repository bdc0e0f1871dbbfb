//! Words in a picture: the fonts in the library, how wide a text is, and its glyphs as coverage.
//!
//! Not through plotters, which leaves out each glyph's left bearing, so that letters stand unevenly.

use std::sync::LazyLock;

use ab_glyph::{Font as _, FontRef, GlyphId, point};

static REGULAR: LazyLock<FontRef<'static>> =
    LazyLock::new(|| parse(include_bytes!("../../assets/fonts/Inter-Regular.otf")));
static SEMI_BOLD: LazyLock<FontRef<'static>> =
    LazyLock::new(|| parse(include_bytes!("../../assets/fonts/Inter-SemiBold.otf")));

/// Height of a capital letter, in ems.
const CAPITAL: f64 = 0.727;

fn parse(bytes: &'static [u8]) -> FontRef<'static> {
    FontRef::try_from_slice(bytes).expect("the font in the library is sound")
}

/// A font at a size.
#[derive(Debug, Clone, Copy)]
pub(super) struct Font {
    /// Pixels an em.
    pub(super) size: f64,
    bold: bool,
}

impl Font {
    pub(super) const fn regular(size: f64) -> Self {
        Self { size, bold: false }
    }

    pub(super) const fn bold(size: f64) -> Self {
        Self { size, bold: true }
    }

    /// The same font at so many times the size.
    pub(super) fn times(self, factor: f64) -> Self {
        Self { size: self.size * factor, ..self }
    }

    /// Height of a capital letter, in pixels.
    pub(super) fn capital(&self) -> f64 {
        CAPITAL * self.size
    }

    /// Width of a text, in pixels.
    pub(super) fn width(&self, text: &str) -> f64 {
        let em = self.units_per_em();
        text.chars().map(|c| f64::from(self.face().h_advance_unscaled(self.face().glyph_id(c))) / em * self.size).sum()
    }

    /// The text if it is at most `room` pixels wide, else as much of it as fits before an ellipsis.
    pub(super) fn fit(&self, text: &str, room: f64) -> String {
        if self.width(text) <= room {
            return text.to_owned();
        }
        let mut kept: Vec<char> = text.chars().collect();
        while kept.pop().is_some() {
            let short: String = kept.iter().collect::<String>().trim_end().to_owned() + "…";
            if self.width(&short) <= room {
                return short;
            }
        }
        String::new()
    }

    /// Hands over each pixel that a text touches and how much of it is covered, in (0, 1], on a grid `fine` times as
    /// fine; the text starts at `x` and stands on `baseline`.
    pub(super) fn draw(&self, text: &str, (x, baseline): (f64, f64), fine: f64, mut pixel: impl FnMut(i32, i32, f64)) {
        let face = self.face();
        let em = self.units_per_em();
        // ab_glyph scales by the distance from ascender to descender, not by the em
        let scale = (self.size * fine * f64::from(face.height_unscaled()) / em) as f32;
        let mut pen = x;
        for c in text.chars() {
            let id: GlyphId = face.glyph_id(c);
            let glyph = id.with_scale_and_position(scale, point((pen * fine) as f32, (baseline * fine) as f32));
            if let Some(outline) = face.outline_glyph(glyph) {
                let corner = outline.px_bounds().min;
                outline.draw(|dx, dy, covered| {
                    if covered > 0.0 {
                        pixel(corner.x as i32 + dx as i32, corner.y as i32 + dy as i32, f64::from(covered.min(1.0)));
                    }
                });
            }
            pen += f64::from(face.h_advance_unscaled(id)) / em * self.size;
        }
    }

    fn face(&self) -> &'static FontRef<'static> {
        if self.bold { &SEMI_BOLD } else { &REGULAR }
    }

    fn units_per_em(&self) -> f64 {
        f64::from(self.face().units_per_em().expect("an outline font has units"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_too_long_ends_in_an_ellipsis_and_fits() {
        let font = Font::regular(20.0);
        assert_eq!(font.fit("short", 200.0), "short");
        let cut = font.fit("a name that nobody would print in full", 200.0);
        assert!(cut.ends_with('…') && cut.starts_with("a name") && font.width(&cut) <= 200.0, "{cut}");
        assert_eq!(font.fit("anything", 1.0), "");
    }

    #[test]
    fn the_signs_that_pictures_use_are_in_both_fonts() {
        for face in [&*REGULAR, &*SEMI_BOLD] {
            for c in "−×→←∂‖·…–—∞≈⁰¹²³⁴⁵⁶⁷⁸⁹⁻₀₁₂äöüßéñçąłЖλ%".chars()
            {
                assert_ne!(face.glyph_id(c), GlyphId(0), "{c}");
            }
        }
    }

    #[test]
    fn glyphs_stay_within_the_measured_width() {
        let font = Font::bold(20.0);
        let (mut left, mut right) = (i32::MAX, i32::MIN);
        font.draw("Hamburg 2014", (10.0, 30.0), 1.0, |x, _, _| (left, right) = (left.min(x), right.max(x)));
        let end = 10.0 + font.width("Hamburg 2014");
        assert!(left >= 10 && f64::from(right) <= end && f64::from(right) > end - 3.0, "{left} {right} {end}");
    }
}
