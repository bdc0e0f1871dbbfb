//! Finds columns of whole numbers that name series, such as the numbers of areas. Their names do not tell it.

use std::collections::HashSet;

use crate::read::notice::Notice;
use crate::read::schema::{column_inference::ColumnInference, series_groups::Groups};

/// The maximum number of columns that are tried. Pairs of them are tried, too.
const MAX_COLUMNS: usize = 8;

impl ColumnInference<'_> {
    /// The columns of `among` whose whole numbers tell the rows of one time apart, together with columns of words and
    /// codes. Each number then has rows at most times. Empty if no column is necessary, or none is sufficient.
    pub(crate) fn numbers_of_entities(&self, times: &Groups, among: &[usize]) -> Vec<usize> {
        let is_word = |at: &usize| self.profiles[*at].may_be_id() && self.has_few_values(*at);
        let words: Vec<usize> = self.columns().filter(is_word).collect();
        let by_words = Groups::of_columns(self.table, &words);
        let rows = self.table.rows;
        let is_nearly_unique = |series: &Groups| (rows - times.intersect(series).count) * 100 <= rows;
        if is_nearly_unique(&by_words) {
            return Vec::new();
        }
        let is_number = |at: &usize| self.profiles[*at].is_whole && !self.profiles[*at].may_be_id();
        let numbers = among.iter().copied().filter(|at| is_number(at) && self.has_few_values(*at));
        let groups = |at: usize| (at, Groups::of_columns(self.table, &[at]));
        let numbers: Vec<(usize, Groups)> = numbers.take(MAX_COLUMNS).map(groups).collect();
        let name_series = |series: &Groups| {
            let most_times = rows * 2 >= times.count * series.count;
            series.count >= 2 && most_times && is_nearly_unique(series)
        };
        let single = numbers.iter().filter(|(_, groups)| name_series(&by_words.intersect(groups)));
        let single: Vec<usize> = single.map(|(at, _)| *at).collect();
        if !single.is_empty() {
            return single;
        }
        let pairs = (0..numbers.len()).flat_map(|one| (one + 1..numbers.len()).map(move |other| (one, other)));
        let both = |(one, other): (usize, usize)| by_words.intersect(&numbers[one].1).intersect(&numbers[other].1);
        let mut found = pairs.filter(|pair| name_series(&both(*pair)));
        match (found.next(), found.next()) {
            (Some((one, other)), None) => vec![numbers[one].0, numbers[other].0],
            _ => Vec::new(),
        }
    }

    /// Whether the cells of a column mostly occur more than once in a sample.
    pub(crate) fn has_few_values(&self, at: usize) -> bool {
        let distinct: HashSet<&String> = self.samples[at].iter().collect();
        (2..=self.samples[at].len() / 2).contains(&distinct.len())
    }

    /// A notice on ids that are whole numbers, if they are inferred and nothing else tells that they are ids.
    pub(crate) fn numbers_as_ids_notice(&self, requested: &[usize], ids: &[usize], groups: &Groups) -> Option<Notice> {
        let is_plain = |at: &usize| !self.profiles[*at].may_be_id() && !self.profiles[*at].is_sure_id();
        let columns: Vec<usize> = ids.iter().copied().filter(|at| requested.is_empty() && is_plain(at)).collect();
        let columns = self.names(&columns);
        (!columns.is_empty()).then_some(Notice::NumbersAsIds { columns, series: groups.count })
    }
}
