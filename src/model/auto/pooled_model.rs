//! A pooled model of a sample of series, with which any series is forecast by itself.
//!
//! The series of the sample choose everything that is of all series: the networks, the mixture with local models, the usual
//! errors of candidates, and the widths of intervals. The rest follows from the values of one series.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::budget::shares;
use crate::error::{Error, Result};
use crate::forecast::levels::LEVELS;
use crate::model::auto::general_mixture::GeneralMixture;
use crate::model::auto::hindcast_pair::{HindcastPair, hindcast_pairs};
use crate::model::auto::local::{FittedLocal, LocalFit};
use crate::model::auto::mixture::hindcast;
use crate::model::auto::panel_prior::PanelPrior;
use crate::model::auto::pooled::{FittedPooled, MIN_LOCAL_WEIGHT};
use crate::model::auto::settings::{Auto, CandidateSearch};
use crate::model::fit::{FitNotice, FitReport, Forecaster, Hindcast, Task};
use crate::model::global::fitted::{FittedGlobal, GlobalState};
use crate::model::global::model::{Phases, holdout_origins};
use crate::model::global::pretrained::PretrainedFrequency;
use crate::model::global::settings::Global;
use crate::model::observer::{Observer, SilentObserver};
use crate::model::other_levels::{hindcasts_at_levels, if_other};
use crate::model::persist::{Persist, Weights, levels_are_valid};
use crate::panel::{Covariate, Panel, SeasonSource, Seasons, TimeSeries};
use crate::time::{Frequency, Timestamp};

/// The names of the parts by which their weights are saved.
const GLOBAL_PART: &str = "global";
const FIRST_PHASE_PART: &str = "first_phase";
/// The largest number of hindcasts of a series of a loaded model.
const MAX_ORIGINS: usize = 100;

/// A pooled model of a sample of series, with which any series can be forecast by itself.
///
/// It has the networks of the sample, the mixture with the candidates of a series, and the usual errors of candidates.
/// [`PooledTraining`](crate::model::auto::PooledTraining) fits one, and
/// [`WithPooledModel`](crate::model::auto::WithPooledModel) forecasts with it.
#[derive(Debug)]
pub struct PooledModel {
    pub(crate) global: Arc<FittedGlobal>,
    /// The networks after the first phase of their training, which have not seen the last horizons of the sample. They make
    /// the hindcasts.
    first_phase: FittedGlobal,
    of_sample: SampleSettings,
}

/// What the sample chooses, apart from networks.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct SampleSettings {
    /// The levels of forecasts, if they are others than those of the networks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    forecast_levels: Option<Vec<f64>>,
    frequency: Frequency,
    seasons: Seasons,
    /// See [`Panel::steps_with_known_seasons`]; `None` for all steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    steps_with_known_seasons: Option<usize>,
    /// The number of hindcasts of a series, one horizon each.
    origins: usize,
    uses_local_models: bool,
    with_ets: bool,
    with_pretrained: bool,
    prior: PanelPrior,
    mixture: GeneralMixture,
    /// The mixtures for the hindcasts, the last origin first. Each was learned at the earlier origins.
    earlier_mixtures: Vec<GeneralMixture>,
    /// The series of the sample, sorted by key.
    sample: Vec<SampleSeries>,
}

/// A series of the sample.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct SampleSeries {
    key: Vec<String>,
    /// The time of its last value.
    end: Timestamp,
}

/// Everything that is saved, except the weights.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PooledModelState {
    global: GlobalState,
    first_phase: GlobalState,
    of_sample: SampleSettings,
}

impl PooledModelState {
    /// Whether the numbers of a loaded model are consistent.
    pub(crate) fn is_valid(&self) -> bool {
        let Self { global, first_phase, of_sample } = self;
        let SampleSettings { forecast_levels, origins, prior, mixture, earlier_mixtures, sample, .. } = of_sample;
        let width_factors = global.horizon * global.levels.len();
        FittedGlobal::is_valid(global)
            && FittedGlobal::is_valid(first_phase)
            && (global.horizon, &global.levels) == (first_phase.horizon, &first_phase.levels)
            && forecast_levels.as_deref().is_none_or(levels_are_valid)
            && (1..=MAX_ORIGINS).contains(origins)
            && earlier_mixtures.len() == *origins
            && std::iter::once(mixture).chain(earlier_mixtures).all(|mixture| mixture.is_valid(width_factors))
            && prior.is_valid()
            && sample.is_sorted_by(|a, b| a.key < b.key)
    }
}

