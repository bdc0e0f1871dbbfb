//! Series found by their names.

use crate::error::closest_name;
use crate::panel::Panel;

impl Panel {
    /// The positions of the series that a text names: by the whole name, as [`TimeSeries::name`] writes it, or by the value
    /// of one id column, which names all series with it.
    ///
    /// [`TimeSeries::name`]: crate::panel::TimeSeries::name
    pub fn positions_of(&self, text: &str) -> Vec<usize> {
        let by_name: Vec<usize> = self.positions_where(|_, name| name == text);
        if by_name.is_empty() { self.positions_where(|key, _| key.iter().any(|id| id == text)) } else { by_name }
    }

    fn positions_where(&self, is_named: impl Fn(&[String], &str) -> bool) -> Vec<usize> {
        let named = self.iter().enumerate().filter(|(_, series)| is_named(series.key, &series.name()));
        named.map(|(at, _)| at).collect()
    }

    /// The name or the id that is nearest to a text, if one is near.
    pub fn similar_name(&self, text: &str) -> Option<String> {
        let names: Vec<String> = self.iter().map(|series| series.name()).collect();
        let ids = self.iter().flat_map(|series| series.key.iter());
        closest_name(text, ids.chain(&names).map(String::as_str)).map(str::to_owned)
    }
}
