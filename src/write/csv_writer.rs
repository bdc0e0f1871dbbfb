//! Rows of a CSV file, and the digits of its numbers.
//!
//! The writer of the `csv` crate does not quote a field with a space at an end. Spreadsheets and many readers drop that
//! space, so that the id no longer joins with the input.

use std::fmt::{Display, Write as _};
use std::io::{self, Write};

use crate::forecast::quantile_forecast::Forecast;
use crate::model::fit::Hindcast;
use crate::panel::Panel;
use crate::time::Timestamp;
use crate::write::table_writer::TableWriter;

/// The smallest number of significant digits. Forecasts of more precise values have more.
pub(crate) const MIN_SIGNIFICANT_DIGITS: usize = 7;

/// The largest number of significant digits that every `f64` represents.
pub const MAX_SIGNIFICANT_DIGITS: usize = 15;

/// The number of significant digits with which every `f64` is read back as it was.
pub(crate) const EXACT_DIGITS: usize = 17;

/// The largest number of decimals of a number in a table.
const MAX_DECIMALS: f64 = 9.0;

/// The number of values whose digits are counted.
const COUNTED_VALUES: usize = 10_000;

/// Writes one field after the other, and a line break at the end of a row.
#[derive(Debug)]
pub(crate) struct CsvWriter<W> {
    to: W,
    row: String,
    digits: usize,
}

impl<W: Write> CsvWriter<W> {
    /// Writes a whole file: `fill` adds its rows.
    pub(crate) fn file(to: W, fill: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        let mut csv = Self { to, row: String::new(), digits: EXACT_DIGITS };
        fill(&mut csv)?;
        csv.to.flush()
    }

    /// Adds a field that needs no quotes.
    fn plain(&mut self, value: impl Display) -> &mut Self {
        write!(self.row, ",{value}").expect("a string takes any text");
        self
    }
}

impl<W: Write> TableWriter for CsvWriter<W> {
    fn digits(&mut self) -> &mut usize {
        &mut self.digits
    }

    /// Adds a text, in quotes if RFC 4180 asks for it, or a reader might drop a space at an end.
    fn text(&mut self, text: &str) -> &mut Self {
        if text.contains(['"', ',', '\n', '\r']) || text.starts_with(' ') || text.ends_with(' ') {
            return self.plain(format_args!("\"{}\"", text.replace('"', "\"\"")));
        }
        self.plain(text)
    }

    fn count(&mut self, count: usize) -> &mut Self {
        self.plain(count)
    }

    fn number(&mut self, value: Option<f64>) -> &mut Self {
        self.plain(value.map_or_else(String::new, |value| round_to_digits(value, self.digits)))
    }

    fn time(&mut self, panel: &Panel, time: Timestamp) -> &mut Self {
        self.text(&panel.format(time))
    }

    fn end_row(&mut self) -> io::Result<()> {
        // every field starts with a comma, and the first comma is not written
        self.row.push('\n');
        self.to.write_all(&self.row.as_bytes()[1..])?;
        self.row.clear();
        Ok(())
    }
}

/// The largest number of significant digits of written forecasts: at least that of the values of the panel.
pub fn significant_digits(panel: &Panel) -> usize {
    most_digits(panel.iter().flat_map(|series| series.observed_values().collect::<Vec<f64>>()))
}

/// The number of significant digits of written forecasts of each series: at least that of its values. So the row of a
/// series does not depend on the other series of the panel.
pub(crate) fn digits_by_series(panel: &Panel) -> Vec<usize> {
    panel.iter().map(|series| most_digits(series.observed_values())).collect()
}

fn most_digits(observed: impl Iterator<Item = f64>) -> usize {
    let digits = observed.take(COUNTED_VALUES).filter(|value| !is_short(*value)).map(digits_of);
    digits.filter(|digits| *digits <= MAX_SIGNIFICANT_DIGITS).fold(MIN_SIGNIFICANT_DIGITS, usize::max)
}

/// Whether a value certainly has at most [`MIN_SIGNIFICANT_DIGITS`] digits, or more than are counted. It is a whole number
/// of hundredths, which is faster to see than its digits.
fn is_short(value: f64) -> bool {
    let hundredths = (value * 100.0).abs();
    hundredths < 1e7 && hundredths.fract() == 0.0
}

/// The number of decimals that shows `digits` significant digits of a number of this size, at most 9.
///
/// ```
/// use forecast::write::decimals;
///
/// assert_eq!([1234.5, 0.012_34, 0.0].map(|size| decimals(size, 4)), [0, 5, 0]);
/// ```
pub fn decimals(size: f64, digits: usize) -> usize {
    let shown = size > 0.0 && size.is_finite();
    if shown { (digits as f64 - 1.0 - size.log10().floor()).clamp(0.0, MAX_DECIMALS) as usize } else { 0 }
}

/// A value that is rounded to `digits` significant digits.
pub(crate) fn rounded(value: f64, digits: usize) -> f64 {
    if digits >= EXACT_DIGITS {
        return value;
    }
    format!("{value:.*e}", digits.saturating_sub(1)).parse().expect("a number that was just written")
}

/// Forecasts of the series of a panel, in its order, with the digits that the tables have. Pictures of them can be drawn
/// again from the tables.
///
/// # Panics
/// If there is not one forecast for each series.
///
/// ```
/// use forecast::write::forecasts_as_written;
/// use forecast::{Forecast, Panel};
///
/// let panel = Panel::from_values(&[1.0, 2.0], 1);
/// let third = Forecast::after(&panel.iter().next().expect("one series"), &[0.5], vec![vec![1.0 / 3.0]]);
/// assert_eq!(forecasts_as_written(&panel, vec![third])[0].median(), [0.333_333_3]);
/// ```
#[must_use]
pub fn forecasts_as_written(panel: &Panel, forecasts: Vec<Forecast>) -> Vec<Forecast> {
    let digits = digits_by_series(panel);
    assert_eq!(forecasts.len(), digits.len(), "there is one forecast for each series");
    forecasts.into_iter().zip(digits).map(|(forecast, digits)| with_digits(forecast, digits)).collect()
}

/// Hindcasts with the digits that the tables have.
#[must_use]
pub fn hindcasts_as_written(panel: &Panel, hindcasts: &[Hindcast]) -> Vec<Hindcast> {
    let digits = digits_by_series(panel);
    let written = |own: &Hindcast| Hindcast { forecast: with_digits(own.forecast.clone(), digits[own.series]), ..*own };
    hindcasts.iter().map(written).collect()
}

fn with_digits(forecast: Forecast, digits: usize) -> Forecast {
    forecast.with_each_value(|_, _, value| rounded(value, digits))
}

fn digits_of(value: f64) -> usize {
    let text = format!("{:e}", value.abs());
    text.bytes().take_while(|byte| *byte != b'e').filter(u8::is_ascii_digit).count()
}

/// The shortest text of a value that is rounded to `digits` significant digits, at least 1.
///
/// ```
/// use forecast::write::round_to_digits;
///
/// assert_eq!(round_to_digits(0.1 + 0.2, 7), "0.3");
/// assert_eq!(round_to_digits(1e300, 7), "1e300");
/// ```
pub fn round_to_digits(value: f64, digits: usize) -> String {
    let rounded = rounded(value, digits);
    match rounded.abs() {
        0.0 => "0".into(),
        size if (1e-7..1e16).contains(&size) => format!("{rounded}"),
        _ => format!("{rounded:e}"),
    }
}
