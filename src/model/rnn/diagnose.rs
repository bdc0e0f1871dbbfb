//! Diagnosis of a trained network: how fast gradients vanish, the size of the recurrent weights, and the hidden states.

use std::cmp::Reverse;

use serde::Serialize;

use crate::model::nn::diagnose::{SpectralNorm, gradient_norm_by_lag, last_hidden_states, spectral_norms};
use crate::model::nn::{NetworkShape, Window};
use crate::model::rnn::dataset::RnnDataset;
use crate::model::rnn::features::{Features, PreparedSeries};
use crate::model::rnn::forecaster::{FittedRnn, RnnState};
use crate::panel::Panel;

/// The diagnosis of a network on one series.
///
/// ```
/// use forecast::model::Task;
/// use forecast::panel::Panel;
/// use forecast::rnn::Rnn;
///
/// let values: Vec<f64> = (0..90).map(|t| 10.0 + f64::from(t % 7)).collect();
/// let panel = Panel::from_values(&values, 7);
/// let diagnosis = Rnn::default().untrained(&panel, &Task::new(7))?.diagnose(&panel);
/// // relative to the gradient norm at lag 0
/// assert_eq!(diagnosis.gradient_norm_by_lag[0], 1.0);
/// // an LSTM has three gates and a candidate
/// assert_eq!(diagnosis.spectral_norms.len(), 4);
/// assert_eq!(diagnosis.hidden_states.len(), diagnosis.shape.hidden);
/// # Ok::<(), forecast::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diagnosis {
    /// The norm of `∂L/∂h_{t-k}` for the lags `k = 0, 1, …`, relative to lag 0. It is the mean over some positions
    /// `t`. `L` is the training loss at `t`. While the head is zero, the loss does not depend on `h_t`; then `L` is a
    /// random projection of `h_t`. Empty if the series is too short.
    pub gradient_norm_by_lag: Vec<f64>,
    /// The spectral norms of the recurrent weights, for each gate of each layer.
    pub spectral_norms: Vec<SpectralNorm>,
    /// The hidden states of the top layer: `hidden_states[unit][i]` is at position `first_position + i` of the series.
    pub hidden_states: Vec<Vec<f32>>,
    /// The position of the first hidden state.
    pub first_position: usize,
    /// The number of the series in the panel.
    pub series: usize,
    /// The sizes of the network.
    pub shape: NetworkShape,
    /// The number of weights.
    pub weight_count: usize,
}

/// The largest lag of the gradient norms.
const MAX_LAG: usize = 100;
/// Steps before the first lag that warm up the hidden state.
const WARM_UP: usize = 50;
/// Positions over which the gradient norms are averaged.
const POSITIONS: usize = 16;
/// The largest number of steps with hidden states.
const MAX_STATES: usize = 240;

impl FittedRnn {
    /// Diagnoses the network on the longest series of a panel.
    pub fn diagnose(&self, panel: &Panel) -> Diagnosis {
        let longest = panel.iter().enumerate().min_by_key(|(_, series)| Reverse(series.len()));
        let (series, longest) = longest.expect("a panel has at least one series");
        let RnnState { horizon, levels, seasons, settings, .. } = &self.state;
        let features = Features::new(seasons, *horizon);
        let prepared = [PreparedSeries::new(&longest, seasons, *horizon)];
        let data = RnnDataset { stride: 1, ..RnnDataset::new(settings, &prepared, &features, *horizon, levels) };
        let last = prepared[0].len() - 1;
        let history = data.history(0, last, last);
        let shown = history.length.min(MAX_STATES);
        Diagnosis {
            gradient_norm_by_lag: gradient_norm_by_lag(&self.network, &data, &diagnosis_windows(&data)),
            spectral_norms: spectral_norms(&self.network),
            hidden_states: last_hidden_states(&self.network, &data, history, shown),
            first_position: last + 1 - shown,
            series,
            shape: self.network.shape(),
            weight_count: self.network.weight_count(),
        }
    }
}

/// Windows that end at the positions of the gradient norms; none if the series is too short.
fn diagnosis_windows(data: &RnnDataset<'_>) -> Vec<Window> {
    let series = &data.series[0];
    // positions with targets after them and a window before them
    let usable = (series.len() - series.first()).saturating_sub(data.output_horizon());
    let (lags, warm_up) = (MAX_LAG.min(2 * usable / 3), WARM_UP.min(usable / 6));
    if lags == 0 {
        return Vec::new();
    }
    let length = warm_up + lags + 1;
    let starts = (0..POSITIONS).map(|i| series.first() + (usable - length) * i / (POSITIONS - 1));
    starts.map(|start| Window { sequence: 0, start, length, warm_up }).collect()
}
