//! The forecasts that are weighed against each other.

use crate::budget::Budget;
use crate::model::regression::{direct, recursive};
use crate::model::stat::croston;
use crate::model::stat::ets::selection as ets;
use crate::model::stat::theta;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::auto::networks::Network;
use crate::model::auto::origins::Origins;
use crate::model::regression::exogenous_effect::ExogenousEffect;
use crate::model::regression::features::SeasonalDifference;
use crate::model::regression::series_view::SeriesView;
use crate::model::smoothing::smoothed_series::SmoothedSeries;
use crate::model::transform::Transform;

/// What members may use.
#[derive(Debug)]
pub(crate) struct FitContext {
    /// Whether networks are trained.
    pub(crate) networks: bool,
    /// Whether members that take longer than the rest together are tried.
    pub(crate) thorough: bool,
    /// Hindcasts kept of a series at most.
    pub(crate) records: usize,
    pub(crate) seed: u64,
    pub(crate) budget: Budget,
}

/// One way to forecast a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CandidateKind {
    /// The last value.
    Naive,
    /// The value of a season ago, of so many steps.
    SeasonalNaive(usize),
    /// The mean of the same step of the last [`SEASONS`] seasons.
    SeasonalMean(usize),
    /// The mean of all values.
    Mean,
    /// The rate of intermittent counts.
    Croston,
    /// Exponential smoothing with a damped trend and the seasons, by the error over the whole horizon.
    Smoothing,
    /// The optimised Theta method.
    Theta,
    /// Exponential smoothing, its form chosen by `AICc`.
    Ets,
    /// Ridge autoregression, one step at a time.
    Iterated,
    /// The same on the distances from the mean of so many last seasons, of so many steps each.
    Differenced(usize, usize),
    /// Ridge autoregression, all steps at once.
    Direct,
    /// The same, with what is long past counting less.
    Recent,
    /// A recurrent network over segments of a season, one of several.
    Segments(u64),
    /// The same, refining the direct autoregression.
    Refined(u64),
}

/// Seasons of a seasonal mean.
const SEASONS: usize = 4;

/// A way to forecast and the scale it works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Candidate {
    pub(crate) kind: CandidateKind,
    pub(crate) scale: Transform,
    /// Whether it uses what stands beside the series.
    #[serde(default, skip_serializing_if = "is_not")]
    pub(crate) beside: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_not(flag: &bool) -> bool {
    !*flag
}

/// What a member says: a path an origin, `None` where it had too little to go by, and the network that a network member
/// is.
pub(crate) type Tried = (Vec<Option<Vec<f64>>>, Option<Network>);

impl Candidate {
    /// Whether its seasons are some, none longer than `longest`.
    pub(crate) fn is_sound(self, longest: usize) -> bool {
        match self.kind {
            CandidateKind::SeasonalNaive(m) | CandidateKind::SeasonalMean(m) => (1..=longest).contains(&m),
            CandidateKind::Differenced(m, seasons) => (1..=longest).contains(&m) && (1..=SEASONS).contains(&seasons),
            _ => true,
        }
    }

    /// Whether it takes next to no time.
    pub(crate) fn is_quick(self) -> bool {
        matches!(
            self.kind,
            CandidateKind::Naive
                | CandidateKind::SeasonalNaive(_)
                | CandidateKind::SeasonalMean(_)
                | CandidateKind::Mean
                | CandidateKind::Theta
        )
    }

