//! Infers the id columns.

use crate::error::Result;
use crate::error::data_problem::DataProblem;
use crate::read::parse::time_index::TimeIndex;
use crate::read::schema::column_inference::ColumnInference;
use crate::read::schema::series_groups::{Groups, UniquenessCheck};

impl ColumnInference<'_> {
    /// The id columns and the series of each row. They are the requested columns, or else those with usual names of ids.
    /// Further columns are added until the times of each series are unique.
    pub(crate) fn ids(
        &self,
        requested: &[usize],
        used: &[usize],
        targets: &[usize],
        times: Option<&TimeIndex>,
        values: &[f64],
    ) -> (Vec<usize>, Groups) {
        let group = |at: &usize| Groups::of_column(&self.table.columns[*at].cells);
        let group_all = |ids: &[usize]| Groups::of_columns(&ids.iter().map(group).collect::<Vec<_>>(), self.table.rows);
        if !requested.is_empty() {
            return (requested.to_vec(), group_all(requested));
        }
        let free = |at: &usize| !used.contains(at) && !targets.contains(at);
        let is_sure = |at: &usize| self.profiles[*at].is_sure_id();
        let sure: Vec<usize> = self.columns().filter(free).filter(is_sure).collect();
        let sure_groups = group_all(&sure);
        let Some(times) = times else { return (sure, sure_groups) };
        let may_be_id =
            |at: &usize| !is_sure(at) && (self.profiles[*at].is_text() || self.profiles[*at].is_entity_number());
        let candidates: Vec<usize> = self.columns().filter(free).filter(may_be_id).collect();
        let check = UniquenessCheck::new(&times.ticks, values);
        if check.has_unique_times(&sure_groups) {
            return (sure, sure_groups);
        }
        // A column with a new value in nearly every row numbers the rows, not the series.
        let grouped =
            candidates.into_iter().map(|at| (at, group(&at))).filter(|(_, groups)| groups.count * 2 <= self.table.rows);
        let (candidates, groups): (Vec<usize>, Vec<Groups>) = grouped.unzip();
        // If no choice makes the times unique, the error about repeated times lists the rows.
        let chosen = check.choose_ids(&sure_groups, &groups).unwrap_or_default();
        let mut ids: Vec<usize> = sure.iter().copied().chain(chosen.iter().map(|at| candidates[*at])).collect();
        ids.sort_unstable();
        let all = chosen.iter().fold(sure_groups, |all, at| all.intersect(&groups[*at]));
        (ids, all)
    }

    /// Refuses rows without times if another column has text, which may name several series.
    pub(crate) fn check_single_series(&self, with_role: &[usize]) -> Result<()> {
        if self.columns().any(|at| self.profiles[at].is_text() && !with_role.contains(&at)) {
            return Err(self.table.error(DataProblem::NoTimeColumn { columns: self.table.column_names() }));
        }
        Ok(())
    }

    /// The other columns that may be ids.
    pub(crate) fn id_candidates(&self, ids: &[usize], used: &[usize], targets: &[usize]) -> Vec<String> {
        let free = |at: &usize| !used.contains(at) && !targets.contains(at) && !ids.contains(at);
        let may_be_id =
            |at: &usize| self.profiles[*at].is_text() || (self.profiles[*at].is_whole && !self.is_flag(*at));
        self.columns().filter(free).filter(may_be_id).map(|at| self.name(at)).collect()
    }
}
