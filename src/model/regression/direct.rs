//! The direct strategy: one regression with an output for every step of the horizon.

use crate::model::regression::features::FeatureLayout;
use crate::model::regression::ridge::{CachedCoefficients, NormalEquations, RidgeCoefficients};
use crate::model::regression::series_view::SeriesView;

/// The minimum number of rows for any horizon.
const MIN_ROWS: usize = 8;

/// A fitted regression of all steps of a horizon.
#[derive(Debug, Clone)]
pub(crate) struct DirectRidge {
    layout: FeatureLayout,
    coefficients: RidgeCoefficients,
}

impl DirectRidge {
    /// A fit at each of `cutoffs`, ascending numbers of known values; `None` if too few values are known. With a
    /// `half_life` in rows, older rows have less weight.
    pub(crate) fn fit(
        view: SeriesView<'_>,
        half_life: Option<f64>,
        horizon: usize,
        cutoffs: &[usize],
    ) -> Vec<Option<Self>> {
        let plain = FeatureLayout::whole_horizon(&view, cutoffs[0], horizon);
        let layout = plain.clone().with_past(&view, cutoffs[0]).unwrap_or(plain);
        let mut equations = NormalEquations::new(layout.count(), horizon, half_life);
        let mut next = layout.first_position();
        let mut row = Vec::new();
        let mut fits = Vec::with_capacity(cutoffs.len());
        let mut cached = CachedCoefficients::default();
        for (i, &cutoff) in cutoffs.iter().enumerate() {
            while next + horizon <= cutoff {
                if view.observed[next..next + horizon].iter().all(|observed| *observed) {
                    row.clear();
                    let reference = layout.append_row(view.values, next, &mut row);
                    row.extend(view.values[next..next + horizon].iter().map(|y| y - reference));
                    equations.add(&row);
                }
                next += 1;
            }
            if equations.rows() >= horizon.max(MIN_ROWS) {
                cached.update(&equations, (horizon as f64).sqrt(), i + 1 == cutoffs.len());
            }
            fits.push(cached.get().cloned().map(|coefficients| Self { layout: layout.clone(), coefficients }));
        }
        fits
    }

    /// The forecast of the whole horizon after `values[..t]`.
    pub(crate) fn predict(&self, values: &[f64], t: usize) -> Vec<f64> {
        let mut row = Vec::with_capacity(self.layout.count());
        let reference = self.layout.append_row(values, t, &mut row);
        self.coefficients.predict(&row).into_iter().map(|y| reference + y).collect()
    }

    pub(crate) fn first_position(&self) -> usize {
        self.layout.first_position()
    }
}

/// The forecast at each of `cutoffs`; arguments as for [`DirectRidge::fit`].
pub(crate) fn forecast(
    view: SeriesView<'_>,
    half_life: Option<f64>,
    horizon: usize,
    cutoffs: &[usize],
) -> Vec<Option<Vec<f64>>> {
    let fits = DirectRidge::fit(view, half_life, horizon, cutoffs);
    fits.into_iter().zip(cutoffs).map(|(fit, &cutoff)| Some(fit?.predict(view.values, cutoff))).collect()
}