    /// All that suit a series by its first `known` values.
    pub(crate) fn suitable(view: &SeriesView<'_>, known: usize, origins: &Origins, tools: &FitContext) -> Vec<Self> {
        let (values, seasons) = (&view.values[..known], view.seasons);
        let linear = |kind| Self { kind, scale: Transform::Identity, beside: false };
        let positive = values.iter().all(|v| *v > 0.0);
        if values.windows(2).all(|w| w[0].total_cmp(&w[1]).is_eq()) {
            return vec![linear(CandidateKind::Naive)];
        }
        let mut plain = vec![CandidateKind::Naive];
        plain.extend(seasons.iter().flat_map(|&m| [CandidateKind::SeasonalNaive(m), CandidateKind::SeasonalMean(m)]));
        if is_intermittent(values, seasons) {
            plain.extend([CandidateKind::Mean, CandidateKind::Croston]);
            let mut members: Vec<Self> = plain.into_iter().map(linear).collect();
            // what sells now and then may sell for a reason
            if view.exogenous.is_some() && origins.cutoffs.len() >= 2 {
                let regressions =
                    [CandidateKind::Iterated, CandidateKind::Direct].map(|kind| Self { beside: true, ..linear(kind) });
                members.extend(regressions.into_iter().filter(|member| member.may_use(view)));
            }
            return members;
        }
        let mut modelled = vec![CandidateKind::Theta];
        if origins.cutoffs.len() >= 2 {
            modelled.extend([CandidateKind::Smoothing, CandidateKind::Iterated, CandidateKind::Direct]);
            modelled.extend(
                seasons
                    .iter()
                    .flat_map(|&m| [CandidateKind::Differenced(m, 1), CandidateKind::Differenced(m, SEASONS)]),
            );
            if tools.thorough && view.values.len() <= ETS_VALUES {
                modelled.push(CandidateKind::Ets);
            }
            if view.values.len() >= RECENT_VALUES {
                modelled.push(CandidateKind::Recent);
            }
        }
        let mut members = Vec::new();
        members.extend(plain.into_iter().map(linear));
        members.extend(modelled.iter().copied().map(linear));
        if positive {
            let log = |kind: &CandidateKind| Self { kind: *kind, scale: Transform::Log, beside: false };
            members.extend(modelled.iter().map(log));
        }
        if view.exogenous.is_some() {
            let twins = members.iter().filter(|member| member.may_use(view)).map(|one| Self { beside: true, ..*one });
            members.extend(twins.collect::<Vec<_>>());
        }
        // last, as they take longest: where time runs short, everything else is there
        if tools.networks {
            // the first of each on the scale that the evidence is for, the second on the other one if it can be; they are
            // trained at the first origin, and what came after it chooses nothing
            let early = &view.values[..origins.cutoffs.first().copied().unwrap_or(known)];
            let positive = early.iter().all(|v| *v > 0.0);
            let scale = Transform::select(early, seasons.first().copied().unwrap_or(1));
            let other = if scale == Transform::Identity && positive { Transform::Log } else { Transform::Identity };
            let network = |kind, scale| Self { kind, scale, beside: false };
            members.extend([CandidateKind::Refined(1), CandidateKind::Segments(1)].map(|kind| network(kind, scale)));
            members.extend([CandidateKind::Refined(2), CandidateKind::Segments(2)].map(|kind| network(kind, other)));
            if view.exogenous.is_some() {
                let kinds = [(CandidateKind::Refined(1), scale), (CandidateKind::Refined(2), other)];
                members.extend(kinds.map(|(kind, scale)| Self { kind, scale, beside: true }));
            }
        }
        members
    }

