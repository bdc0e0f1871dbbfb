//! forecast.csv: the input's own id and time columns, then the forecast and its bands.

use std::io::{self, Write};

use forecast::forecast::Forecast;
use forecast::panel::Panel;
use forecast::read::Dataset;

/// Enough for any chart or sum; an input that is more precise raises it.
const DIGITS: usize = 7;

/// What an f64 holds without noise in the last places.
const MOST_DIGITS: usize = 15;

/// The name of the time column where the input had none.
pub(crate) const TIME: &str = "time";

/// Writes all forecasts, one row a series and step.
pub(crate) fn write(mut to: impl Write, panel: &Panel, forecasts: &[Forecast]) -> io::Result<()> {
    let columns = panel.columns();
    for id in &columns.ids {
        write!(to, "{},", quoted(id))?;
    }
    writeln!(to, "{},forecast,lo_80,hi_80,lo_95,hi_95", quoted(columns.time.as_deref().unwrap_or(TIME)))?;
    let digits = precision(panel);
    for forecast in forecasts {
        let key: String = forecast.key().iter().map(|id| quoted(id) + ",").collect();
        let rows = Rows::of(forecast);
        for (k, time) in forecast.times().iter().enumerate() {
            write!(to, "{key}{}", quoted(&panel.format(*time)))?;
            for value in rows.at(k) {
                write!(to, ",{}", number(value, digits))?;
            }
            writeln!(to)?;
        }
    }
    to.flush()
}

/// Writes repairs.csv: every value that is not as the file has it, by series and time.
pub(crate) fn write_repairs(mut to: impl Write, dataset: &Dataset) -> io::Result<()> {
    let number = |value: Option<f64>| value.map(|value| self::number(value, MOST_DIGITS)).unwrap_or_default();
    writeln!(to, "series,time,what,from,to")?;
    for repair in &dataset.repairs {
        let (series, time) = (quoted(&repair.series.join(" / ")), quoted(&dataset.panel.format(repair.time)));
        writeln!(to, "{series},{time},{},{},{}", repair.kind.name(), number(repair.from), number(repair.to))?;
    }
    to.flush()
}

/// Writes failed.csv: every series that is not forecast, and why.
pub(crate) fn write_failed(mut to: impl Write, dataset: &Dataset) -> io::Result<()> {
    writeln!(to, "series,reason")?;
    for failed in &dataset.failed {
        writeln!(to, "{},{}", quoted(&failed.key.join(" / ")), quoted(failed.reason))?;
    }
    to.flush()
}

/// The five numbers of each step.
pub(crate) struct Rows<'a> {
    median: &'a [f64],
    band_80: (&'a [f64], &'a [f64]),
    band_95: (&'a [f64], &'a [f64]),
}

impl<'a> Rows<'a> {
    pub(crate) fn of(forecast: &'a Forecast) -> Self {
        let band = |percent| forecast.interval(percent).expect("every run asks for the levels of both bands");
        Self { median: forecast.median(), band_80: band(80.0), band_95: band(95.0) }
    }

    /// The forecast, then the low and high end of the 80 % band, then of the 95 % band.
    pub(crate) fn at(&self, k: usize) -> [f64; 5] {
        [self.median[k], self.band_80.0[k], self.band_80.1[k], self.band_95.0[k], self.band_95.1[k]]
    }
}

/// Whether the outer band has no width at any step.
pub(crate) fn is_flat(forecast: &Forecast) -> bool {
    let (low, high) = Rows::of(forecast).band_95;
    low == high
}

/// The significant digits to write: at least as many as the input's values have.
pub(crate) fn precision(panel: &Panel) -> usize {
    let observed =
        panel.iter().flat_map(|s| s.values.iter().zip(s.observed).filter(|(_, seen)| **seen).map(|(v, _)| *v));
    // the first few thousand tell how precise a column is
    observed.take(10_000).map(significant).filter(|digits| *digits <= MOST_DIGITS).fold(DIGITS, usize::max)
}

fn significant(value: f64) -> usize {
    let text = format!("{:e}", value.abs());
    text.bytes().take_while(|byte| *byte != b'e').filter(u8::is_ascii_digit).count()
}

/// The shortest text that reads back as the value rounded to so many significant digits.
pub(crate) fn number(value: f64, digits: usize) -> String {
    let rounded: f64 = format!("{value:.*e}", digits - 1).parse().expect("a number that was just written");
    let size = rounded.abs();
    if rounded == 0.0 {
        "0".into()
    } else if (1e-7..1e16).contains(&size) {
        format!("{rounded}")
    } else {
        format!("{rounded:e}")
    }
}

/// A field as RFC 4180 wants it.
pub(crate) fn quoted(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) || text.starts_with(' ') || text.ends_with(' ') {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_but_as_precise_as_asked() {
        assert_eq!(number(222_437.912_345, 7), "222437.9");
        assert_eq!(number(0.1 + 0.2, 7), "0.3");
        assert_eq!(number(-0.0, 7), "0");
        assert_eq!(number(1.0 / 3.0, 7), "0.3333333");
        assert_eq!(number(1e300, 7), "1e300");
        assert_eq!(number(123_456_789.0, 9), "123456789");
        assert_eq!(number(-2.5e-9, 7), "-2.5e-9");
    }

    #[test]
    fn a_precise_input_is_answered_as_precisely() {
        assert_eq!(precision(&Panel::from_values(&[1.0, 2.5], 1)), 7);
        assert_eq!(precision(&Panel::from_values(&[135.077_690_3, 1.0], 1)), 10);
        assert_eq!(precision(&Panel::from_values(&[0.1 + 0.2], 1)), 7);
    }

    #[test]
    fn fields_that_hold_a_separator_are_quoted() {
        assert_eq!(quoted("North, \"upper\""), "\"North, \"\"upper\"\"\"");
        assert_eq!(quoted("plain"), "plain");
    }
}
