//! The data that a saved model was trained on, so that a forecast of other data can say so.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::model::fit::Model;
use crate::panel::{Columns, Panel, TimeSeries, series::ids_in_words};
use crate::time::{Frequency, Timestamp};

/// The file in the folder of a saved model. Models of earlier versions have none.
const FILE: &str = "trained-on.json";
/// The factor between the mean absolute values of a series in training and now, above which its scale has changed.
const MAX_SCALE_RATIO: f64 = 20.0;

/// A summary of the panel that a model was trained on.
///
/// ```
/// use forecast::model::{DataMismatch, TrainedOn};
/// use forecast::{Baseline, Panel};
///
/// let daily: Vec<f64> = (0..28).map(|t| f64::from(100 + t % 7)).collect();
/// let trained_on = TrainedOn::of(&Panel::from_values(&daily, 7), &Baseline::SeasonalNaive);
/// assert_eq!(trained_on.mismatches(&Panel::from_values(&daily, 7)), []);
/// let few = trained_on.mismatches(&Panel::from_values(&[1.0, 2.0, 3.0], 7));
/// assert!(few.contains(&DataMismatch::TooFewValues { needed: 8, longest: 3 }));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TrainedOn {
    /// The step of the series.
    pub frequency: Frequency,
    /// The season length in steps, 1 for no season.
    pub season: usize,
    /// The names of the columns.
    pub columns: Columns,
    /// The number of values that a series needs.
    pub needed_values: usize,
    /// The series, sorted by key.
    pub series: Vec<TrainedSeries>,
}

/// A series that a model was trained on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TrainedSeries {
    /// The values of its id columns.
    pub key: Vec<String>,
    /// The time of its last value.
    pub end: Timestamp,
    /// The mean of its absolute values.
    pub mean_absolute: f64,
}

/// How data differ from those that a model was trained on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the texts say what the fields are")]
pub enum DataMismatch {
    /// The series have another step, so that the forecast would be of other times.
    #[error("the model was trained on {trained} data, and these are {given}")]
    Frequency { trained: String, given: String },
    /// Another column is forecast.
    #[error("the model was trained on the column {trained}, and this is {given}")]
    Target { trained: String, given: String },
    /// The id columns are others, so that the series cannot be those that the model knows.
    #[error("the series of the model have the ids {trained}, and these have {given}", trained = ids_in_words(trained), given = ids_in_words(given))]
    Ids { trained: Vec<String>, given: Vec<String> },
    /// No series has enough values.
    #[error("the model needs at least {needed} values of a series, the longest has {longest}")]
    TooFewValues { needed: usize, longest: usize },
    /// Some series have too few values.
    #[error(
        "{series} of {of} series have fewer than {needed} values, which the model needs: their forecasts are guesses"
    )]
    SomeTooShort { series: usize, of: usize, needed: usize },
    /// The model does not know some of the series.
    #[error("the model was not trained on {series} of the {of} series, the first is {first}")]
    NewSeries { series: usize, of: usize, first: String },
    /// Series end before the values that the model was trained on.
    #[error("{who} before {trained}, where the training ended: the model has seen the values that it forecasts")]
    EndsBeforeTraining { who: String, trained: String },
    /// The values have another size.
    #[error("the values of {who} are {times} as large as those that the model was trained on")]
    Scale { who: String, times: String },
}

impl DataMismatch {
    /// Whether the forecast of the data makes no sense. The others are worth a notice.
    pub fn is_fatal(&self) -> bool {
        matches!(self, Self::Frequency { .. } | Self::Target { .. } | Self::Ids { .. } | Self::TooFewValues { .. })
    }
}

