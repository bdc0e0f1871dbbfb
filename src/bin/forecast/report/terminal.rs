//! The only place that prints: results to stdout, all else to stderr.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::error::ErrorKind;
use forecast::backtest::Folds;
use forecast::forecast::Forecast;
use forecast::model::{EnsembleWeights, Epoch, Event};
use forecast::panel::Panel;
use forecast::read::Dataset;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli_error;
use crate::covariates;
use crate::interrupt;
use crate::learn::Fitted;
use crate::reconcile::Levels;
use crate::report::ensemble_summary;
use crate::report::forecast_csv;
use crate::report::forecast_table;
use crate::report::inspection;
use crate::report::leaderboard::{self, Contender};
use crate::report::output_dir::OutputDir;
use crate::sensitivity::Sensitivity;
use crate::settings::Loudness;
use crate::totals::Joint;
use crate::usage;

/// What the user sees of a run.
#[derive(Debug)]
pub(crate) struct Terminal {
    loudness: Loudness,
}

impl Terminal {
    pub(crate) fn new(loudness: Loudness) -> Self {
        Self { loudness }
    }

    /// The one line of what was read, and what the reader should know of it.
    pub(crate) fn understood(&self, dataset: &Dataset) {
        self.note(&dataset.summary());
        for notice in &dataset.notices {
            self.note(&format!("note: {notice}"));
        }
        for repair in &dataset.repairs {
            self.detail(&format!("repaired: {repair}"));
        }
    }

    /// What is known of the covariates, if there are any.
    pub(crate) fn beside(&self, panel: &Panel) {
        if let Some(line) = covariates::line(panel) {
            self.note(&line);
        }
    }

    /// Something worth knowing.
    pub(crate) fn note(&self, text: &str) {
        if !self.loudness.quiet {
            to_stderr(text);
        }
    }

    /// Something for those who asked for more.
    pub(crate) fn detail(&self, text: &str) {
        if self.loudness.verbose {
            to_stderr(text);
        }
    }

    /// How training went: what was out of the ordinary for everyone, the rest for those who asked.
    pub(crate) fn trained<F>(&self, fitted: &Fitted<F>) {
        let undone = fitted.events.iter().filter(|event| matches!(event, Event::StepUndone { .. })).count();
        if undone > 0 {
            self.note(&format!(
                "note: {undone} training steps were not finite and were undone, at a halved learning rate each time"
            ));
        }
        let Some(last) = fitted.epochs.last() else { return };
        let best = fitted.best().map(|best| format!(", the best was epoch {best}")).unwrap_or_default();
        let clipped = fitted.epochs.iter().map(|epoch| epoch.clipped).sum::<f64>() / fitted.epochs.len() as f64;
        self.detail(&format!(
            "trained {} of {} epochs in {:.1} s{best}; {:.0} % of the gradients were clipped",
            last.number,
            last.of,
            fitted.took.as_secs_f64(),
            100.0 * clipped
        ));
    }

    /// Every part of a forecast and its weight, for those who asked for more.
    pub(crate) fn weights(&self, weighings: &[EnsembleWeights]) {
        if let Some(table) = ensemble_summary::table(weighings) {
            self.detail(&table);
        }
    }

