//! What a table of a run consists of, whatever the file format: texts, counts, numbers and times.

use std::io;

use crate::backtest::scorecard::Steps;
use crate::panel::Panel;
use crate::time::Timestamp;

/// Stands in a row for all series or all steps.
const ALL: &str = "all";

/// The ids in the rows of scores and the position of their series: first those of all series, if there are several, whose
/// position is `None`.
pub(crate) fn all_and_each(panel: &Panel) -> impl Iterator<Item = (Vec<String>, Option<usize>)> {
    let all = (panel.count() > 1).then(|| (vec![ALL.to_owned(); panel.columns().ids.len()], None));
    all.into_iter().chain(panel.iter().enumerate().map(|(position, series)| (series.key.to_vec(), Some(position))))
}

/// Takes one cell after the other, and the end of each row.
pub(crate) trait TableWriter {
    /// The number of significant digits of the numbers that follow.
    fn digits(&mut self) -> &mut usize;

    /// Adds any text.
    fn text(&mut self, text: &str) -> &mut Self;

    /// Adds a whole number.
    fn count(&mut self, count: usize) -> &mut Self;

    /// Adds a number, or an empty cell for `None`.
    fn number(&mut self, value: Option<f64>) -> &mut Self;

    /// Adds a time of a panel.
    fn time(&mut self, panel: &Panel, time: Timestamp) -> &mut Self;

    /// Ends a row.
    ///
    /// # Errors
    /// If the row cannot be written.
    fn end_row(&mut self) -> io::Result<()>;

    /// Starts the header with the id columns of a panel. Numbers will have `digits` significant digits.
    fn start(&mut self, panel: &Panel, digits: usize) -> &mut Self {
        self.with_digits(digits).texts(&panel.columns().ids)
    }

    /// Sets the number of significant digits of the numbers that follow.
    fn with_digits(&mut self, digits: usize) -> &mut Self {
        *self.digits() = digits;
        self
    }

    /// Adds the number of a step, or `all`.
    fn steps(&mut self, steps: Steps) -> &mut Self {
        match steps {
            Steps::All => self.text(ALL),
            Steps::One(step) => self.count(step),
        }
    }

    fn texts<T: AsRef<str>>(&mut self, texts: &[T]) -> &mut Self {
        for text in texts {
            self.text(text.as_ref());
        }
        self
    }

    fn numbers(&mut self, values: impl IntoIterator<Item: Into<Option<f64>>>) -> &mut Self {
        for value in values {
            self.number(value.into());
        }
        self
    }

    /// Adds the name of the panel's time column.
    fn time_heading(&mut self, panel: &Panel) -> &mut Self {
        self.text(panel.columns().time_name())
    }
}