impl TrainedOn {
    /// The summary of a panel on which `model` is trained.
    pub fn of(panel: &Panel, model: &dyn Model) -> Self {
        let shortest = panel.iter().map(|series| series.len()).min().unwrap_or(0);
        let of_series = |series: TimeSeries<'_>| TrainedSeries {
            key: series.key.to_vec(),
            end: series.end(),
            mean_absolute: mean_absolute(&series),
        };
        Self {
            frequency: panel.frequency(),
            season: panel.season(),
            columns: panel.columns().clone(),
            needed_values: model.needed_values(panel.season()).min(shortest),
            series: panel.iter().map(of_series).collect(),
        }
    }

    /// All differences of a panel from this one, the fatal ones first.
    pub fn mismatches(&self, panel: &Panel) -> Vec<DataMismatch> {
        let (columns, known) = (panel.columns(), &self.columns);
        let mut found = Vec::new();
        // the step of an index does not matter
        let are_indices = [self.frequency, panel.frequency()].iter().all(|own| matches!(own, Frequency::Index { .. }));
        if !are_indices && !self.frequency.has_step_of(panel.frequency()) {
            found.push(DataMismatch::Frequency { trained: self.frequency.name(), given: panel.frequency().name() });
        }
        if !columns.target.eq_ignore_ascii_case(&known.target) {
            found.push(DataMismatch::Target { trained: known.target.clone(), given: columns.target.clone() });
        }
        let are_same_ids = columns.ids.len() == known.ids.len()
            && columns.ids.iter().zip(&known.ids).all(|(given, known)| given.eq_ignore_ascii_case(known));
        if !known.ids.is_empty() && !are_same_ids {
            found.push(DataMismatch::Ids { trained: known.ids.clone(), given: columns.ids.clone() });
        }
        let lengths: Vec<usize> = panel.iter().map(|series| series.len()).collect();
        let (needed, of) = (self.needed_values, lengths.len());
        let longest = lengths.iter().copied().max().unwrap_or(0);
        let too_short = lengths.iter().filter(|length| **length < needed).count();
        if longest < needed {
            found.push(DataMismatch::TooFewValues { needed, longest });
        } else if too_short > 0 {
            found.push(DataMismatch::SomeTooShort { series: too_short, of, needed });
        }
        let new: Vec<TimeSeries<'_>> = panel.iter().filter(|series| self.find(series.key).is_none()).collect();
        if let Some(first) = new.first() {
            found.push(DataMismatch::NewSeries { series: new.len(), of, first: first.name() });
        }
        found.extend(self.early_end(panel));
        found.extend(self.other_scale(panel));
        found
    }

    fn find(&self, key: &[String]) -> Option<&TrainedSeries> {
        self.series.binary_search_by(|series| series.key.as_slice().cmp(key)).ok().map(|at| &self.series[at])
    }

    /// The mismatch of series that end before the end of the same series in training.
    fn early_end(&self, panel: &Panel) -> Option<DataMismatch> {
        let pairs = panel.iter().filter_map(|series| Some((series, self.find(series.key)?)));
        let early: Vec<_> = pairs.filter(|(series, trained)| series.end() < trained.end).collect();
        let (_, trained) = early.first()?;
        let who = if panel.count() == 1 {
            "the series ends".to_owned()
        } else {
            let verb = if early.len() == 1 { "ends" } else { "end" };
            format!("{} of {} series {verb}", early.len(), panel.count())
        };
        Some(DataMismatch::EndsBeforeTraining { who, trained: panel.format(trained.end) })
    }

    /// The mismatch of series whose values have another size than in training. A new series may have the size of any.
    fn other_scale(&self, panel: &Panel) -> Option<DataMismatch> {
        let sizes = || self.series.iter().map(|series| series.mean_absolute).filter(|size| *size > 0.0);
        let (smallest, largest) = (sizes().fold(f64::INFINITY, f64::min), sizes().fold(0.0, f64::max));
        let ratio = |series: &TimeSeries<'_>| {
            let size = mean_absolute(series);
            let (low, high) =
                self.find(series.key).map_or((smallest, largest), |known| (known.mean_absolute, known.mean_absolute));
            // a series of zeros has no size
            if size == 0.0 || high == 0.0 {
                1.0
            } else if size > high {
                size / high
            } else {
                (size / low).min(1.0)
            }
        };
        let is_other = |ratio: &f64| *ratio > MAX_SCALE_RATIO || *ratio < 1.0 / MAX_SCALE_RATIO;
        let other: Vec<(TimeSeries<'_>, f64)> =
            panel.iter().map(|series| (series, ratio(&series))).filter(|(_, ratio)| is_other(ratio)).collect();
        let (first, ratio) = other.first()?;
        let who = match (panel.count(), other.len()) {
            (1, _) => "the series".to_owned(),
            (_, 1) => first.name(),
            (of, count) => format!("{count} of {of} series, such as {},", first.name()),
        };
        let times = if *ratio > 1.0 { format!("{ratio:.0} times") } else { format!("{ratio:.1e} times") };
        Some(DataMismatch::Scale { who, times })
    }

    /// Writes the summary into the folder of a saved model.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn save(&self, folder: &Path) -> Result<()> {
        let path = folder.join(FILE);
        let text = serde_json::to_string_pretty(self).expect("names and numbers are plain values") + "\n";
        fs::write(&path, text).map_err(|source| Error::Write { path, source })
    }

    /// Reads the summary from the folder of a saved model; `None` if an earlier version saved it.
    ///
    /// # Errors
    /// If the summary cannot be read.
    pub fn load(folder: &Path) -> Result<Option<Self>> {
        let unusable =
            |reason: String| Error::UnusableModel { path: folder.into(), reason: format!("{FILE}: {reason}") };
        let bytes = match fs::read(folder.join(FILE)) {
            Err(source) if source.kind() == ErrorKind::NotFound => return Ok(None),
            read => read.map_err(|source| unusable(source.to_string()))?,
        };
        serde_json::from_slice(&bytes).map(Some).map_err(|source| unusable(source.to_string()))
    }
}

fn mean_absolute(series: &TimeSeries<'_>) -> f64 {
    let count = series.observed_values().count() as f64;
    series.observed_values().map(|value| value.abs() / count).sum()
}