    /// A progress line, on a terminal only.
    pub(crate) fn progress(&self, what: &str) -> Progress {
        if self.loudness.quiet || !io::stderr().is_terminal() {
            return Progress { bar: ProgressBar::hidden(), fold: String::new() };
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style =
            ProgressStyle::with_template("{prefix}: {wide_msg}").expect("a template that is part of the program");
        bar.set_style(style);
        bar.set_prefix(what.to_owned());
        Progress { bar, fold: String::new() }
    }

    /// A result.
    pub(crate) fn say(&self, text: &str) -> io::Result<()> {
        if self.loudness.quiet { Ok(()) } else { writeln!(anstream::stdout(), "{text}") }
    }

    /// Where a run's files are.
    pub(crate) fn wrote(&self, folder: &OutputDir) -> io::Result<()> {
        let shown = folder.shown().display();
        self.say(&format!("wrote {shown}/: {}", folder.contents()?.join(", ")))
    }

    /// What a file was understood as.
    pub(crate) fn inspection(&self, dataset: &Dataset) -> io::Result<()> {
        self.say(&inspection::draw(dataset, self.loudness.verbose))
    }

    /// The forecast as a table.
    pub(crate) fn table(&self, panel: &Panel, forecasts: &[Forecast]) -> io::Result<()> {
        self.say(&forecast_table::draw(panel, forecasts, terminal_width()))?;
        let flat = forecasts.iter().filter(|forecast| forecast_csv::is_flat(forecast)).count();
        if flat == forecasts.len() {
            self.note("note: the bands have no width, because the history shows no error to learn one from");
        } else if flat > 0 {
            self.note(&format!("note: the bands of {flat} series have no width, because their history shows no error"));
        }
        Ok(())
    }

    /// Totals and the chance of an excess.
    pub(crate) fn joint(&self, joint: &Joint, panel: &Panel, forecasts: &[Forecast]) -> io::Result<()> {
        self.say(&joint.draw(panel, forecasts, terminal_width()))
    }

    /// What adding up did to the errors, where it was asked for.
    pub(crate) fn levels(&self, levels: Option<&Levels>) -> io::Result<()> {
        levels.map_or(Ok(()), |levels| self.say(&levels.draw()).and_then(|()| self.say(&levels.line())))
    }

    /// How much repairs moved the forecast, where that was asked for.
    pub(crate) fn sensitivity(&self, sensitivity: Option<&Sensitivity>) -> io::Result<()> {
        sensitivity.map_or(Ok(()), |sensitivity| self.say(&sensitivity.draw()))
    }

    /// The scores of several models as a table.
    pub(crate) fn ranking(&self, contenders: &[Contender]) -> io::Result<()> {
        self.say(&leaderboard::draw(contenders, terminal_width()))
    }

    /// How many series no fold has room in.
    pub(crate) fn left_out(&self, panel: &Panel, folds: &Folds) {
        let left_out = panel.iter().filter(|series| !folds.has_room_in(series)).count();
        if left_out > 0 {
            let are = if left_out == 1 { "is" } else { "are" };
            self.note(&format!(
                "note: {left_out} of {} series {are} too short for any fold, and left out",
                panel.count()
            ));
        }
    }

    /// The forecast as CSV, nothing else, however quiet.
    pub(crate) fn csv(panel: &Panel, forecasts: &[Forecast]) -> io::Result<()> {
        forecast_csv::write(io::BufWriter::new(io::stdout().lock()), panel, forecasts)
    }
}

/// The columns of the terminal that stdout is, `None` where it is none.
fn terminal_width() -> Option<usize> {
    comfy_table::Table::new().width().map(usize::from)
}

/// A line that shows how far training has come.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    fold: String,
}

impl Progress {
    /// Says before all else which fold it is.
    pub(crate) fn fold(&mut self, number: usize, of: usize) {
        self.fold = format!("fold {number}/{of}, ");
        self.bar.set_message(format!("fold {number}/{of}"));
        self.bar.tick();
    }

    /// Says how much of what a model is made of was tried.
    pub(crate) fn tried(&self, number: usize, of: usize) {
        let left = self.left(number, of);
        self.bar.set_message(format!("{}tried {number} of {of}, {left} left{}", self.fold, stopping()));
        self.bar.tick();
    }

    fn left(&self, number: usize, of: usize) -> String {
        rounded(self.bar.elapsed().mul_f64(of.saturating_sub(number) as f64 / number.max(1) as f64))
    }

    pub(crate) fn epoch(&self, epoch: &Epoch) {
        let left = self.left(epoch.number, epoch.of);
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

    pub(crate) fn done(&self) {
        self.bar.finish_and_clear();
    }
}

fn stopping() -> &'static str {
    if interrupt::requested() { ", stopping with the best so far" } else { "" }
}

fn rounded(time: Duration) -> String {
    let seconds = time.as_secs_f64().ceil() as u64;
    if seconds < 120 { format!("{seconds} s") } else { format!("{} min", seconds.div_ceil(60)) }
}

/// Reports a failure and gives its exit code. A reader that went away is no failure.
pub(crate) fn failure(error: &anyhow::Error) -> ExitCode {
    let broken_pipe = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    };
    if error.chain().any(broken_pipe) {
        return ExitCode::SUCCESS;
    }
    let (code, hint) = cli_error::code_and_hint(error);
    report(&format!("{error:#}"), hint.as_deref());
    ExitCode::from(code)
}

/// Answers `--help` and `--version`, and reports what clap could not parse.
pub(crate) fn parse_failure(error: &clap::Error) -> anyhow::Result<ExitCode> {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        write!(anstream::stdout(), "{}", error.render().ansi())?;
        return Ok(ExitCode::SUCCESS);
    }
    Err(usage::refusal(error).into())
}

fn report(message: &str, hint: Option<&str>) {
    to_stderr(&format!("\x1b[1;31merror:\x1b[0m {message}"));
    if let Some(hint) = hint {
        to_stderr(&format!("\x1b[1;36mhint:\x1b[0m {hint}"));
    }
}

/// Colours are dropped where nobody sees them. If stderr itself is gone there is nobody left to tell.
fn to_stderr(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}
