//! The folds of a backtest with a rolling origin.

use crate::panel::{Panel, TimeSeries};

/// The folds of a backtest. Each is one horizon in the past, which is forecast from the values before it.
///
/// Folds are counted from the end of each series. The last fold ends there, and every earlier one ends `step` steps
/// before the next. A series that is too short for the early folds has only the late ones.
///
/// Tashman (2000), *Out-of-sample tests of forecasting accuracy*, Int. J. Forecasting 16(4), section 2.
///
/// ```
/// use forecast::Panel;
/// use forecast::backtest::Folds;
///
/// let panel = Panel::from_values(&[1.0; 20], 1);
/// let folds = Folds { count: 5, step: 4, horizon: 4, min_history: 8 };
/// assert_eq!(folds.max_count(&panel), 3);
/// let folds = folds.limited_to(&panel).expect("the series has 8 values and 3 horizons");
/// let first = folds.history(&panel, 1).expect("the values before the first fold");
/// assert_eq!(first.iter().next().expect("one series").len(), 8);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Folds {
    /// The number of folds, at least 1.
    pub count: usize,
    /// The number of steps from one origin to the next, at least 1. With the length of the horizon no value is forecast
    /// twice; a smaller step has more folds in the same past.
    pub step: usize,
    /// The number of steps to forecast from each origin, at least 1.
    pub horizon: usize,
    /// The number of values that a series must have before an origin, at least 1.
    pub min_history: usize,
}

impl Folds {
    /// The default number of folds.
    pub const DEFAULT_COUNT: usize = 5;

    /// Up to [`Folds::DEFAULT_COUNT`] folds, as many as the longest series has room for; `None` if it has room for none.
    ///
    /// If the model is refitted at each origin, two seasons before the first fold are enough. A model that is fitted
    /// once learns only from the values before the first fold. Several folds therefore take up at most a third of the
    /// history. If the seasons of the panel were found in its values, they are the same in the values before each fold.
    pub fn default_for(panel: &Panel, horizon: usize, step: usize, refit: bool) -> Option<Self> {
        let longest = panel.iter().map(|series| series.len()).max().unwrap_or(0);
        let within_a_third = (longest / 3).saturating_sub(horizon) / step + 1;
        let count = if refit { Self::DEFAULT_COUNT } else { within_a_third.min(Self::DEFAULT_COUNT) };
        // at earlier origins, a season that is found in the values would be another
        let within_known = panel.steps_with_known_seasons().saturating_sub(horizon) / step + 1;
        let count = count.min(within_known);
        let folds = |min_history| Self { count, step, horizon, min_history };
        let season = panel.season();
        // MASE needs at least one seasonal change for its scale
        let preferred = folds(2 * season.max(2)).limited_to(panel);
        preferred.or_else(|| Self { count: 1, ..folds(season + 1) }.limited_to(panel))
    }

    /// The default folds of each series alone, for a model that is refitted at each origin: the positions of the series that
    /// have two seasons before their first fold, and of those that have a season and a value before a single one. Other
    /// series have none.
    ///
    /// ```
    /// use forecast::Panel;
    /// use forecast::backtest::Folds;
    ///
    /// let (folds, positions) = Folds::default_by_series(&Panel::from_values(&[1.0; 10], 4), 3).remove(0);
    /// assert_eq!((folds.count, folds.min_history, positions), (1, 5, vec![0]));
    /// ```
    pub fn default_by_series(panel: &Panel, horizon: usize) -> Vec<(Self, Vec<usize>)> {
        let season = panel.season();
        let folds = |count, min_history| Self { count, step: horizon, horizon, min_history };
        let options = [folds(Self::DEFAULT_COUNT, 2 * season.max(2)), folds(1, season + 1)];
        let mut all = options.map(|folds| (Self { count: 0, ..folds }, Vec::new()));
        for (position, series) in panel.iter().enumerate() {
            let counts = options.map(|folds| folds.max_count_in(&series).min(folds.count));
            if let Some(suits) = counts.iter().position(|count| *count > 0) {
                let (folds, positions) = &mut all[suits];
                folds.count = folds.count.max(counts[suits]);
                positions.push(position);
            }
        }
        all.into_iter().filter(|(folds, _)| folds.count > 0).collect()
    }

    /// The last of these folds, as many as the longest series has room for; `None` if it has room for none.
    pub fn limited_to(self, panel: &Panel) -> Option<Self> {
        let count = self.max_count(panel).min(self.count);
        (count > 0).then_some(Self { count, ..self })
    }

    /// The largest number of such folds in one series of a panel.
    pub fn max_count(&self, panel: &Panel) -> usize {
        panel.iter().map(|series| self.max_count_in(&series)).max().unwrap_or(0)
    }

    /// Whether a series has room for at least one fold.
    pub fn fits_in(&self, series: &TimeSeries<'_>) -> bool {
        self.max_count_in(series) > 0
    }

    fn max_count_in(&self, series: &TimeSeries<'_>) -> usize {
        // the history before an origin ends with an observed value
        let earliest = (self.min_history.max(1)..=series.len()).find(|length| series.observed[length - 1]);
        let span = earliest.and_then(|length| (series.len() - length).checked_sub(self.horizon));
        span.map_or(0, |span| span / self.step + 1)
    }

    /// The number of steps from the origin of a fold to the end of a series. The first fold has `number` 1.
    pub fn steps_after_origin(&self, number: usize) -> usize {
        self.horizon + (self.count - number) * self.step
    }

    /// The panel before the origin of a fold; `None` if no series has enough values. The first fold has `number` 1.
    pub fn history(&self, panel: &Panel, number: usize) -> Option<Panel> {
        panel.without_last(self.steps_after_origin(number), self.min_history)
    }
}
