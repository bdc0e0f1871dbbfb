//! The flags of the file and its interpretation.

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use forecast::model::Model;
use forecast::panel::{BadRowPolicy, Covariate, CovariateKind, DuplicatePolicy, GapFill, RepairPolicy};
use forecast::read::{self, Conventions, Dataset, Decimal, ReadOptions, Source, TextEncoding};
use forecast::time::{DateOrder, Holidays, NamedFrequency, TimeZone};

use crate::args::value::season_length;
use crate::exit_status::CliError;
use crate::report::hints::quoting::quoted;

#[derive(Debug, Default, Clone, Args)]
#[command(next_help_heading = "Source")]
pub(crate) struct ReadArgs {
    /// File to read: CSV in any dialect, .xlsx, .ods, JSON, Parquet or Arrow, also compressed by gzip or zstd; `-` reads stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) csv: PathBuf,
    /// Sheet of a workbook [default: the one with the largest table]
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// Encoding of the text, if the file does not determine it, such as windows-1250, shift-jis or gbk
    #[arg(long, value_name = "NAME")]
    encoding: Option<TextEncoding>,
    /// Time column, if several columns qualify
    #[arg(long, value_name = "NAME")]
    time: Option<String>,
    /// Column to forecast, if several columns qualify
    #[arg(long, value_name = "NAME")]
    target: Option<String>,
    /// Columns that identify the series (repeat the flag, or separate names by commas)
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    id: Vec<String>,
    #[arg(long, value_name = "NAME")]
    #[arg(help = format!("Step between rows, if the times do not determine it: {}", NamedFrequency::names().join(", ")))]
    frequency: Option<NamedFrequency>,
    /// Steps after which the pattern repeats, such as 12 or 24,168, or none [default: those of the calendar, such as 7
    /// for days; without dates, those found in the values]
    #[arg(long, value_name = "STEPS", value_delimiter = ',', value_parser = season_length)]
    season: Vec<usize>,
    /// Order of day and month in dates such as 03/04/2024, if the file does not determine it
    #[arg(long, value_name = "ORDER")]
    dates: Option<DateOrder>,
    /// Columns that are one series each, or `all` for every numeric column
    #[arg(long, value_name = "NAMES", value_delimiter = ',', conflicts_with = "target")]
    wide: Vec<String>,
    /// Decimal mark of numbers, if the file does not determine it: point, comma
    #[arg(long, value_name = "MARK")]
    decimal: Option<Decimal>,
    /// Time zone of the times, such as Europe/Berlin; times in UTC are converted to it
    #[arg(long, value_name = "NAME")]
    zone: Option<TimeZone>,
    /// Several rows with one time: sum, mean, last, error [default: equal rows are merged, others are an error]
    #[arg(long, value_name = "HOW")]
    #[arg(
        long_help = "How several rows with one time are merged: sum, mean, last, error [default: equal rows are merged, \
                       others are an error]. With --frequency, rows that are more frequent are merged in the same way"
    )]
    duplicates: Option<DuplicatePolicy>,
    /// Periods without a row: fill, last, zero [default: fill, by the season and the neighbours]
    #[arg(long, value_name = "HOW")]
    gaps: Option<GapFill>,
    /// Values of id columns whose series are left out, such as Total
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    leave_out: Vec<String>,
    /// Further cells that stand for a missing value, such as -999 or M; none keeps all numbers [default: numbers such as
    /// -999 that repeat far outside of all others]
    #[arg(long, value_name = "CELLS", value_delimiter = ',', allow_hyphen_values = true)]
    missing: Option<Vec<String>>,
    /// Lines and cells that cannot be read: skip, error [default: error]
    #[arg(long, value_name = "HOW")]
    bad_rows: Option<BadRowPolicy>,
    /// Outliers: clip them for the models, but not for the evaluation, or keep them [default: clip]
    #[arg(long, value_name = "HOW", value_parser = policy("clip"))]
    spikes: Option<RepairPolicy>,
    /// An unfinished last period: drop it, or keep it [default: drop]
    #[arg(long, value_name = "HOW", value_parser = policy("drop"))]
    unfinished: Option<RepairPolicy>,
    /// Other columns for auto and global, or `all`. Those with values after the last target are known in the future
    #[arg(long, value_name = "NAMES", value_delimiter = ',', help_heading = "Covariates")]
    #[arg(
        long_help = "Other columns for auto and global, separated by commas, or `all`: numbers, yes and no, or words. A \
                       column is known in the future if it has values after the last one of the target. Rows of the \
                       future are rows of the same file with an empty target, or the rows of --future. Other columns are \
                       used for the past only; the output lists them"
    )]
    covariates: Vec<String>,
    /// Covariates that are words, also where they look like numbers
    #[arg(long, value_name = "NAMES", value_delimiter = ',', help_heading = "Covariates")]
    categories: Vec<String>,
    /// File with the covariates of the steps to forecast, in columns of the same names
    #[arg(long, value_name = "FILE", help_heading = "Covariates")]
    future: Option<PathBuf>,
    /// Country whose public holidays auto and global may use, by its code: AU, DE, US
    #[arg(long, value_name = "COUNTRY", help_heading = "Covariates")]
    holidays: Option<Holidays>,
}

