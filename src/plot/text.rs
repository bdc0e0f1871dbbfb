//! Text in a picture: the fonts of the library, the width of a text, and the coverage of its glyphs.
//!
//! Plotters ignores the left bearing of glyphs, so that its letters are spaced unevenly. This file draws them itself.
//!
//! The fonts have Latin, Greek and Cyrillic letters. Text of any other script is drawn in Latin letters, because a font of
//! all scripts would be many times the size of the program.

use std::borrow::Cow;
use std::sync::LazyLock;

use ab_glyph::{Font as _, FontRef, GlyphId, point};
use deunicode::deunicode_char;

type Face = LazyLock<FontRef<'static>>;

static REGULAR: Face = LazyLock::new(|| parse(include_bytes!("../../assets/fonts/Inter-Regular.otf")));
static SEMI_BOLD: Face = LazyLock::new(|| parse(include_bytes!("../../assets/fonts/Inter-SemiBold.otf")));

/// The height of a capital letter, in ems.
const CAPITAL_HEIGHT: f64 = 0.727;

fn parse(bytes: &'static [u8]) -> FontRef<'static> {
    FontRef::try_from_slice(bytes).expect("the font of the library is valid")
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Font {
    /// Pixels per em.
    pub(crate) size: f64,
    bold: bool,
}

impl Font {
    pub(crate) const fn regular(size: f64) -> Self {
        Self { size, bold: false }
    }

    pub(super) const fn bold(size: f64) -> Self {
        Self { size, bold: true }
    }

    /// The same font at `factor` times the size.
    pub(super) fn scaled(self, factor: f64) -> Self {
        Self { size: self.size * factor, ..self }
    }

    /// The height of a capital letter, in pixels.
    pub(super) fn capital_height(&self) -> f64 {
        CAPITAL_HEIGHT * self.size
    }

    /// The width of a text, in pixels.
    pub(crate) fn width(&self, text: &str) -> f64 {
        self.drawable(text).chars().map(|c| self.advance(c)).sum()
    }

    /// Whether the font has all letters of a text.
    pub(super) fn has_all(&self, text: &str) -> bool {
        text.chars().all(|c| self.face().glyph_id(c) != GlyphId(0))
    }

    pub(super) fn is_bold(&self) -> bool {
        self.bold
    }

    /// The text in letters that the font has: `北京` becomes `Bei Jing`. A character without a transliteration becomes its
    /// code point, as in `[U+13000]`.
    fn drawable<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.has_all(text) {
            return Cow::Borrowed(text);
        }
        let has_glyph = |c: char| self.face().glyph_id(c) != GlyphId(0);
        let mut drawable = String::new();
        for c in text.chars() {
            match deunicode_char(c) {
                // a transliteration may end in a space
                _ if c == ' ' && drawable.ends_with(' ') => {}
                _ if has_glyph(c) => drawable.push(c),
                Some(latin) => drawable.push_str(latin),
                None if is_invisible(c) => {}
                None => drawable.extend(format!("[U+{:04X}]", u32::from(c)).chars()),
            }
        }
        Cow::Owned(drawable.trim().to_owned())
    }

    fn advance(&self, c: char) -> f64 {
        f64::from(self.face().h_advance_unscaled(self.face().glyph_id(c))) / self.units_per_em() * self.size
    }

    /// The text, cut off with an ellipsis if it is wider than `max_width` pixels.
    pub(super) fn fit(&self, text: &str, max_width: f64) -> String {
        if self.width(text) <= max_width {
            return text.to_owned();
        }
        let text = self.drawable(text);
        let mut cut = text.char_indices().rev().map(|(end, _)| text[..end].trim_end().to_owned() + "…");
        cut.find(|short| self.width(short) <= max_width).unwrap_or_default()
    }

    /// Calls `pixel` for each pixel of a text with its coverage in (0, 1]. The text starts at `x` on the `baseline`.
    /// The pixels are `oversampling` times as fine as those of `x`.
    pub(super) fn draw(
        &self,
        text: &str,
        (x, baseline): (f64, f64),
        oversampling: f64,
        mut pixel: impl FnMut(i32, i32, f64),
    ) {
        let face = self.face();
        // ab_glyph scales by the distance from the ascender to the descender instead of the em
        let scale = (self.size * oversampling * f64::from(face.height_unscaled()) / self.units_per_em()) as f32;
        let mut pen = x;
        for c in self.drawable(text).chars() {
            let origin = point((pen * oversampling) as f32, (baseline * oversampling) as f32);
            if let Some(outline) = face.outline_glyph(face.glyph_id(c).with_scale_and_position(scale, origin)) {
                let corner = outline.px_bounds().min;
                outline.draw(|dx, dy, covered| {
                    if covered > 0.0 {
                        pixel(corner.x as i32 + dx as i32, corner.y as i32 + dy as i32, f64::from(covered.min(1.0)));
                    }
                });
            }
            pen += self.advance(c);
        }
    }

    fn face(&self) -> &'static FontRef<'static> {
        if self.bold { &SEMI_BOLD } else { &REGULAR }
    }

    fn units_per_em(&self) -> f64 {
        f64::from(self.face().units_per_em().expect("an outline font has units per em"))
    }
}

/// Whether a character has no picture of its own: a control character, a joiner or a variant of the one before.
fn is_invisible(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_any_script_is_drawn_in_letters_of_the_font() {
        let font = Font::regular(20.0);
        let drawn = |text: &str| font.drawable(text).into_owned();
        assert_eq!(drawn("Größe, Цена, Τιμή"), "Größe, Цена, Τιμή");
        assert_eq!(drawn("北京"), "Bei Jing");
        assert_eq!(drawn("🍎 x"), "apple x");
        assert_eq!(drawn("\u{13000}"), "[U+13000]");
        for text in ["مبيعات القاهرة", "売上高", "매출", "ยอดขาย", "बिक्री", "👨\u{200d}👩\u{200d}👧"]
        {
            let drawn = drawn(text);
            assert!(
                !drawn.is_empty() && drawn.chars().all(|c| font.face().glyph_id(c) != GlyphId(0)),
                "{text}: {drawn}"
            );
            assert!(font.width(text) > 20.0, "{text}");
        }
    }

    #[test]
    fn a_long_text_is_cut_off_with_an_ellipsis() {
        let font = Font::regular(20.0);
        assert_eq!(font.fit("short", 200.0), "short");
        let cut = font.fit("a name that nobody would print in full", 200.0);
        assert!(cut.ends_with('…') && cut.starts_with("a name") && font.width(&cut) <= 200.0, "{cut}");
        assert_eq!(font.fit("anything", 1.0), "");
    }

    #[test]
    fn both_fonts_have_the_special_characters_of_pictures() {
        for face in [&*REGULAR, &*SEMI_BOLD] {
            for c in "−×→←∂‖·…–—∞≈⁰¹²³⁴⁵⁶⁷⁸⁹⁻₀₁₂äöüßéñçąłЖλ%".chars()
            {
                assert_ne!(face.glyph_id(c), ab_glyph::GlyphId(0), "{c}");
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
