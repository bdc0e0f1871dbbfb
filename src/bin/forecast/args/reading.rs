//! Flags that say what is read, and how.

use std::borrow::Cow;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use forecast::panel::{BadRowPolicy, Covariate, CovariateKind, DuplicatePolicy, RepairPolicy};
use forecast::read::{Decimal, ReadOptions, Source};
use forecast::time::{DateOrder, Holidays, NamedFrequency, TimeZone};

use crate::args::value::at_least_one;

/// What is read, and how.
#[derive(Debug, Args)]
#[command(next_help_heading = "Source")]
pub(crate) struct ReadArgs {
    /// File to read: CSV in any dialect, JSON, Parquet or Arrow, also packed with gzip or zstd; `-` reads stdin
    #[arg(long, value_name = "FILE")]
    csv: PathBuf,

    /// Time column, where more than one could be meant
    #[arg(long, value_name = "NAME")]
    time: Option<String>,

    /// Column to forecast, where more than one could be meant
    #[arg(long, value_name = "NAME")]
    target: Option<String>,

    /// Columns that tell several series apart (repeat it, or separate names by commas)
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    id: Vec<String>,

    #[arg(long, value_name = "NAME", value_parser = parsed::<NamedFrequency>, help = calendar_help())]
    frequency: Option<NamedFrequency>,

    /// Steps after which the pattern repeats, 1 for none [default: what the frequency suggests, 7 for daily]
    #[arg(long, value_name = "STEPS", allow_negative_numbers = true, value_parser = at_least_one)]
    season: Option<usize>,

    /// Order of day and month in dates such as 03/04/2024, where the file itself does not tell
    #[arg(long, value_name = "ORDER", value_parser = parsed::<DateOrder>)]
    dates: Option<DateOrder>,

    /// Columns that are a series each, or `all` for every column of numbers
    #[arg(long, value_name = "NAMES", value_delimiter = ',', conflicts_with = "target")]
    wide: Vec<String>,

    /// Decimal mark of numbers, where the file itself does not tell: point, comma
    #[arg(long, value_name = "MARK", value_parser = parsed::<Decimal>)]
    decimal: Option<Decimal>,

    /// Time zone of the times, such as Europe/Berlin: whose clocks show them, or should show those in UTC
    #[arg(long, value_name = "NAME", value_parser = parsed::<TimeZone>)]
    zone: Option<TimeZone>,

    /// Several rows of one time: sum, mean, last, error [default: equal rows are one, different ones an error]
    #[arg(
        long,
        value_name = "HOW",
        value_parser = parsed::<DuplicatePolicy>,
        long_help = "What becomes of several rows of one time: sum, mean, last, error [default: equal rows are one, \
                     different ones an error]. With --frequency, rows that come more often than that are taken \
                     together in the same way"
    )]
    duplicates: Option<DuplicatePolicy>,

    /// Lines and cells that cannot be used: skip, error [default: error]
    #[arg(long, value_name = "HOW", value_parser = parsed::<BadRowPolicy>)]
    bad_rows: Option<BadRowPolicy>,

    /// Values far from all others: clip them for models, which are still judged by them, or keep [default: clip]
    #[arg(long, value_name = "HOW", value_enum)]
    spikes: Option<Spikes>,

    /// A last period that is not over: drop it, or keep [default: drop]
    #[arg(long, value_name = "HOW", value_enum)]
    unfinished: Option<Unfinished>,

    /// Other columns that auto may use, or `all` of them: known ahead where they go on after the last target
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        help_heading = "Covariates",
        long_help = "Other columns that auto may use, separated by commas, or `all` of them: numbers, yes and no, or words. \
                     A column that has values after the last one of the target is known ahead: rows of the future are rows \
                     of the same file whose target is empty, or those of --future. Of any other column only the past is \
                     used. What is which is printed"
    )]
    covariates: Vec<String>,

    /// File with the covariates of the steps to forecast, under the same columns
    #[arg(long, value_name = "FILE", help_heading = "Covariates")]
    future: Option<PathBuf>,

    /// Country whose public holidays auto may use, by its code: AU, DE, US
    #[arg(long, value_name = "COUNTRY", value_parser = parsed::<Holidays>, help_heading = "Covariates")]
    holidays: Option<Holidays>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Spikes {
    Clip,
    Keep,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Unfinished {
    Drop,
    Keep,
}

impl ReadArgs {
    pub(crate) fn input(&self) -> Source {
        Source::parse(&self.csv)
    }

    /// The input as the user named it.
    pub(crate) fn shown(&self) -> Cow<'_, str> {
        self.csv.to_string_lossy()
    }

    pub(crate) fn options(&self) -> ReadOptions {
        ReadOptions {
            time: self.time.clone(),
            target: self.target.clone(),
            ids: self.id.clone(),
            frequency: self.frequency,
            season: self.season,
            dates: self.dates,
            wide: self.wide.clone(),
            decimal: self.decimal,
            zone: self.zone,
            duplicates: self.duplicates.unwrap_or_default(),
            bad_rows: self.bad_rows.unwrap_or_default(),
            spikes: if self.spikes == Some(Spikes::Keep) { RepairPolicy::Keep } else { RepairPolicy::Repair },
            unfinished: if self.unfinished == Some(Unfinished::Keep) {
                RepairPolicy::Keep
            } else {
                RepairPolicy::Repair
            },
            covariates: self.covariates.clone(),
            future: self.future.as_ref().map(Source::parse),
            holidays: self.holidays,
            ..ReadOptions::default()
        }
    }

    /// The flag that asks for covariates, if there is one.
    pub(crate) fn covariates_flag(&self) -> Option<&'static str> {
        let holidays = self.holidays.map(|_| "--holidays");
        if self.covariates.is_empty() { holidays } else { Some("--covariates") }
    }

    /// The flag that gives rows of the future, if there is one.
    pub(crate) fn future_flag(&self) -> Option<&'static str> {
        self.future.as_ref().map(|_| "--future")
    }

    /// What a saved model that learned from `covariates` is to be given, where nothing else is asked for.
    pub(crate) fn options_for(&self, covariates: &[Covariate]) -> ReadOptions {
        let mut options = self.options();
        for covariate in covariates.iter().filter(|_| self.covariates_flag().is_none()) {
            match &covariate.kind {
                CovariateKind::Holidays(country) => options.holidays = country.parse().ok(),
                CovariateKind::Eves(_) => {}
                _ => options.covariates.push(covariate.name.clone()),
            }
        }
        options
    }

    /// The folder to write where none was named: `<stem>-<what>` in the current folder.
    pub(crate) fn default_folder(&self, what: &str) -> PathBuf {
        PathBuf::from(format!("{}-{what}", self.input().stem().as_deref().unwrap_or("stdin")))
    }
}

fn parsed<T: std::str::FromStr<Err = forecast::Error>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: forecast::Error| error.to_string())
}

fn calendar_help() -> String {
    format!("Step between rows, where the times do not tell: {}", NamedFrequency::NAMES.join(", "))
}
