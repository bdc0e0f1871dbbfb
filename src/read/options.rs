//! What the caller states about a file.

use crate::panel::repair_log::{BadRowPolicy, DuplicatePolicy, GapFill, RepairPolicy};
use crate::read::parse::number::Decimal;
use crate::read::source::Source;
use crate::time::date_order::DateOrder;
use crate::time::holidays::Holidays;
use crate::time::named_frequency::NamedFrequency;
use crate::time::time_zone::TimeZone;

/// What a person says of a file; what is left out is found in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// The time column.
    pub time: Option<String>,
    /// The column to forecast.
    pub target: Option<String>,
    /// The columns that tell series apart.
    pub ids: Vec<String>,
    /// Columns that are a series each; `all` alone means every column of numbers.
    pub wide: Vec<String>,
    /// The step between rows; it gives an integer index the season of the calendar. Finer rows are added up to it where
    /// [`ReadOptions::duplicates`] says how.
    pub frequency: Option<NamedFrequency>,
    /// Steps after which the pattern repeats, 1 for none.
    pub season: Option<usize>,
    /// What comes first in dates such as 03/04/2024.
    pub dates: Option<DateOrder>,
    /// The mark before the decimals of numbers.
    pub decimal: Option<Decimal>,
    /// The zone whose clocks the times were read off, or should be shown by.
    pub zone: Option<TimeZone>,
    /// What is done with several rows of one time.
    pub duplicates: DuplicatePolicy,
    /// What is done with lines and cells that cannot be used.
    pub bad_rows: BadRowPolicy,
    /// Whether spikes are clipped before models see them.
    pub spikes: RepairPolicy,
    /// Whether an unfinished last period is left out.
    pub unfinished: RepairPolicy,
    /// Columns beside the target that models may use; `all` alone means every other column.
    pub covariates: Vec<String>,
    /// A file with rows of the future, under the same columns: what covariates are known ahead.
    pub future: Option<Source>,
    /// The country whose public holidays are covariates.
    pub holidays: Option<Holidays>,
    /// What stands in for a value that was not observed.
    pub gaps: GapFill,
    /// Whether rows before the first value are left out; 0 is read there if not.
    pub leading_blanks: RepairPolicy,
}
