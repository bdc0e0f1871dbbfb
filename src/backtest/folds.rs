//! Rolling origins: where in the past forecasts are made.

use crate::panel::Panel;
use crate::panel::series::TimeSeries;

/// Stretches of the past, each a horizon long, that are forecast with what was known before them. They are counted from
/// each series' own end: the last fold ends there, the one before it ends `step` steps earlier, and so on. A series too
/// short for the early folds has the late ones alone.
///
/// Tashman (2000), *Out-of-sample tests of forecasting accuracy*, Int. J. Forecasting 16(4), section 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Folds {
    /// How many, at least 1.
    pub count: usize,
    /// Steps from one origin to the next, at least 1; as many as the horizon has, so that no value is forecast twice, or
    /// fewer for more folds in the same stretch.
    pub step: usize,
    /// Steps forecast from each origin, at least 1.
    pub horizon: usize,
    /// Values that a series must have before an origin, at least 1.
    pub minimum: usize,
}

impl Folds {
    /// Folds where nothing else is asked for.
    pub const DEFAULT_COUNT: usize = 5;

    /// Up to [`Folds::DEFAULT_COUNT`] folds, `step` apart, as far as the longest series has room for them; `None` if it has room
    /// for none.
    ///
    /// Where the model is fitted `anew` at each origin, two seasons before the first are enough. One that is fitted once,
    /// before the first, would be judged by what it learns of a part of the history: the folds then take up at most a
    /// third of it, if there are more than one.
    pub fn default_for(panel: &Panel, horizon: usize, step: usize, anew: bool) -> Option<Self> {
        let longest = panel.iter().map(|series| series.len()).max().unwrap_or(0);
        let within_a_third = (longest / 3).saturating_sub(horizon) / step + 1;
        let count = if anew { Self::DEFAULT_COUNT } else { within_a_third.min(Self::DEFAULT_COUNT) };
        let folds = |minimum| Self { count, step, horizon, minimum };
        let season = panel.season();
        // a scale needs a season and one value more; with no more than that it is the change of a single value
        let wide = folds(2 * season.max(2)).fitting(panel);
        wide.or_else(|| Self { count: 1, ..folds(season + 1) }.fitting(panel))
    }

    /// As many of these folds as the longest series has room for, the last ones; `None` if it has room for none.
    pub fn fitting(self, panel: &Panel) -> Option<Self> {
        let count = self.room(panel).min(self.count);
        (count > 0).then_some(Self { count, ..self })
    }

    /// How many such folds there is room for, in the series that has most.
    pub fn room(&self, panel: &Panel) -> usize {
        panel.iter().map(|series| self.room_in(&series)).max().unwrap_or(0)
    }

    /// Whether there is room for at least one in a series.
    pub fn has_room_in(&self, series: &TimeSeries<'_>) -> bool {
        self.room_in(series) > 0
    }

    fn room_in(&self, series: &TimeSeries<'_>) -> usize {
        // what precedes an origin ends with an observed value
        let earliest = (self.minimum.max(1)..=series.len()).find(|known| series.observed[known - 1]);
        let stretch = earliest.and_then(|known| (series.len() - known).checked_sub(self.horizon));
        stretch.map_or(0, |stretch| stretch / self.step + 1)
    }

    /// Steps at each series' end that were not known at the origin of a fold, the first being number 1.
    pub fn unknown(&self, number: usize) -> usize {
        self.horizon + (self.count - number) * self.step
    }

    /// What was known at the origin of a fold; `None` if no series reaches so far back.
    pub fn known(&self, panel: &Panel, number: usize) -> Option<Panel> {
        panel.without_last(self.unknown(number), self.minimum)
    }
}
