//! How wrong something was over ends that were held out, as mixtures are chosen by.

/// Sums over values of the symmetric relative error and of the scaled absolute error: sMAPE and MASE, but for a factor.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct HoldoutErrors {
    pub(crate) relative: f64,
    pub(crate) scaled: f64,
}

impl HoldoutErrors {
    /// Adds what was said of a value. `step`: mean absolute seasonal step of the series, 0 where there is none.
    pub(crate) fn add(&mut self, said: f64, actual: f64, step: f64) {
        let error = (said - actual).abs();
        self.relative += error / (said.abs() + actual.abs()).max(f64::MIN_POSITIVE);
        if step > 0.0 {
            self.scaled += error / step;
        }
    }

    /// The sum of both, each in units of what it is elsewhere, which is no less than `least`: 2 is as good as that.
    pub(crate) fn in_units_of(self, bar: Self, least: f64) -> f64 {
        self.relative / bar.relative.max(least) + self.scaled / bar.scaled.max(least)
    }
}
