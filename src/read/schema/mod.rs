//! Infers the roles of the columns: the time, the target, the ids and the covariates.

pub(crate) mod block_labels;
pub(crate) mod column_inference;
pub(crate) mod covariate_columns;
pub(crate) mod entity_numbers;
pub(crate) mod few_header_times;
pub(crate) mod fiscal_years;
pub(crate) mod hours;
pub(crate) mod infer;
pub(crate) mod known_words;
pub(crate) mod named_periods;
pub(crate) mod parts_without_header;
pub(crate) mod period_grid;
pub(crate) mod profile;
pub(crate) mod roles;
pub(crate) mod series_groups;
pub(crate) mod series_in_rows;
pub(crate) mod target_columns;
pub(crate) mod time_column;
pub(crate) mod time_parts;
pub(crate) mod words;
pub(crate) mod words_of_separate_series;