/// Finds the flags of the file in the command of an earlier run.
pub(crate) type EarlierFlags = fn(&[String]) -> Option<ReadArgs>;

/// Whether the flags of an earlier run are those of a newer file.
#[derive(Debug, Clone, Copy, Default, Args)]
#[command(next_help_heading = "Source")]
pub(crate) struct InheritArg {
    /// Read the file with the typed flags only, and not as the earlier run read its file
    #[arg(long)]
    only_typed: bool,
}

impl InheritArg {
    /// Refuses the flag for a model that is not in the folder of a run.
    pub(crate) fn check_has_run(self) -> anyhow::Result<()> {
        if !self.only_typed {
            return Ok(());
        }
        Err(CliError::usage(
            "--only-typed has no effect on this model, which is not in the folder of a run with flags",
            "leave --only-typed out",
        ))
    }

    /// Refuses the flag for a model that is fitted to the file.
    pub(crate) fn check_has_model(self) -> anyhow::Result<()> {
        if !self.only_typed {
            return Ok(());
        }
        Err(CliError::usage(
            "--only-typed has no effect without --pooled-model, since no earlier run has flags",
            "leave --only-typed out, or name the folder of a pooled model with `--pooled-model DIR`",
        ))
    }

    /// The flags of the file in the command of an earlier run, unless only the typed ones count.
    pub(crate) fn flags_of(self, command: &[String], earlier_flags: EarlierFlags) -> Option<ReadArgs> {
        if self.only_typed { None } else { earlier_flags(command) }
    }

    /// How an earlier file was written, unless only the typed flags count.
    pub(crate) fn conventions_of(self, earlier: &Conventions) -> Conventions {
        if self.only_typed { Conventions::default() } else { earlier.clone() }
    }
}

impl ReadArgs {
    /// These flags, and those of an earlier command where none was typed.
    pub(crate) fn or(self, earlier: Option<&Self>) -> Self {
        let Some(earlier) = earlier.cloned() else { return self };
        let names = |typed: Vec<String>, earlier: Vec<String>| if typed.is_empty() { earlier } else { typed };
        let names_a_target = self.target.is_some() || !self.wide.is_empty();
        Self {
            sheet: self.sheet.or(earlier.sheet),
            encoding: self.encoding.or(earlier.encoding),
            time: self.time.or(earlier.time),
            target: self.target.or(earlier.target.filter(|_| !names_a_target)),
            wide: if names_a_target { self.wide } else { earlier.wide },
            id: names(self.id, earlier.id),
            frequency: self.frequency.or(earlier.frequency),
            season: if self.season.is_empty() { earlier.season } else { self.season },
            dates: self.dates.or(earlier.dates),
            decimal: self.decimal.or(earlier.decimal),
            zone: self.zone.or(earlier.zone),
            duplicates: self.duplicates.or(earlier.duplicates),
            gaps: self.gaps.or(earlier.gaps),
            leave_out: names(self.leave_out, earlier.leave_out),
            missing: self.missing.or(earlier.missing),
            bad_rows: self.bad_rows.or(earlier.bad_rows),
            spikes: self.spikes.or(earlier.spikes),
            unfinished: self.unfinished.or(earlier.unfinished),
            covariates: names(self.covariates, earlier.covariates),
            categories: names(self.categories, earlier.categories),
            future: self.future.or(earlier.future),
            holidays: self.holidays.or(earlier.holidays),
            csv: self.csv,
        }
    }

    /// The flags of an earlier run that say how a file is read. Its covariates, seasons and future rows are left out, since
    /// a model has its own.
    pub(crate) fn without_covariates(self) -> Self {
        let (covariates, categories) = (Vec::new(), Vec::new());
        Self { covariates, categories, future: None, holidays: None, season: Vec::new(), ..self }
    }

