//! The change of a forecast if the data are repaired in another way, or not at all.
//!
//! ```
//! use forecast::model::stat::Baseline;
//! use forecast::model::{Model, SilentObserver, Task};
//! use forecast::read::{ReadOptions, Source, read};
//! use forecast::sensitivity::RepairEffect;
//!
//! let csv = "day,sales\n2024-01-01,1\n2024-01-02,4\n2024-01-03,3\n2024-01-05,7\n2024-01-06,6\n";
//! let (source, options) = (Source::Bytes(csv.into()), ReadOptions::default());
//! let dataset = read(&source, &options)?;
//! let predict = |panel: &_| Baseline::Mean.fit(panel, &Task::new(2), &mut SilentObserver)?.predict(panel);
//! let forecasts = predict(&dataset.panel)?;
//! let effects: Vec<RepairEffect> = dataset
//!     .alternatives(&options)
//!     .iter()
//!     .map(|alternative| RepairEffect::measure(alternative, &source, &forecasts, predict))
//!     .collect();
//! assert_eq!(effects[0].repair, "gaps filled");
//! assert!(effects[0].change.is_ok());
//! # Ok::<(), forecast::Error>(())
//! ```

use serde::{Serialize, Serializer};

use crate::error::Result;
use crate::forecast::quantile_forecast::Forecast;
use crate::panel::Panel;
use crate::read::{dataset::Alternative, read, source::Source};

/// The effect of one kind of repair on the forecast.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RepairEffect {
    /// The repair, such as `gaps filled`.
    pub repair: &'static str,
    /// The number of repairs of this kind.
    pub count: usize,
    /// The alternative to the repair, such as `the last value carried on`.
    pub instead: &'static str,
    /// The change over all series and steps, or why it is unknown.
    #[serde(flatten, serialize_with = "change_or_reason")]
    pub change: Result<MedianChange, String>,
    /// The change of each series that both forecasts have.
    #[serde(skip)]
    pub by_series: Vec<SeriesChange>,
    /// The series with the largest change, if there are several.
    pub largest: Option<SeriesChange>,
}

/// The change of the medians of one series.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SeriesChange {
    /// The values of the id columns.
    pub ids: Vec<String>,
    /// The change.
    #[serde(flatten)]
    pub change: MedianChange,
}

/// The change of medians.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MedianChange {
    /// The mean absolute change over the horizon, in the target's unit.
    pub mean_absolute: f64,
    /// The same in percent of the mean absolute median; `None` if all medians are 0.
    pub percent: Option<f64>,
}

impl RepairEffect {
    /// Reads the source with the options of `alternative`, forecasts it by `predict`, and compares with `forecasts`.
    pub fn measure(
        alternative: &Alternative,
        source: &Source,
        forecasts: &[Forecast],
        predict: impl FnOnce(&Panel) -> Result<Vec<Forecast>>,
    ) -> Self {
        let others = read(source, &alternative.options).and_then(|dataset| {
            let others = predict(&dataset.panel)?;
            Ok(median_pairs(forecasts, &dataset.panel, &others))
        });
        let change = match &others {
            Ok(pairs) if pairs.is_empty() => Err("the forecast is of other periods".into()),
            Ok(pairs) => Ok(MedianChange::of(&pairs.iter().flat_map(|(_, pairs)| pairs).copied().collect::<Vec<_>>())),
            Err(error) => Err(error.to_string()),
        };
        let of_series = |(ids, pairs): (_, Vec<_>)| SeriesChange { ids, change: MedianChange::of(&pairs) };
        let by_series: Vec<SeriesChange> = others.into_iter().flatten().map(of_series).collect();
        let largest = by_series.iter().max_by(|a, b| a.change.mean_absolute.total_cmp(&b.change.mean_absolute));
        let largest = largest.filter(|_| by_series.len() > 1).cloned();
        let Alternative { repair, count, instead, .. } = *alternative;
        Self { repair, count, instead, change, by_series, largest }
    }
}

impl MedianChange {
    /// The significant digits of a written change. Differences of forecasts are not known more precisely.
    pub const DIGITS: usize = 4;

    fn of(pairs: &[(f64, f64)]) -> Self {
        let count = pairs.len() as f64;
        let change: f64 = pairs.iter().map(|(median, other)| (other - median).abs() / count).sum();
        let size: f64 = pairs.iter().map(|(median, _)| median.abs() / count).sum();
        let finite = |value: f64| value.min(f64::MAX);
        Self { mean_absolute: finite(change), percent: (size > 0.0).then(|| finite(100.0 * (change / size))) }
    }
}

/// The ids of a series, and the medians of both forecasts at each step.
type KeyedPairs = (Vec<String>, Vec<(f64, f64)>);

/// The medians of both forecasts at each step of a series, for each series that both have. If the other panel already has
/// a value at the step, its median is that value.
fn median_pairs(forecasts: &[Forecast], panel: &Panel, others: &[Forecast]) -> Vec<KeyedPairs> {
    let pairs_of_series = |forecast: &Forecast| {
        let (series, other) = panel.iter().zip(others).find(|(_, other)| other.key() == forecast.key())?;
        let known = series.values.iter().enumerate().rev().take(forecast.times().len());
        let known = known.map(|(position, value)| (series.time_at(position), *value));
        let later = other.times().iter().copied().zip(other.median().iter().copied());
        let path: Vec<_> = known.chain(later).collect();
        let steps = forecast.times().iter().zip(forecast.median());
        let pairs = steps.filter_map(|(time, median)| Some((*median, path.iter().find(|(when, _)| when == time)?.1)));
        let pairs: Vec<_> = pairs.collect();
        (!pairs.is_empty()).then(|| (forecast.key().to_vec(), pairs))
    };
    forecasts.iter().filter_map(pairs_of_series).collect()
}

/// Writes the key `change`, or the key `reason`.
fn change_or_reason<S: Serializer>(change: &Result<MedianChange, String>, to: S) -> Result<S::Ok, S::Error> {
    match change {
        Ok(change) => to.collect_map([("change", change)]),
        Err(reason) => to.collect_map([("reason", reason)]),
    }
}
