//! Parses cells and columns as numbers and times.

pub(crate) mod calendar_names;
pub(crate) mod century;
pub(crate) mod clock_change;
pub(crate) mod clock_scanner;
pub(crate) mod date_format;
pub(crate) mod east_asian;
pub(crate) mod flag;
pub(crate) mod format_search;
pub(crate) mod fraction_of_year;
pub(crate) mod future_times;
pub(crate) mod future_zone;
pub(crate) mod missing_codes;
pub(crate) mod mixed_steps;
pub(crate) mod month_days;
pub(crate) mod named_offset;
pub(crate) mod number;
pub(crate) mod number_column;
pub(crate) mod number_form;
pub(crate) mod period_part;
mod period_scanner;
pub(crate) mod scanner;
pub(crate) mod time_index;
pub(crate) mod time_spans;
pub(crate) mod total_words;
pub(crate) mod written_years;
pub(crate) mod yes_or_no;
