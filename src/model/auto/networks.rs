//! The members that are recurrent networks.

use crate::budget::Budget;
use crate::model::auto::epoch_recorder::EpochRecorder;
use crate::model::observer::Epoch;
use crate::model::regression::direct::DirectRidge;
use crate::model::regression::series_view::SeriesView;
use crate::model::segment::network::SegmentNetwork;
use crate::model::segment::settings::{Base, SegmentSettings};

/// A trained member: what it says starts from a base forecast that is fitted anew to every history.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) segmented: SegmentNetwork,
    pub(crate) refines: bool,
    /// How training went; empty for a network that was loaded.
    pub(crate) epochs: Vec<Epoch>,
}

/// Settings of the first training.
const FIRST: SegmentSettings =
    SegmentSettings { hidden: 40, updates: 500, learning_rate: 5e-3, weight_decay: 0.05, seed: 0 };
/// The horizon above which each update takes so much longer that there are fewer.
const USUAL_HORIZON: usize = 100;
/// Settings of the training that goes on with the latest values.
const MORE: SegmentSettings = SegmentSettings { updates: 100, learning_rate: 2e-3, ..FIRST };

impl Network {
    /// Trains on what was known at the first cutoff, says a path at each, and for the last trains on with what came since.
    /// No network where the history is too short or the time too little.
    pub(crate) fn try_out(
        view: SeriesView<'_>,
        refines: bool,
        horizon: usize,
        cutoffs: &[usize],
        seed: u64,
        budget: &Budget,
    ) -> (Vec<Option<Vec<f64>>>, Option<Self>) {
        let nothing = (vec![None; cutoffs.len()], None);
        let [first, .., last] = *cutoffs else { return nothing };
        let bases = bases(view, refines, horizon, &[first, last]);
        let [Some(early), late] = bases.as_slice() else { return nothing };
        let updates = FIRST.updates * USUAL_HORIZON / horizon.max(USUAL_HORIZON);
        let settings = SegmentSettings { updates, seed, ..FIRST };
        let mut recorder = EpochRecorder::new(budget);
        let Ok(Some(mut segmented)) = SegmentNetwork::train(view, early, first, horizon, &settings, &mut recorder)
        else {
            return nothing;
        };
        let mut paths: Vec<Option<Vec<f64>>> =
            cutoffs[..cutoffs.len() - 1].iter().map(|&cutoff| segmented.predict(view, early, cutoff)).collect();
        let more = SegmentSettings { seed: seed.wrapping_add(500), ..MORE };
        let late =
            late.as_ref().filter(|late| segmented.continue_training(view, late, last, &more, &mut recorder).is_ok());
        let Some(late) = late else {
            // what it said at the origins stands
            paths.push(None);
            return (paths, None);
        };
        paths.push(segmented.predict(view, late, last));
        let epochs = numbered(recorder.into_epochs());
        (paths, Some(Self { segmented, refines, epochs }))
    }

    /// The path after a history; `first`: the values known where it was trained first.
    pub(crate) fn path(&self, view: SeriesView<'_>, horizon: usize, first: usize) -> Option<Vec<f64>> {
        let length = view.values.len();
        let base = bases(view, self.refines, horizon, &[first, length]).pop().flatten()?;
        self.segmented.predict(view, &base, length)
    }
}

/// The epochs of two trainings in a row as those of one.
fn numbered(mut epochs: Vec<Epoch>) -> Vec<Epoch> {
    let of = epochs.len();
    for (i, epoch) in epochs.iter_mut().enumerate() {
        (epoch.number, epoch.of) = (i + 1, of);
    }
    epochs
}

/// What the network starts from, fitted at each of `cutoffs`.
fn bases(view: SeriesView<'_>, refines: bool, horizon: usize, cutoffs: &[usize]) -> Vec<Option<Base>> {
    if refines {
        DirectRidge::fit(view, None, horizon, cutoffs).into_iter().map(|fit| fit.map(Base::Direct)).collect()
    } else {
        vec![Some(Base::Level); cutoffs.len()]
    }
}
