//! The tools that agents are offered: each is a command of this program.

/// A tool, and the commands that answer it.
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) description: &'static str,
    /// The tables that its answers may have.
    pub(crate) tables: &'static [&'static str],
    /// The first one whose inputs are given answers a call.
    pub(crate) forms: &'static [Form],
}

/// A command with its inputs. Its other arguments are the flags of the command.
pub(crate) struct Form {
    /// The name of the command; empty for that of the program itself.
    pub(crate) command: &'static str,
    pub(crate) inputs: &'static [Input],
    /// Flags that are always typed.
    pub(crate) fixed: &'static [&'static str],
}

/// An argument that names something in the folder of the agent.
pub(crate) struct Input {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) kind: InputKind,
    /// The flag before its path; none if the path is a word of its own.
    pub(crate) flag: Option<&'static str>,
    pub(crate) is_required: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InputKind {
    /// A file with data.
    File,
    /// The folder of a run.
    Run,
}

const FILE: Input = Input {
    name: "file",
    description: "Path of the file, relative to the folder of this server: CSV in any dialect, .xlsx, .ods, JSON, Parquet or \
                  Arrow, also compressed by gzip or zstd",
    kind: InputKind::File,
    flag: Some("csv"),
    is_required: true,
};

const FUTURE: Input = Input {
    name: "future",
    description: "Path of a file with the covariates of the steps to forecast, in columns of the same names",
    kind: InputKind::File,
    flag: Some("future"),
    is_required: false,
};

const RUN: Input = Input {
    name: "run",
    description: "Folder that `forecast` wrote, relative to the folder of this server; the earlier one of two",
    kind: InputKind::Run,
    flag: None,
    is_required: true,
};

const OTHER_RUN: Input = Input {
    name: "other_run",
    description: "Folder of the later run: the answer is what changed, and what the difference of the forecasts is due to",
    ..RUN
};

const FILE_SINCE: Input = Input {
    name: "file",
    description: "Instead of other_run, path of a file with the values since then: the answer is the scores of the forecast",
    ..FILE
};

/// The tables of each kind of answer.
const INSPECTED: &[&str] = &["series", "repairs", "failed"];
const FORECAST: &[&str] =
    &["forecast", "totals", "threshold", "anomalies", "sensitivity", "repairs", "failed", "components"];
const BACKTEST: &[&str] = &["metrics", "backtest", "repairs", "failed"];
const COMPARED: &[&str] = &["diff", "score"];

pub(crate) const TOOLS: [Tool; 5] = [
    Tool {
        name: "inspect",
        tables: INSPECTED,
        title: "Inspect a file with time series",
        description: "Shows how a file is read: time column, target, series, frequency, gaps, repairs. Fits nothing and takes \
                      well under a second. Call it first if the columns are unknown.",
        forms: &[Form { command: "inspect", inputs: &[FILE], fixed: &[] }],
    },
    Tool {
        name: "forecast",
        tables: FORECAST,
        title: "Forecast a file with time series",
        description: "Forecasts the next steps of every series of a file, with intervals, and compares the model with the \
                      seasonal naive forecast on past cutoffs. Needs `horizon` or `until`. The forecast is in \
                      tables.forecast, its point forecast is the median; verdict.sentence says whether the model beats the \
                      baseline. Takes seconds to minutes; `budget` limits the time.",
        forms: &[Form { command: "", inputs: &[FILE, FUTURE], fixed: &["--out=-"] }],
    },
    Tool {
        name: "backtest",
        tables: BACKTEST,
        title: "Compare models on the past of a file",
        description: "Forecasts the past from several cutoffs with several models and scores them on the same folds. Needs \
                      `horizon` or `until`. tables.metrics has the scores, tables.backtest each forecast with the actual \
                      value. Takes seconds to minutes; `budget` limits the time.",
        forms: &[Form { command: "backtest", inputs: &[FILE, FUTURE], fixed: &["--out=-"] }],
    },
    Tool {
        name: "explain",
        tables: FORECAST,
        title: "Forecast a file and explain the forecast",
        description: "Forecasts as `forecast` does, and adds the reasons: tables.components has the level, seasons, holidays \
                      and other effects that add up to each forecast, `reasons` a sentence on each series.",
        forms: &[Form { command: "", inputs: &[FILE, FUTURE], fixed: &["--explain", "--out=-"] }],
    },
    Tool {
        name: "compare",
        tables: COMPARED,
        title: "Compare two runs, or a run with what happened",
        description: "With `run` and `other_run`, shows what changed between two runs and splits the difference of their \
                      forecasts into revised history, new data and model. With `run` and `file`, scores the forecast of a run \
                      against the values since then. A run is a folder that the command line wrote. To compare models, call \
                      `backtest`.",
        forms: &[
            Form { command: "diff", inputs: &[RUN, OTHER_RUN], fixed: &[] },
            Form { command: "score", inputs: &[RUN, FILE_SINCE], fixed: &[] },
        ],
    },
];
