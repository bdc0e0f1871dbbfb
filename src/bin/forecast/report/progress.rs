//! A line that shows the progress of a fit.

use std::time::Duration;

use forecast::model::Epoch;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::interrupt;

/// A longer remaining time is printed in minutes.
const MAX_SECONDS: u64 = 120;

/// A line that is redrawn during a fit, and cleared at its end.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    /// The fold of a backtest, as in `fold 2/5, `.
    fold: String,
}

impl Progress {
    /// A line that is not drawn.
    pub(crate) fn hidden() -> Self {
        Self { bar: ProgressBar::hidden(), fold: String::new() }
    }

    /// A line on stderr that begins with a label.
    pub(crate) fn on_stderr(label: &str) -> Self {
        let style = ProgressStyle::with_template("{prefix}: {wide_msg}").expect("the template is a constant");
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_style(style);
        bar.set_prefix(label.to_owned());
        Self { bar, fold: String::new() }
    }

    /// Shows the fold of a backtest, also at the beginning of later messages.
    pub(crate) fn fold(&mut self, number: usize, of: usize) {
        self.fold = format!("fold {number}/{of}, ");
        self.bar.set_message(format!("fold {number}/{of}"));
        self.bar.tick();
    }

    /// Shows how many candidates of an ensemble are evaluated.
    pub(crate) fn candidate(&self, number: usize, of: usize) {
        let (fold, left) = (&self.fold, self.time_left(number, of));
        self.bar.set_message(format!("{fold}evaluated {number} of {of} candidates, {left} left{}", stopping()));
        self.bar.tick();
    }

    /// Shows an epoch of training.
    pub(crate) fn epoch(&self, epoch: &Epoch) {
        let left = self.time_left(epoch.number, epoch.of);
        let validation = epoch.validation_loss.map(|loss| format!(", validation {loss:.3}")).unwrap_or_default();
        self.bar.set_message(format!(
            "{}epoch {}/{}, {left} left{}, loss {:.3}{validation}, gradient {:.3}",
            self.fold,
            epoch.number,
            epoch.of,
            stopping(),
            epoch.training_loss,
            epoch.gradient_norm
        ));
    }

    /// Removes the line.
    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    fn time_left(&self, number: usize, of: usize) -> String {
        let to_do = of.saturating_sub(number) as f64 / number.max(1) as f64;
        in_words(self.bar.elapsed().mul_f64(to_do))
    }
}

fn stopping() -> &'static str {
    if interrupt::requested() { ", stopping with the best model so far" } else { "" }
}

fn in_words(time: Duration) -> String {
    let seconds = time.as_secs_f64().ceil() as u64;
    if seconds < MAX_SECONDS { format!("{seconds} s") } else { format!("{} min", seconds.div_ceil(60)) }
}