impl PooledModel {
    /// Fits the model to a sample without the effects of rare days. Also returns the hindcasts of the sample.
    pub(crate) fn train(sample: &Panel, task: &Task, observer: &mut dyn Observer) -> Result<(Self, FitReport)> {
        let (forecast_levels, task) = (if_other(&task.levels), &Task { levels: LEVELS.to_vec(), ..task.clone() });
        let limit = task.budget.left();
        let with_budget_share =
            |share: f64| Task { budget: task.budget.part(limit.map(|limit| limit.mul_f64(share))), ..task.clone() };
        let networks = Global::default();
        let phases = networks.fit_phases(sample, &with_budget_share(shares::POOLED_GLOBAL), observer)?;
        let Phases { first: mut first_phase, second: mut global, hindcasts: global_hindcasts } = phases;
        for fitted in [&mut global, &mut first_phase] {
            fitted.state.predicts_by_series = true;
        }
        // networks of single series would take longer than all other candidates of many series
        let auto = Auto { max_network_series: 0, ..Auto::default() };
        let all: Vec<usize> = (0..sample.count()).collect();
        let local = LocalFit::new(&auto, sample, &all, &with_budget_share(shares::POOLED_LOCAL), observer)?;
        let (season, origins) = (sample.season(), holdout_origins(sample, task.horizon));
        let mut pairs = hindcast_pairs(sample, &global_hindcasts, &local.hindcasts, &local.models);
        let mut mixture = GeneralMixture::fit(&pairs, season, task);
        let uses_local_models = mixture.mixture.global_weight < 1.0 - MIN_LOCAL_WEIGHT;
        if !uses_local_models {
            pairs = hindcast_pairs(sample, &global_hindcasts, &global_hindcasts, &local.models);
            mixture = GeneralMixture::fit(&pairs, season, task);
            mixture.mixture.global_weight = 1.0;
        }
        let before = |origin: usize| {
            let earlier: Vec<HindcastPair<'_>> = pairs.iter().filter(|pair| pair.origin() > origin).cloned().collect();
            GeneralMixture::fit(&earlier, season, task)
        };
        let search = auto.search(sample, task);
        let series = sample.iter().map(|series| SampleSeries { key: series.key.to_vec(), end: series.end() });
        let mut notices = global.notices();
        notices.extend(local.notice());
        let of_sample = SampleSettings {
            forecast_levels,
            frequency: sample.frequency(),
            seasons: sample.seasons().clone(),
            steps_with_known_seasons: Some(sample.steps_with_known_seasons()).filter(|steps| *steps < usize::MAX),
            origins,
            uses_local_models,
            with_ets: search.with_ets,
            with_pretrained: search.pretrained.is_some(),
            prior: (*local.prior).clone(),
            earlier_mixtures: (1..=origins).map(before).collect(),
            mixture,
            sample: series.collect(),
        };
        let trained = Self { global: Arc::new(global), first_phase, of_sample };
        let hindcasts = trained.hindcasts(&pairs, &global_hindcasts, season, task);
        let ensemble_weights = vec![trained.of_sample.mixture.mixture.ensemble_weights()];
        Ok((trained, FitReport { hindcasts, ensemble_weights, notices }))
    }

    /// The number of steps that it forecasts, at least 1.
    pub fn horizon(&self) -> usize {
        self.global.state.horizon
    }

    /// The seasons of its sample.
    pub fn seasons(&self) -> &Seasons {
        &self.of_sample.seasons
    }

    /// The number of series of its sample.
    pub fn series(&self) -> usize {
        self.of_sample.sample.len()
    }

    /// The levels of its forecasts.
    pub(crate) fn levels(&self) -> &[f64] {
        self.of_sample.forecast_levels.as_deref().unwrap_or(&self.global.state.levels)
    }

    /// A panel with the seasons and the covariates of the sample, in their order and with their categories.
    ///
    /// # Errors
    /// If its frequency is another one, or if its covariates are others.
    pub fn prepared(&self, panel: Panel) -> Result<Panel> {
        let panel = self.with_own_seasons(panel)?;
        Ok(if self.covariates().is_empty() { panel } else { self.with_own_covariates(&panel)?.into_owned() })
    }

