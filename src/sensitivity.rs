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
use crate::read::alternatives::Alternative;
use crate::read::read;
use crate::read::source::Source;

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
    pub change: std::result::Result<MedianChange, String>,
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
            let forecasts = predict(&dataset.panel)?;
            Ok((dataset.panel, forecasts))
        });
        let mut effect = Self {
            repair: alternative.repair,
            count: alternative.count,
            instead: alternative.instead,
            change: Err("the forecast is of other periods".into()),
            by_series: Vec::new(),
            largest: None,
        };
        match others {
            Ok((panel, others)) => effect.compare(forecasts, &panel, &others),
            Err(error) => effect.change = Err(error.to_string()),
        }
        effect
    }

    fn compare(&mut self, forecasts: &[Forecast], panel: &Panel, others: &[Forecast]) {
        let mut all = Vec::new();
        for forecast in forecasts {
            let Some(position) = others.iter().position(|other| other.key() == forecast.key()) else { continue };
            let pairs = median_pairs(forecast, panel, position, &others[position]);
            if !pairs.is_empty() {
                let ids = forecast.key().to_vec();
                self.by_series.push(SeriesChange { ids, change: MedianChange::of(&pairs) });
                all.extend(pairs);
            }
        }
        if all.is_empty() {
            return;
        }
        self.change = Ok(MedianChange::of(&all));
        let size = |series: &SeriesChange| series.change.mean_absolute;
        let largest = self.by_series.iter().max_by(|a, b| size(a).total_cmp(&size(b)));
        self.largest = largest.filter(|_| self.by_series.len() > 1).cloned();
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

/// The medians of both forecasts at each step. If the other panel already has a value at the step, its median is that
/// value.
fn median_pairs(forecast: &Forecast, panel: &Panel, position: usize, other: &Forecast) -> Vec<(f64, f64)> {
    let series = panel.iter().nth(position).expect("a series for each forecast");
    let known = series.values.iter().enumerate().rev().take(forecast.times().len());
    let known: Vec<_> = known.map(|(position, value)| (series.time_at(position), *value)).collect();
    let later = other.times().iter().copied().zip(other.median().iter().copied());
    let path: Vec<_> = known.into_iter().chain(later).collect();
    let steps = forecast.times().iter().zip(forecast.median());
    steps.filter_map(|(time, median)| Some((*median, path.iter().find(|(when, _)| when == time)?.1))).collect()
}

/// Writes the key `change`, or the key `reason`.
fn change_or_reason<S: Serializer>(
    change: &std::result::Result<MedianChange, String>,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "lowercase")]
    enum Entry<'a> {
        Change(&'a MedianChange),
        Reason(&'a str),
    }
    match change {
        Ok(change) => Entry::Change(change),
        Err(reason) => Entry::Reason(reason),
    }
    .serialize(serializer)
}
