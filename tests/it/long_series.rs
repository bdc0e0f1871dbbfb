//! Long histories: which values the default model uses, and what it reports.

use forecast::model::auto::Auto;
use forecast::model::{self, Fit, FitNotice, Model, SilentObserver, Task};
use forecast::panel::{Columns, Panel, Series};
use forecast::time::{Frequency, Timestamp};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::fixtures::normal;
use crate::sandbox::Sandbox;

const HORIZON: usize = 12;
/// The number of last values that the model uses if the horizon and the seasons are short.
const USED: usize = 60_000;

/// The values from `begin` to 300,000: a season of 24 and noise. One gap begins where the used values do.
fn from(begin: usize) -> Panel {
    let rng = &mut ChaCha8Rng::seed_from_u64(1);
    let values: Vec<f64> = (0..300_000).map(|t| 50.0 + f64::from(t % 24) + normal(rng)).collect();
    let mut observed = vec![true; values.len()];
    observed[300_000 - USED..][..3].fill(false);
    let columns = Columns { time: None, target: "y".into(), ids: Vec::new() };
    let (values, observed) = (values[begin..].to_vec(), observed[begin..].to_vec());
    let series = Series { key: Vec::new(), start: Timestamp::Index(begin as i64), values, observed };
    Panel::new(columns, Frequency::INDEX, 24, vec![series]).unwrap()
}

fn fit(panel: &Panel) -> Fit {
    // without networks, which take most of the time
    let auto = Auto { max_network_series: 0, ..Auto::default() };
    auto.fit(panel, &Task::new(HORIZON), &mut SilentObserver).unwrap()
}

#[test]
fn a_long_series_is_forecast_from_its_last_values_with_a_notice() {
    let begin = 300_000 - USED + 3;
    let (long, recent) = (from(0), from(begin));
    let (of_long, of_recent) = (fit(&long), fit(&recent));
    assert_eq!(of_recent.report.notices, []);
    let [notice @ FitNotice::OldValuesLeftOut { used, of: 300_000 }] = &of_long.report.notices[..] else {
        panic!("{:?}", of_long.report.notices)
    };
    assert_eq!(*used, USED - 3);
    assert_eq!(notice.to_string(), "the model uses the last 59997 of 300000 values: older ones would change little");
    let forecasts = of_long.predict(&long).unwrap();
    assert_eq!(forecasts, of_recent.predict(&recent).unwrap());
    // hindcasts count the values of the whole series
    let hindcasts = |fit: &Fit, added: usize| -> Vec<_> {
        fit.report.hindcasts.iter().map(|one| (one.cutoff + added, one.forecast.clone())).collect()
    };
    assert_eq!(hindcasts(&of_long, 0), hindcasts(&of_recent, begin));
    // a loaded model uses the same values of a history
    let sandbox = Sandbox::new();
    of_long.forecaster.save(&sandbox.path(".")).unwrap();
    let loaded = model::load(&sandbox.path(".")).unwrap();
    assert_eq!(loaded.predict(&long).unwrap(), loaded.predict(&recent).unwrap());
}