    /// The forecast at each of `cutoffs`, ascending; the last is the end of what is known.
    pub(crate) fn paths(self, view: SeriesView<'_>, horizon: usize, cutoffs: &[usize], tools: &FitContext) -> Tried {
        let scaled: Vec<f64> = view.values.iter().map(|v| self.scale.apply(*v)).collect();
        let view = SeriesView { values: &scaled, exogenous: view.exogenous.filter(|_| self.beside), ..view };
        let network = |view: SeriesView<'_>, refines, number: u64, cutoffs: &[usize]| {
            let seed = tools.seed.wrapping_mul(1000).wrapping_add(10 * number + u64::from(refines));
            Network::try_out(view, refines, horizon, cutoffs, seed, &tools.budget)
        };
        let mut say = |view: SeriesView<'_>, cutoffs: &[usize]| match self.kind {
            CandidateKind::Segments(number) => network(view, false, number, cutoffs),
            CandidateKind::Refined(number) => network(view, true, number, cutoffs),
            _ => (self.closed_form(view, horizon, cutoffs), None),
        };
        let (paths, network) =
            if self.is_adjusted(&view) { self.adjusted(&view, cutoffs, &mut say) } else { say(view, cutoffs) };
        let paths = paths.into_iter().zip(cutoffs).map(|(path, &cutoff)| self.unscaled(path?, &scaled[..cutoff]));
        (paths.collect(), network)
    }

    /// The forecast after all of a history; `first`: the values known at the first origin when it was learned.
    pub(crate) fn path(
        self,
        view: SeriesView<'_>,
        horizon: usize,
        first: usize,
        network: Option<&Network>,
    ) -> Option<Vec<f64>> {
        let scaled: Vec<f64> = view.values.iter().map(|v| self.scale.apply(*v)).collect();
        if scaled.iter().any(|v| !v.is_finite()) {
            return None;
        }
        let view = SeriesView { values: &scaled, exogenous: view.exogenous.filter(|_| self.beside), ..view };
        let say = |view: SeriesView<'_>| match network {
            Some(network) => network.path(view, horizon, first),
            None => self.closed_form(view, horizon, &[first, scaled.len()]).pop().flatten(),
        };
        let path = if self.is_adjusted(&view) {
            let known = if self.is_network() { first } else { scaled.len() };
            let effect = ExogenousEffect::estimate(&view, first, known)?;
            effect.restore(say(SeriesView { values: &effect.remove(&scaled), ..view })?, scaled.len())
        } else {
            say(view)
        };
        self.unscaled(path?, &scaled)
    }

    fn is_network(self) -> bool {
        matches!(self.kind, CandidateKind::Segments(_) | CandidateKind::Refined(_))
    }

    /// What is said of a series without the effect of what is known ahead beside it, and with it again. The effect is that
    /// which was known at the first of `cutoffs`; at the last, a member that is not trained is given the latest.
    fn adjusted(
        self,
        view: &SeriesView<'_>,
        cutoffs: &[usize],
        say: &mut dyn FnMut(SeriesView<'_>, &[usize]) -> Tried,
    ) -> Tried {
        let nothing = || (vec![None; cutoffs.len()], None);
        let [first, .., last] = *cutoffs else { return nothing() };
        let effect = |known: usize| ExogenousEffect::estimate(view, first, known);
        let mut said = |effect: &ExogenousEffect, cutoffs: &[usize]| -> Tried {
            let (paths, network) = say(SeriesView { values: &effect.remove(view.values), ..*view }, cutoffs);
            let back = |(path, cutoff): (Option<Vec<f64>>, &usize)| effect.restore(path?, *cutoff);
            (paths.into_iter().zip(cutoffs).map(back).collect(), network)
        };
        let Some(early) = effect(first) else { return nothing() };
        if self.is_network() {
            return said(&early, cutoffs);
        }
        let Some(late) = effect(last) else { return nothing() };
        let (mut paths, _) = said(&early, &cutoffs[..cutoffs.len() - 1]);
        paths.extend(said(&late, &[first, last]).0.pop());
        (paths, None)
    }

    /// Whether it can use what stands beside a series.
    fn may_use(self, view: &SeriesView<'_>) -> bool {
        let Some(beside) = view.exogenous else { return false };
        match self.kind {
            CandidateKind::Iterated | CandidateKind::Differenced(..) | CandidateKind::Smoothing => {
                beside.has_known_future()
            }
            CandidateKind::Direct | CandidateKind::Recent => true,
            _ => false,
        }
    }

    /// Whether it forecasts what is left of a series without the effect of what is known ahead beside it.
    fn is_adjusted(self, view: &SeriesView<'_>) -> bool {
        let sees_itself = matches!(self.kind, CandidateKind::Iterated | CandidateKind::Differenced(..));
        !sees_itself && view.exogenous.is_some_and(|beside| beside.has_known_future())
    }

    /// Back to the values' own scale, and within reason.
    fn unscaled(self, path: Vec<f64>, known: &[f64]) -> Option<Vec<f64>> {
        let (least, greatest) = bounds(known);
        let path: Vec<f64> = path.into_iter().map(|v| self.scale.invert(v.clamp(least, greatest))).collect();
        path.iter().all(|v| v.is_finite()).then_some(path)
    }

    fn closed_form(self, view: SeriesView<'_>, horizon: usize, cutoffs: &[usize]) -> Vec<Option<Vec<f64>>> {
        match self.kind {
            CandidateKind::Iterated if self.beside => recursive::forecast_with_covariates(view, None, horizon, cutoffs),
            CandidateKind::Differenced(lag, seasons) if self.beside => {
                recursive::forecast_with_covariates(view, Some(SeasonalDifference { lag, seasons }), horizon, cutoffs)
            }
            CandidateKind::Iterated => recursive::forecast(view, None, horizon, cutoffs),
            CandidateKind::Differenced(lag, seasons) => {
                recursive::forecast(view, Some(SeasonalDifference { lag, seasons }), horizon, cutoffs)
            }
            CandidateKind::Direct => direct::forecast(view, None, horizon, cutoffs),
            CandidateKind::Recent => {
                direct::forecast(view, Some(half_life(view.seasons, cutoffs[0])), horizon, cutoffs)
            }
            _ => cutoffs.iter().map(|&cutoff| self.simple(&view, cutoff, horizon)).collect(),
        }
    }

    fn simple(self, view: &SeriesView<'_>, cutoff: usize, horizon: usize) -> Option<Vec<f64>> {
        let known = &view.values[..cutoff];
        let season = view.seasons.first().copied().unwrap_or(1);
        match self.kind {
            CandidateKind::Naive => Some(vec![*known.last()?; horizon]),
            CandidateKind::SeasonalNaive(m) => {
                let last = known.get(cutoff.checked_sub(m)?..)?;
                Some((0..horizon).map(|k| last[k % m]).collect())
            }
            CandidateKind::SeasonalMean(m) => {
                let from = cutoff.checked_sub(m * SEASONS)?;
                let mean = |k: usize| (0..SEASONS).map(|i| known[from + i * m + k % m]).sum::<f64>() / SEASONS as f64;
                Some((0..horizon).map(mean).collect())
            }
            CandidateKind::Mean => Some(vec![known.iter().sum::<f64>() / cutoff.max(1) as f64; horizon]),
            CandidateKind::Croston => Some(croston::forecast(known, horizon)),
            CandidateKind::Theta => Some(theta::forecast(known, season, horizon)),
            CandidateKind::Ets => Some(ets::forecast(known, season, horizon)),
            CandidateKind::Smoothing => {
                let from = cutoff.saturating_sub(SMOOTHED_VALUES);
                let observed = &view.observed[from..cutoff];
                let smoothed = SmoothedSeries::fit(&known[from..], observed, view.seasons, horizon);
                Some((1..=horizon).map(|k| smoothed.forecast(cutoff - from - 1, k)).collect())
            }
            CandidateKind::Iterated
            | CandidateKind::Differenced(..)
            | CandidateKind::Direct
            | CandidateKind::Recent
            | CandidateKind::Segments(_)
            | CandidateKind::Refined(_) => None,
        }
    }
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            CandidateKind::Naive => f.write_str("naive"),
            CandidateKind::SeasonalNaive(m) => write!(f, "seasonal naive {m}"),
            CandidateKind::SeasonalMean(m) => write!(f, "seasonal mean {m}"),
            CandidateKind::Mean => f.write_str("mean"),
            CandidateKind::Croston => f.write_str("croston"),
            CandidateKind::Smoothing => f.write_str("smoothing"),
            CandidateKind::Theta => f.write_str("theta"),
            CandidateKind::Ets => f.write_str("ets"),
            CandidateKind::Iterated => f.write_str("stepwise ridge"),
            CandidateKind::Differenced(m, 1) => write!(f, "ridge against {m} before"),
            CandidateKind::Differenced(m, seasons) => write!(f, "ridge against {seasons} times {m} before"),
            CandidateKind::Direct => f.write_str("direct ridge"),
            CandidateKind::Recent => f.write_str("recent ridge"),
            CandidateKind::Segments(number) => write!(f, "network {number}"),
            CandidateKind::Refined(number) => write!(f, "network {number} on ridge"),
        }?;
        if self.beside {
            f.write_str(" with covariates")?;
        }
        match self.scale {
            Transform::Identity => Ok(()),
            Transform::Log => f.write_str(" (log)"),
        }
    }
}

