//! The exit codes of runs that have written their output.

use std::process::ExitCode;

use forecast::read::Dataset;

use crate::interrupt;

/// Done, but some series failed.
const SOME_SERIES_FAILED: u8 = 4;

/// Done, but with `--require-skill` the model does not beat seasonal naive.
const NO_SKILL: u8 = 5;

/// The end of every help text.
pub(crate) const HELP: &str = "\
Exit codes:
  0    done
  1    something failed
  2    the command does not make sense
  3    the data cannot be read or understood
  4    done, but some series have no forecast; failed.csv lists them
  5    done, but with --require-skill the model does not beat seasonal naive
  130  interrupted; the output is of the best model so far
If several of 4, 5 and 130 apply, the highest is returned.";

/// The exit code of a run that is done. An interrupt has priority over missing skill, and missing skill over
/// failed series.
pub(crate) fn done(dataset: &Dataset, skill_is_missing: bool) -> ExitCode {
    if interrupt::requested() {
        ExitCode::from(interrupt::EXIT_CODE)
    } else if skill_is_missing {
        ExitCode::from(NO_SKILL)
    } else if dataset.failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(SOME_SERIES_FAILED)
    }
}
