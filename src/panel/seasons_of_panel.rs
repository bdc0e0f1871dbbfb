//! The seasons of a panel: set, found in its values, and found again without its last values.

use crate::error::{Error, Result};
use crate::panel::{Panel, SeasonSource, Seasons, TimeSeries, seasons::KnownSteps};

/// The maximum number of shorter histories that are searched for the same seasons. The shortest is a third of the
/// longest series.
const SEASON_CHECKS: usize = 4;

impl Panel {
    /// The same panel with other seasons: given ones, those of the calendar, or those found in values.
    ///
    /// ```
    /// use forecast::Panel;
    /// use forecast::panel::Seasons;
    ///
    /// let values: Vec<f64> = (0..96).map(|hour| f64::from(hour % 24)).collect();
    /// let panel = Panel::from_values(&values, 1).with_seasons(Seasons::given(&[24])?)?;
    /// assert_eq!(panel.season(), 24);
    /// assert!(panel.with_seasons(Seasons::given(&[49])?).is_err());
    /// # Ok::<(), forecast::Error>(())
    /// ```
    ///
    /// # Errors
    /// If given seasons are longer than half of the longest series.
    pub fn with_seasons(self, seasons: Seasons) -> Result<Self> {
        let Some(length) = self.too_long_season(&seasons) else { return Ok(self.with_any_seasons(seasons)) };
        let longest = self.longest();
        let reason = format!("{length} steps are more than half of the longest series, which has {longest} values");
        Err(Error::InvalidSeason { reason, max: longest / 2 })
    }

    /// The same panel with other seasons, also if they are longer than its series.
    pub(crate) fn with_any_seasons(self, seasons: Seasons) -> Self {
        Self { seasons, known_steps: KnownSteps::default(), ..self }
    }

    /// A given season that is longer than half of the longest series.
    pub(crate) fn too_long_season(&self, seasons: &Seasons) -> Option<usize> {
        seasons.too_long(self.longest())
    }

    /// The number of values of the longest series.
    pub(crate) fn longest(&self) -> usize {
        self.iter().map(|series| series.len()).max().unwrap_or(0)
    }

    /// The same panel with the seasons that are found in its values.
    #[must_use]
    pub fn with_seasons_of_values(self) -> Self {
        let seasons = self.searched_without_last(0);
        self.with_any_seasons(seasons)
    }

    /// The seasons that are found in the values without the last `steps`.
    fn searched_without_last(&self, steps: usize) -> Seasons {
        let all: Vec<TimeSeries<'_>> = self.iter().collect();
        Seasons::of_series(all.len(), |at| {
            let series = all[at].first(all[at].len().saturating_sub(steps));
            let known = series.values.iter().zip(series.observed);
            known.map(|(value, observed)| if *observed { *value } else { f64::NAN }).collect()
        })
    }

    /// The seasons of the panel without its last `steps`. Those of values are found again, so that no later value has a
    /// part in them.
    pub(super) fn seasons_without_last(&self, steps: usize) -> Seasons {
        match self.seasons.source() {
            SeasonSource::Values => self.searched_without_last(steps),
            _ => self.seasons.clone(),
        }
    }

    /// The number of last steps without which the values have the same seasons. Forecasts at earlier cutoffs would know
    /// the seasons from later values. Seasons that are not from the values are always known.
    pub(crate) fn steps_with_known_seasons(&self) -> usize {
        if self.seasons.source() != SeasonSource::Values {
            return usize::MAX;
        }
        *self.known_steps.0.get_or_init(|| {
            let longest = self.iter().map(|series| series.len()).max().unwrap_or(0);
            let steps = (1..=SEASON_CHECKS).map(|check| check * longest / (SEASON_CHECKS + SEASON_CHECKS / 2));
            steps.take_while(|steps| self.seasons_without_last(*steps) == self.seasons).last().unwrap_or(0)
        })
    }
}