/// The longest history for which every form of exponential smoothing is tried.
const ETS_VALUES: usize = 2_000;
/// The last values that are smoothed.
const SMOOTHED_VALUES: usize = 5_000;
/// The shortest history in which something is long past.
const RECENT_VALUES: usize = 400;

/// Rows after which the past counts half.
fn half_life(seasons: &[usize], known: usize) -> f64 {
    let season = seasons.first().copied().unwrap_or(1);
    (known as f64 / 6.0).max(30.0 * season as f64).max(60.0)
}

/// Whether the values are counts that are mostly or often zero, and not because of the time of the season: those have
/// zeros at some of its steps and hardly any at others.
fn is_intermittent(values: &[f64], seasons: &[usize]) -> bool {
    /// Share of zeros from which on counts are intermittent.
    const ZEROS: f64 = 0.3;
    let zeros = |of: &mut dyn Iterator<Item = f64>| {
        let (mut zero, mut all) = (0.0, 0.0f64);
        of.for_each(|v| {
            zero += f64::from(v == 0.0);
            all += 1.0;
        });
        zero / all.max(1.0)
    };
    let share = zeros(&mut values.iter().copied());
    let counts = values.iter().all(|v| *v >= 0.0 && v.fract() == 0.0);
    if !counts || share < ZEROS {
        return false;
    }
    // night and day: the share of zeros differs far more between the steps of a season than within them
    seasons.iter().all(|&m| {
        let shares: Vec<f64> = (0..m).map(|p| zeros(&mut values.iter().copied().skip(p).step_by(m))).collect();
        let between = shares.iter().map(|s| (s - share).powi(2)).sum::<f64>() / m as f64;
        let chance = share * (1.0 - share) * m as f64 / values.len() as f64;
        between - chance < 0.3 * share * (1.0 - share)
    })
}

/// What a forecast may not leave: the range of what was seen, and twice its width to either side.
fn bounds(known: &[f64]) -> (f64, f64) {
    let (least, greatest) = known.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(*v), b.max(*v)));
    let width = greatest - least;
    (least - 2.0 * width, greatest + 2.0 * width)
}
