//! What a run shows on the terminal and writes into its output folder.

pub(crate) mod backtest_csv;
pub(crate) mod ensemble_summary;
pub(crate) mod forecast_csv;
pub(crate) mod forecast_table;
pub(crate) mod inspection;
pub(crate) mod leaderboard;
pub(crate) mod output_dir;
pub(crate) mod run_json;
pub(crate) mod terminal;
pub(crate) mod verdict;
