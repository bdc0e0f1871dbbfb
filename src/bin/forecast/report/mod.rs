//! The output of a run: tables, sentences, files and the output folder.

pub(crate) mod check_list;
pub(crate) mod difference_table;
pub(crate) mod ensemble_summary;
pub(crate) mod explanation;
pub(crate) mod forecast_table;
pub(crate) mod hints;
pub(crate) mod html_report;
pub(crate) mod inspection;
pub(crate) mod json_output;
pub(crate) mod leaderboard;
pub(crate) mod output_dir;
pub(crate) mod picture_files;
pub(crate) mod pictures;
pub(crate) mod reconciliation_table;
pub(crate) mod result_folder;
pub(crate) mod run_json;
pub(crate) mod score_table;
pub(crate) mod table_files;
pub(crate) mod terminal;
pub(crate) mod terminal_chart;
pub(crate) mod text_table;
pub(crate) mod training_line;
pub(crate) mod trust_files;
pub(crate) mod verdict_line;
