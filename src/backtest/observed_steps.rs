//! The steps of a hindcast that can be compared with actual values.

use crate::model::fit::Hindcast;
use crate::panel::{Panel, TimeSeries};

impl Hindcast {
    /// The steps whose values were observed, counted from 0, with these values. `series` is that of the hindcast in `panel`.
    pub(crate) fn observed_steps<'a>(
        &'a self,
        panel: &'a Panel,
        series: &TimeSeries<'a>,
    ) -> impl Iterator<Item = (usize, f64)> + 'a {
        let observed = series.observed;
        let steps = (0..self.forecast.times().len()).filter(|k| observed.get(self.cutoff + k) == Some(&true));
        steps.map(|k| (k, panel.actual(self.series, self.cutoff + k)))
    }
}
