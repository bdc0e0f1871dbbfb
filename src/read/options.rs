//! The settings of the reader.

use crate::panel::{BadRowPolicy, Covariate, CovariateKind, DuplicatePolicy, GapFill, RepairPolicy};
use std::collections::BTreeMap;

use crate::read::conventions::Conventions;
use crate::read::parse::format_search::DateRules;
use crate::read::{format::encoding::TextEncoding, parse::number::Decimal, source::Source};
use crate::time::{DateOrder, Frequency, Holidays, NamedFrequency, TimeZone};

/// The settings of the reader. A setting that is not given is inferred from the file.
///
/// ```
/// use forecast::panel::DuplicatePolicy;
/// use forecast::read::{ReadOptions, Source, read};
/// use forecast::time::NamedFrequency;
///
/// let sales = "day,amount\n2024-01-01,3\n2024-01-01,4\n2024-01-02,5\n";
/// let options = ReadOptions {
///     target: Some("amount".into()),
///     frequency: Some(NamedFrequency::Daily),
///     duplicates: DuplicatePolicy::Sum,
///     ..ReadOptions::default()
/// };
/// let dataset = read(&Source::Bytes(sales.into()), &options)?;
/// assert_eq!(dataset.panel.iter().next().unwrap().values, [7.0, 5.0]);
/// # Ok::<(), forecast::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// The sheet of a workbook. By default it is the one with the largest table.
    pub sheet: Option<String>,
    /// The encoding of the text.
    pub encoding: Option<TextEncoding>,
    /// The time column.
    pub time: Option<String>,
    /// The column to forecast.
    pub target: Option<String>,
    /// The id columns, whose values name the series of a row.
    pub ids: Vec<String>,
    /// Columns that are one series each; `all` alone means every column of numbers.
    pub wide: Vec<String>,
    /// The step between rows. Rows with a shorter step are aggregated if [`ReadOptions::duplicates`] is a sum, a
    /// mean or the last value. For an integer index it determines the season length.
    pub frequency: Option<NamedFrequency>,
    /// The frequency of an earlier file of the same source. Rows without a value between its times are left out, and
    /// `2024KW01` is a quarter or a week by it.
    pub earlier_frequency: Option<Frequency>,
    /// The season lengths in steps, which are not searched for then; 1 alone means no season.
    pub seasons: Option<Vec<usize>>,
    /// Whether these lengths may be more than half of the longest series, which is an error otherwise. They may where the
    /// data are some of many series with the same seasons.
    pub accepts_long_seasons: bool,
    /// The order of day and month in dates such as 03/04/2024.
    pub dates: Option<DateOrder>,
    /// The decimal mark of the numbers.
    pub decimal: Option<Decimal>,
    /// The time zone of times without an offset, or the zone in which times with an offset are shown.
    pub zone: Option<TimeZone>,
    /// How several rows of one time are merged.
    pub duplicates: DuplicatePolicy,
    /// Values of id columns. The series with one of them are left out, such as a total of the others.
    pub leave_out: Vec<String>,
    /// Cells that stand for a missing value, such as `-999` or `M`, in addition to empty cells and words like NA. `None`
    /// means numbers such as -999 and 9999 that repeat far outside of all other values; an empty list means no number.
    pub missing: Option<Vec<String>>,
    /// Whether lines and cells that cannot be used are skipped or an error.
    pub bad_rows: BadRowPolicy,
    /// Whether spikes are clipped for the models.
    pub spikes: RepairPolicy,
    /// Whether an unfinished last period is left out.
    pub unfinished: RepairPolicy,
    /// Further columns that models may use; `all` alone means every other column.
    pub covariates: Vec<String>,
    /// Further covariates, or some of them, whose cells are words, also where they look like numbers.
    pub categories: Vec<String>,
    /// The covariates of a model, of which those that are named here have the same kind. Words are the categories of the
    /// model. Where covariates are read by series, a word in a column of numbers is an error.
    pub model_covariates: Vec<Covariate>,
    /// Whether the covariates of a series are read without the other series. Then a file may be read in parts. Words are
    /// categories, also words for yes and no. A column whose kind depends on the series is an error.
    pub separate_covariates: bool,
    /// A file of the same columns with the covariates of the steps to forecast.
    pub future: Option<Source>,
    /// The country whose public holidays are covariates.
    pub holidays: Option<Holidays>,
    /// How missing values are filled.
    pub gaps: GapFill,
    /// Whether rows before the first value are left out; otherwise their value is 0.
    pub leading_blanks: RepairPolicy,
    /// How an earlier file of the same source was written. It decides where this one can be read in two ways.
    pub conventions: Conventions,
}

impl ReadOptions {
    /// The names of all covariates that are asked for.
    pub(crate) fn all_covariates(&self) -> Vec<&String> {
        self.covariates.iter().chain(&self.categories).collect()
    }

    /// The categories that a column has in a model; `None` without such a model.
    pub(crate) fn categories_of_model(&self, column: &str) -> Option<&[String]> {
        match &self.covariate_of_model(column)?.kind {
            CovariateKind::Category(labels) => Some(labels),
            _ => None,
        }
    }

    /// Whether a column has numbers in a model.
    pub(crate) fn has_numbers_in_model(&self, column: &str) -> bool {
        self.covariate_of_model(column).is_some_and(|own| own.kind == CovariateKind::Number)
    }

    fn covariate_of_model(&self, column: &str) -> Option<&Covariate> {
        self.model_covariates.iter().find(|own| own.name.eq_ignore_ascii_case(column))
    }

    /// The conventions of the earlier file that this one may not differ from without a notice.
    pub(crate) fn expected_conventions(&self) -> Conventions {
        let Conventions { decimal, dates, .. } = self.conventions;
        let (decimal, dates) = (decimal.filter(|_| self.decimal.is_none()), dates.filter(|_| self.dates.is_none()));
        Conventions { decimal, dates, missing: BTreeMap::new() }
    }

    /// The order of day and month that is asked for, and that of an earlier file.
    pub(crate) fn date_rules(&self) -> DateRules {
        // Both quarters and months may be added up to years.
        let shorter = self.frequency.filter(|requested| *requested != NamedFrequency::Yearly);
        let requested = shorter.map(|requested| requested == NamedFrequency::Quarterly);
        let earlier = || self.earlier_frequency.map(|earlier| matches!(earlier, Frequency::Months { every: 3, .. }));
        DateRules { given: self.dates, earlier: self.conventions.dates, are_quarters: requested.or_else(earlier) }
    }
}
