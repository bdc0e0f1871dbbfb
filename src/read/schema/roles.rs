//! The roles of the columns, and their parsed values.

use crate::panel::covariates::CovariateKind;
use crate::panel::series::Columns;
use crate::read::notice::Notice;
use crate::read::parse::time_index::{NO_TIME, TimeIndex};
use crate::read::schema::series_groups::Groups;

/// The roles of the columns, and their parsed values. If each of several columns is a series, the
/// rows of the file are repeated for each column.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) columns: Columns,
    pub(crate) times: TimeIndex,
    /// The target, NaN where it is missing.
    pub(crate) values: Vec<f64>,
    pub(crate) groups: Groups,
    /// The id values of each group.
    pub(crate) keys: Vec<Vec<String>>,
    /// Columns that may be ids, for the error about repeated times.
    pub(crate) id_candidates: Vec<String>,
    pub(crate) covariates: Vec<CovariateColumn>,
    pub(crate) notices: Vec<Notice>,
}

impl Schema {
    pub(crate) fn rows_with_time(&self) -> usize {
        self.times.ticks.iter().filter(|time| **time != NO_TIME).count()
    }
}

/// A covariate with one value for each row of the file, NaN where it is missing.
#[derive(Debug, Clone)]
pub(crate) struct CovariateColumn {
    pub(crate) name: String,
    pub(crate) kind: CovariateKind,
    pub(crate) values: Vec<f64>,
}
