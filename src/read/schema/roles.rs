//! The roles of the columns, and their parsed values.

use std::collections::HashSet;

use crate::panel::{Columns, CovariateKind};
use crate::read::parse::number::Decimal;
use crate::read::parse::time_index::{ColumnOffsets, TimeIndex};
use crate::read::{notice::Notice, schema::series_groups::Groups};

/// The name of the target if each column or each row of a file is a series.
pub(crate) const VALUE_NAME: &str = "value";
/// The name of the id column for the names of the columns.
const SERIES_NAME: &str = "series";

/// The roles of the columns, and their parsed values. If each of several columns is a series, the rows of the file are
/// repeated for each column.
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
    /// The numbers of groups that have future rows only, and are no series.
    pub(crate) without_history: HashSet<u32>,
    pub(crate) notices: Vec<Notice>,
    /// The decimal mark, if a number has one.
    pub(crate) decimal: Option<Decimal>,
}

/// A covariate with one value for each row of the file, NaN where it is missing.
pub(crate) struct CovariateColumn {
    pub(crate) name: String,
    pub(crate) kind: CovariateKind,
    pub(crate) values: Vec<f64>,
    /// Whether it is known in the future, also if the file has no value there.
    pub(crate) known_future: bool,
}

impl Schema {
    /// The schema with the values of several columns. Each of them is a series with its name as a further id.
    pub(crate) fn with_series_in_columns(mut self, values: &[Vec<f64>], names: Vec<String>) -> Self {
        let (width, count) = (names.len(), self.groups.count);
        let codes = |at: usize| self.groups.codes.iter().map(move |code| code + (at * count) as u32);
        let codes = (0..width).flat_map(codes).collect();
        let keys =
            |name: &String| self.keys.iter().map(|key| [key.as_slice(), std::slice::from_ref(name)].concat()).collect();
        let keys: Vec<Vec<Vec<String>>> = names.iter().map(keys).collect();
        self.times.ticks = self.times.ticks.repeat(width);
        if let ColumnOffsets::PerRow(offsets) = &mut self.times.offsets {
            *offsets = offsets.repeat(width);
        }
        let mut id = SERIES_NAME.to_owned();
        while self.columns.time.as_ref() == Some(&id) || self.columns.ids.contains(&id) {
            id.insert(0, '_');
        }
        self.columns.ids.push(id);
        self.columns.target = VALUE_NAME.into();
        self.notices.push(Notice::SeriesInColumns { columns: names });
        Self { values: values.concat(), groups: Groups { codes, count: count * width }, keys: keys.concat(), ..self }
    }
}