    fn with_own_seasons(&self, panel: Panel) -> Result<Panel> {
        let SampleSettings { frequency, seasons, .. } = &self.of_sample;
        if panel.frequency().seasons() != frequency.seasons() || panel.frequency().name() != frequency.name() {
            let reason =
                format!("its step is {}, that of the pooled model {}", panel.frequency().name(), frequency.name());
            return Err(Error::InvalidInput { what: "panel", reason });
        }
        if panel.seasons() == seasons && seasons.source() != SeasonSource::Values {
            return Ok(panel);
        }
        panel.with_seasons(match seasons.source() {
            SeasonSource::Calendar => seasons.clone(),
            _ => Seasons::of_model(seasons.lengths().to_vec()),
        })
    }

    /// The covariates of its sample. Data to forecast need the same columns, and the future of those that were known there.
    pub fn covariates(&self) -> &[Covariate] {
        self.global.covariates()
    }

    /// A panel with the covariates of the sample, in their order and with their categories.
    ///
    /// # Errors
    /// If the covariates of the panel are others.
    pub(crate) fn with_own_covariates<'a>(&self, panel: &'a Panel) -> Result<Cow<'a, Panel>> {
        if self.covariates().is_empty() && panel.covariates().is_empty() {
            return Ok(Cow::Borrowed(panel));
        }
        panel.with_matching_covariates(self.covariates()).map(Cow::Owned)
    }

    /// The candidates of each series.
    fn search(&self, panel: &Panel, task: &Task) -> CandidateSearch {
        let SampleSettings { origins, with_ets, with_pretrained, prior, steps_with_known_seasons, .. } =
            &self.of_sample;
        CandidateSearch {
            with_ets: *with_ets,
            pretrained: PretrainedFrequency::of(panel).filter(|_| *with_pretrained),
            prior: Arc::new(prior.clone()),
            max_hindcasts: *origins,
            steps_with_known_seasons: steps_with_known_seasons.unwrap_or(usize::MAX),
            ..CandidateSearch::of(panel, task)
        }
    }

    /// Fits the candidates of each series of a panel with the seasons of the sample, without the effects of rare days.
    pub(crate) fn fit_each(
        &self,
        panel: &Panel,
        task: &Task,
        observer: &mut dyn Observer,
    ) -> Result<(FittedPooled, FitReport)> {
        if task.horizon != self.horizon() {
            let reason = format!("it is {} steps, that of the pooled model {}", task.horizon, self.horizon());
            return Err(Error::InvalidInput { what: "horizon", reason });
        }
        let (forecast_levels, task) = (&task.levels, &Task { levels: LEVELS.to_vec(), ..task.clone() });
        let SampleSettings { uses_local_models, mixture, origins, .. } = &self.of_sample;
        let global_hindcasts = self.first_phase.hindcasts(panel, *origins)?;
        let local = if *uses_local_models {
            Some(LocalFit::with_search(panel, &self.search(panel, task), observer)?)
        } else {
            None
        };
        let no_local_models =
            FittedLocal { horizon: task.horizon, levels: LEVELS.to_vec(), covariates: Vec::new(), series: Vec::new() };
        let pairs = match &local {
            Some(local) => hindcast_pairs(panel, &global_hindcasts, &local.hindcasts, &local.models),
            None => hindcast_pairs(panel, &global_hindcasts, &global_hindcasts, &no_local_models),
        };
        let season = panel.season();
        let mut notices: Vec<FitNotice> = local.iter().filter_map(LocalFit::notice).collect();
        let of_panel = mixture.for_series(&pairs, season, task);
        let hindcasts = self.hindcasts(&pairs, &global_hindcasts, season, task);
        let all = hindcasts.len();
        let series: HashSet<usize> = hindcasts.iter().map(|own| own.series).collect();
        let hindcasts = self.without_seen_values(panel, hindcasts);
        if hindcasts.len() < all {
            let unseen: HashSet<usize> = hindcasts.iter().map(|own| own.series).collect();
            notices.push(FitNotice::SeenInTraining { series: series.len() - unseen.len(), of: panel.count() });
        }
        let hindcasts = hindcasts_at_levels(panel, hindcasts, forecast_levels);
        let fitted = FittedPooled {
            global: self.global.clone(),
            local: local.map(|local| local.models),
            mixture: of_panel,
            forecast_levels: if_other(forecast_levels),
        };
        let report = FitReport { hindcasts, ensemble_weights: fitted.ensemble_weights(panel.count()), notices };
        Ok((fitted, report))
    }

    /// The model with the candidates of each series of a panel.
    pub(crate) fn fitted_to(&self, panel: &Panel, levels: &[f64]) -> Result<FittedPooled> {
        let task = Task { levels: levels.to_vec(), ..Task::new(self.horizon()) };
        self.fit_each(panel, &task, &mut SilentObserver).map(|(fitted, _)| fitted)
    }

    /// The hindcasts of the mixture. The weights at each origin come from earlier origins of the sample, and the widths also
    /// from those of the series. A cutoff before all origins of the sample has none.
    fn hindcasts(&self, pairs: &[HindcastPair<'_>], global: &[Hindcast], season: usize, task: &Task) -> Vec<Hindcast> {
        let SampleSettings { mixture, earlier_mixtures, uses_local_models, .. } = &self.of_sample;
        if !uses_local_models && mixture.mixture.simple.is_none() {
            return global.to_vec();
        }
        let of_pair = |(index, pair): (usize, &HindcastPair<'_>), of_series: &[HindcastPair<'_>]| {
            // a gap before a cutoff may move it between two origins
            let origin = (pair.whole.len() - pair.cutoff).div_ceil(task.horizon);
            let earlier = earlier_mixtures.get(origin.checked_sub(1)?)?;
            let known = of_series[..index].iter().filter(|other| other.cutoff + task.horizon <= pair.cutoff);
            let known: Vec<HindcastPair<'_>> = known.cloned().collect();
            Some(hindcast(pair, &earlier.for_series(&known, season, task), &task.levels))
        };
        let by_series = pairs.chunk_by(|one, other| one.series == other.series);
        by_series.flat_map(|own| own.iter().enumerate().filter_map(move |pair| of_pair(pair, own))).collect()
    }

    /// The hindcasts without those of values that the sample may have shown to the model. A series of the sample has hindcasts
    /// if it ends no earlier than in the sample. With dates, a series also ends no earlier than any series of the sample.
    fn without_seen_values(&self, panel: &Panel, hindcasts: Vec<Hindcast>) -> Vec<Hindcast> {
        let SampleSettings { sample, steps_with_known_seasons, .. } = &self.of_sample;
        if steps_with_known_seasons.is_some_and(|steps| steps < self.horizon()) {
            return Vec::new();
        }
        let last_end = sample.iter().map(|series| series.end).filter(|end| matches!(end, Timestamp::Time(_))).max();
        let own_end = |key: &[String]| {
            let at = sample.binary_search_by(|series| series.key.as_slice().cmp(key)).ok()?;
            Some(sample[at].end)
        };
        let is_later = |series: TimeSeries<'_>| own_end(series.key).max(last_end).is_none_or(|end| series.end() >= end);
        let are_unseen: Vec<bool> = panel.iter().map(is_later).collect();
        hindcasts.into_iter().filter(|own| are_unseen[own.series]).collect()
    }

    pub(crate) fn state(&self) -> PooledModelState {
        let Self { global, first_phase, of_sample } = self;
        PooledModelState { global: global.state(), first_phase: first_phase.state(), of_sample: of_sample.clone() }
    }

    pub(crate) fn weights(&self) -> Weights {
        let mut weights = Weights::default();
        weights.insert_part(GLOBAL_PART, self.global.weights());
        weights.insert_part(FIRST_PHASE_PART, self.first_phase.weights());
        weights
    }

    pub(crate) fn restore(state: PooledModelState, weights: &mut Weights) -> std::result::Result<Self, String> {
        let PooledModelState { global, first_phase, of_sample } = state;
        let global = FittedGlobal::restore(global, &mut weights.take_part(GLOBAL_PART))?;
        let first_phase = FittedGlobal::restore(first_phase, &mut weights.take_part(FIRST_PHASE_PART))?;
        Ok(Self { global: Arc::new(global), first_phase, of_sample })
    }
}