    /// The flags of an earlier run that say how the data of requests are read, which are text.
    pub(crate) fn for_requests(self) -> Self {
        Self { sheet: None, encoding: None, ..self.without_covariates() }
    }

    /// The names of the flags of an earlier run that count, because none was typed. Names of columns are left out: a model
    /// knows its columns.
    pub(crate) fn names_from(&self, earlier: &Self) -> Vec<&'static str> {
        let names_a_target = self.target.is_some() || !self.wide.is_empty();
        let all = [
            ("--sheet", self.sheet.is_none() && earlier.sheet.is_some()),
            ("--encoding", self.encoding.is_none() && earlier.encoding.is_some()),
            ("--wide", !names_a_target && !earlier.wide.is_empty()),
            ("--frequency", self.frequency.is_none() && earlier.frequency.is_some()),
            ("--dates", self.dates.is_none() && earlier.dates.is_some()),
            ("--decimal", self.decimal.is_none() && earlier.decimal.is_some()),
            ("--zone", self.zone.is_none() && earlier.zone.is_some()),
            ("--duplicates", self.duplicates.is_none() && earlier.duplicates.is_some()),
            ("--gaps", self.gaps.is_none() && earlier.gaps.is_some()),
            ("--leave-out", self.leave_out.is_empty() && !earlier.leave_out.is_empty()),
            ("--missing", self.missing.is_none() && earlier.missing.is_some()),
            ("--bad-rows", self.bad_rows.is_none() && earlier.bad_rows.is_some()),
            ("--spikes", self.spikes.is_none() && earlier.spikes.is_some()),
            ("--unfinished", self.unfinished.is_none() && earlier.unfinished.is_some()),
        ];
        all.into_iter().filter(|(_, counts)| *counts).map(|(name, _)| name).collect()
    }

    pub(crate) fn input(&self) -> Source {
        Source::parse(&self.csv)
    }

    pub(crate) fn read(&self) -> forecast::Result<Dataset> {
        read::read(&self.input(), &self.options())
    }

    pub(crate) fn options(&self) -> ReadOptions {
        ReadOptions {
            sheet: self.sheet.clone(),
            encoding: self.encoding,
            time: self.time.clone(),
            target: self.target.clone(),
            ids: self.id.clone(),
            frequency: self.frequency,
            seasons: (!self.season.is_empty()).then(|| self.season.clone()),
            dates: self.dates,
            wide: self.wide.clone(),
            decimal: self.decimal,
            zone: self.zone,
            duplicates: self.duplicates.unwrap_or_default(),
            gaps: self.gaps.unwrap_or_default(),
            leave_out: self.leave_out.clone(),
            missing: self.missing.as_ref().map(|cells| if cells == &["none"] { Vec::new() } else { cells.clone() }),
            bad_rows: self.bad_rows.unwrap_or_default(),
            spikes: self.spikes.unwrap_or_default(),
            unfinished: self.unfinished.unwrap_or_default(),
            covariates: self.covariates.clone(),
            categories: self.categories.clone(),
            future: self.future.as_ref().map(Source::parse),
            holidays: self.holidays,
            ..ReadOptions::default()
        }
    }

    /// The options with which what is read of a series does not depend on the other series of the file.
    ///
    /// An unfinished last period is kept, since most series of a file decide it. Numbers mean a missing value only if
    /// they were typed, and not because they occur often. The categories of covariates are those of each series.
    ///
    /// # Errors
    /// If an unfinished period is to be dropped. `flag` is the one that asks for such options.
    pub(crate) fn options_of_separate_series(&self, flag: &str) -> anyhow::Result<ReadOptions> {
        if self.unfinished == Some(RepairPolicy::Repair) {
            return Err(CliError::usage(
                format!(
                    "--unfinished drop depends on all series of the file, and with {flag} none influences another one"
                ),
                "leave --unfinished out, and the rows of an unfinished period out of the file",
            ));
        }
        let options = self.options();
        let missing = Some(options.missing.unwrap_or_default());
        Ok(ReadOptions {
            unfinished: RepairPolicy::Keep,
            missing,
            separate_covariates: true,
            accepts_long_seasons: true,
            ..options
        })
    }

    /// The options for a saved model with these covariates. Covariates on the command line have priority.
    pub(crate) fn options_for(&self, covariates: &[Covariate]) -> ReadOptions {
        let mut options = self.options();
        self.add_covariates(&mut options, covariates);
        options
    }

    /// Adds the covariates of a saved model to the options. If columns are on the command line, others are not added, and
    /// they have the kind of the training.
    pub(crate) fn add_covariates(&self, options: &mut ReadOptions, covariates: &[Covariate]) {
        let none_is_typed = self.covariates.is_empty() && self.categories.is_empty();
        for covariate in covariates {
            let Covariate { name, kind, .. } = covariate;
            let is_wanted = none_is_typed || self.covariates.iter().any(|typed| typed.eq_ignore_ascii_case(name));
            match kind {
                CovariateKind::Holidays(country) => options.holidays = options.holidays.or(country.parse().ok()),
                CovariateKind::Category(_) if is_wanted => options.categories.push(name.clone()),
                CovariateKind::Number if none_is_typed => options.covariates.push(name.clone()),
                _ => {}
            }
            options.model_covariates.extend(is_wanted.then(|| covariate.clone()));
        }
    }

    /// The name of the time column, if it was typed.
    pub(crate) fn time(&self) -> Option<&str> {
        self.time.as_deref()
    }

    /// The name of the target, if it was typed.
    pub(crate) fn target(&self) -> Option<&str> {
        self.target.as_deref()
    }

    /// The names of the id columns that were typed.
    pub(crate) fn ids(&self) -> &[String] {
        &self.id
    }

    /// Whether seasons were typed.
    pub(crate) fn has_season(&self) -> bool {
        !self.season.is_empty()
    }

    /// The country whose holidays were typed.
    pub(crate) fn holidays(&self) -> Option<Holidays> {
        self.holidays
    }

    /// The flags that add covariates, of those that were typed.
    pub(crate) fn covariate_flags(&self) -> Vec<&'static str> {
        self.covariate_column_flags().into_iter().chain(self.holidays.map(|_| "--holidays")).collect()
    }

    /// The flags that name columns as covariates, of those that were typed.
    pub(crate) fn covariate_column_flags(&self) -> Vec<&'static str> {
        let all = [("--covariates", !self.covariates.is_empty()), ("--categories", !self.categories.is_empty())];
        all.into_iter().filter(|(_, is_typed)| *is_typed).map(|(flag, _)| flag).collect()
    }

    /// Whether a column was typed as one of words.
    pub(crate) fn is_typed_as_category(&self, column: &str) -> bool {
        self.categories.iter().any(|typed| typed.eq_ignore_ascii_case(column))
    }

    /// The flag that adds future rows, if it was typed.
    pub(crate) fn future_flag(&self) -> Option<&'static str> {
        self.future.as_ref().map(|_| "--future")
    }

    /// Rejects flags on covariates that none of the models uses.
    pub(crate) fn check_covariates(&self, models: &[Box<dyn Model>]) -> anyhow::Result<()> {
        match (self.covariate_flags().first(), self.future_flag()) {
            (Some(flag), _) if !models.iter().any(|model| model.uses_covariates()) => Err(CliError::usage(
                format!("{flag} has no effect on {}, which uses the target alone", models[0].name()),
                format!("leave {flag} out, or choose a model that uses it: `--model auto` or `--model global`"),
            )),
            (None, Some(flag)) => Err(CliError::usage(
                format!("{flag} has no effect without covariates"),
                "name the columns that are known in the future with `--covariates NAMES`, or `--covariates all`",
            )),
            _ => Ok(()),
        }
    }

    /// The command that trains a model of the same file, with further flags.
    pub(crate) fn train_command(&self, flags: &str) -> String {
        format!("forecast train --csv {} --horizon N --out DIR {flags}", self.quoted_file()).trim_end().to_owned()
    }

    /// The command that tests a model on the past of the same file.
    pub(crate) fn backtest_command(&self) -> String {
        format!("forecast backtest --csv {} --horizon N", self.quoted_file())
    }

    /// The name of the file as it is typed; `FILE` for a stream.
    fn quoted_file(&self) -> String {
        let name = self.csv.to_string_lossy();
        if matches!(&*name, "" | "-") { "FILE".to_owned() } else { quoted(&name) }
    }

    /// The output folder: as typed, or else `<stem>-<what>` in the current folder.
    pub(crate) fn out_or_default(&self, out: Option<&Path>, what: &str) -> PathBuf {
        let default = || PathBuf::from(format!("{}-{what}", self.input().stem().as_deref().unwrap_or("stdin")));
        out.map_or_else(default, Path::to_path_buf)
    }
}

/// The parser of the name of a repair, or `keep`.
fn policy(repair: &'static str) -> impl TypedValueParser<Value = RepairPolicy> {
    let choices = PossibleValuesParser::new([repair, "keep"]);
    choices.map(|typed| if typed == "keep" { RepairPolicy::Keep } else { RepairPolicy::Repair })
}
