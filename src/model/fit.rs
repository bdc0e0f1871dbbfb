//! What a model is: settings that are fitted to a panel for a task, and the forecaster that the fit returns.

use std::any::Any;
use std::fmt::Debug;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::budget::Budget;
use crate::error::{Error, Result};
use crate::forecast::levels::{LEVELS, union};
use crate::forecast::{Forecast, SamplePaths};
use crate::model::deepar::settings::Distribution;
use crate::model::effect::Effect;
use crate::model::member_weights::EnsembleWeights;
use crate::model::nn::training::Clip;
use crate::model::observer::Observer;
use crate::model::persist::ToFiles;
use crate::model::rnn::settings::Head;
use crate::model::schaake_shuffle;
use crate::panel::{Covariate, Panel};

/// The settings of a model. Fitting them to a panel gives a [`Forecaster`].
///
/// Its methods say what a model supports, so that callers need not know the families of models. A caller that needs the
/// settings of one family can downcast to them through [`Any`].
///
/// ```
/// use forecast::model::{self, SilentObserver, Task};
/// use forecast::panel::Panel;
///
/// let history = Panel::from_values(&[3.0, 5.0, 4.0, 6.0, 5.0, 7.0], 2);
/// assert!(model::named("oracle").is_none() && model::names().any(|name| name == "theta"));
/// let theta = model::named("theta").expect("a model of the registry");
/// assert!(!theta.is_trained() && !theta.uses_covariates());
/// let fit = theta.fit(&history, &Task { seed: 7, ..Task::new(4) }, &mut SilentObserver)?;
/// // any later panel is forecast by the same fit
/// let later = Panel::from_values(&[3.0, 5.0, 4.0, 6.0, 5.0, 7.0, 6.0], 2);
/// assert_eq!(fit.predict(&later)?[0].median().len(), 4);
/// # Ok::<(), forecast::Error>(())
/// ```
pub trait Model: CloneBoxed + Any + Debug + Send + Sync {
    /// The name of the model in the registry.
    fn name(&self) -> &'static str;

    /// The settings as JSON; null for a model that has none.
    fn settings(&self) -> Value {
        Value::Null
    }

    /// Sets an option. Layers are set before dropout, which needs two of them.
    ///
    /// # Errors
    /// If the option has no effect on the model; the error says why.
    fn set_option(&mut self, option: ModelOption) -> std::result::Result<(), UnsupportedOption>;

    /// Whether fitting trains networks, which takes time. Other models are fast enough to be fitted again at each
    /// origin.
    fn is_trained(&self) -> bool {
        true
    }

    /// Whether the model uses the covariates of a panel. Other models ignore them.
    fn uses_covariates(&self) -> bool {
        false
    }

    /// Whether the report of a fit has hindcasts, so that the model need not be fitted again to be evaluated.
    fn records_hindcasts(&self) -> bool {
        false
    }

    /// Whether the forecasts of a series do not depend on the other series of its panel, neither after its end nor in the
    /// past.
    fn fits_series_separately(&self) -> bool {
        false
    }

    /// Whether a fit to this panel keeps checkpoints in the folder of the task, from which it can be resumed.
    fn keeps_checkpoints(&self, _train: &Panel) -> bool {
        false
    }

    /// The number of values that a series needs, so that a forecast after it shows what the model has learned. `season` is
    /// the season length in steps.
    fn needed_values(&self, season: usize) -> usize {
        season + 1
    }

    /// How often a model that is not trained can be fitted to a series of 1,000 values in about a second, in its usual form.
    fn fits_in_a_second(&self) -> usize {
        60
    }

    /// The settings, with explicit values for those that depend on the panel.
    fn resolved_for(&self, _train: &Panel) -> Box<dyn Model> {
        self.boxed()
    }

    /// The settings whose fit reports hindcasts at several origins, if the model supports that. Reconciliation
    /// estimates the correlation of errors between series from them.
    fn with_hindcasts_of_several_origins(&self) -> Box<dyn Model> {
        self.boxed()
    }

    /// Fits the model to a panel. Nothing after the panel's end is used.
    ///
    /// # Errors
    /// If no series is long enough, or training fails.
    fn fit(&self, train: &Panel, task: &Task, observer: &mut dyn Observer) -> Result<Fit>;
}

/// Settings that can be copied into a box. All settings that are [`Clone`] can.
pub trait CloneBoxed {
    /// The same settings in a box.
    fn boxed(&self) -> Box<dyn Model>;
}

impl<M: Model + Clone> CloneBoxed for M {
    fn boxed(&self) -> Box<dyn Model> {
        Box::new(self.clone())
    }
}

impl Clone for Box<dyn Model> {
    fn clone(&self) -> Self {
        self.as_ref().boxed()
    }
}

/// A value for one setting of a model. [`Model::set_option`](crate::model::Model::set_option) accepts or rejects it.
///
/// ```
/// use forecast::model::{self, ModelOption};
///
/// let mut lstm = model::named("lstm").expect("a model of the registry");
/// assert!(lstm.set_option(ModelOption::Hidden(16)).is_ok());
/// let rejected = lstm.set_option(ModelOption::Members(5)).unwrap_err();
/// assert_eq!(rejected.to_string(), "it is a single network");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum ModelOption {
    /// The size of the hidden state.
    Hidden(usize),
    /// The number of recurrent layers.
    Layers(usize),
    /// The share of values that is dropped between layers in training, in [0, 1).
    Dropout(f64),
    /// The length of the chunks of truncated backpropagation, in steps.
    ChunkLength(usize),
    /// The number of steps through which gradients flow back.
    Reach(usize),
    /// How the outputs form a forecast of several steps.
    Head(Head),
    /// The factor on the initial recurrent weights.
    InitialScale(f64),
    /// How gradients are clipped.
    Clip(Clip),
    /// The number of passes over the data.
    Epochs(usize),
    /// The highest learning rate of the schedule.
    LearningRate(f64),
    /// The number of networks that are averaged.
    Members(usize),
    /// The family of distributions of the values.
    Distribution(Distribution),
}

/// The reason why an option has no effect on a model, as a clause about the model: `it is not trained`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnsupportedOption(pub &'static str);

/// The horizon and the quantile levels of a forecast, and the conditions of the fit.
#[derive(Debug, Clone)]
pub struct Task {
    /// The number of steps to forecast, at least 1.
    pub horizon: usize,
    /// Quantile levels in (0, 1), ascending. The median is among them.
    /// [`quantile_levels`](crate::forecast::quantile_levels) gives those of chosen intervals.
    pub levels: Vec<f64>,
    /// The seed of every random number.
    pub seed: u64,
    /// The time that fitting may take. It runs from the creation of the budget.
    pub budget: Budget,
    /// A folder for the checkpoints of a long training, from which the same fit is resumed. Only models that
    /// [keep checkpoints](crate::model::Model::keeps_checkpoints) use it.
    pub checkpoints: Option<PathBuf>,
}

impl Task {
    /// A task with the levels of [`LEVELS`], seed 0, a budget without limit and no checkpoints.
    pub fn new(horizon: usize) -> Self {
        Self { horizon, levels: LEVELS.to_vec(), seed: 0, budget: Budget::unlimited(), checkpoints: None }
    }

    /// The length of the longest series; an error if it is below the `need` of a model.
    pub(crate) fn longest_series(&self, panel: &Panel, model: &'static str, need: usize) -> Result<usize> {
        let (horizon, got) = (self.horizon, panel.iter().map(|series| series.len()).max().unwrap_or(0));
        if got < need { Err(Error::TooShort { model, horizon, need, got }) } else { Ok(got) }
    }
}

/// A fitted model. It forecasts any panel of the same frequency, including one that it was not fitted to.
pub trait Forecaster: ToFiles + Debug + Send {
    /// Forecasts the steps right after the end of each series of `history`: one forecast a series, in the order of the
    /// panel. The levels are those of the task that the model was fitted for.
    ///
    /// # Errors
    /// If a series of `history` cannot be used.
    fn predict(&self, history: &Panel) -> Result<Vec<Forecast>> {
        self.predict_at(history, self.levels())
    }

    /// The quantile levels of its forecasts: those of the task that it was fitted for.
    fn levels(&self) -> &[f64];

    /// As [`Forecaster::predict`], at other quantile levels. They ascend in (0, 1), and the median is among them. The
    /// median does not depend on the other levels.
    ///
    /// Models of one series compute any quantile from their errors or their distribution. Networks have learned those of
    /// [`LEVELS`]. Their other quantiles are interpolated, and have normal tails beyond.
    ///
    /// ```
    /// use forecast::{Baseline, Model, Panel, SilentObserver, Task};
    ///
    /// let history = Panel::from_values(&[3.0, 5.0, 4.0, 6.0, 5.0, 7.0], 2);
    /// let fit = Baseline::Theta.fit(&history, &Task::new(4), &mut SilentObserver)?;
    /// let usual = fit.predict(&history)?.remove(0);
    /// let wide = fit.forecaster.predict_at(&history, &[0.005, 0.5, 0.995])?.remove(0);
    /// assert!(wide.interval(99.0).unwrap().1[0] > usual.interval(95.0).unwrap().1[0]);
    /// assert_eq!(wide.median(), usual.median());
    /// # Ok::<(), forecast::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Forecaster::predict`].
    fn predict_at(&self, history: &Panel, levels: &[f64]) -> Result<Vec<Forecast>>;

    /// The effects that the model itself knows, for each series of `history`: those of the calendar, of covariates, and
    /// of the networks of an ensemble. Most models know none.
    ///
    /// # Errors
    /// As [`Forecaster::predict`].
    fn effects(&self, history: &Panel) -> Result<Vec<Vec<Effect>>> {
        Ok(vec![Vec::new(); history.count()])
    }

    /// Draws `count` sample paths of each series over the steps of `forecasts`, which are those of the model for
    /// `history`. A model without a joint distribution of the steps draws them by
    /// [`schaake_shuffle`](crate::model::schaake_shuffle::sample_paths). It forecasts again if `forecasts` lack one of
    /// [`LEVELS`], because a few levels do not give a distribution.
    ///
    /// # Errors
    /// As [`Forecaster::predict`].
    fn sample_paths(
        &self,
        history: &Panel,
        forecasts: &[Forecast],
        count: usize,
        seed: u64,
    ) -> Result<Vec<SamplePaths>> {
        let lacks_levels = |forecast: &Forecast| LEVELS.iter().any(|level| forecast.quantile(*level).is_none());
        let Some(narrow) = forecasts.iter().find(|forecast| lacks_levels(forecast)) else {
            return Ok(schaake_shuffle::sample_paths(forecasts, history, count, seed));
        };
        let steps = narrow.times().len();
        let wide = self.predict_at(history, &union(&narrow.levels(), &LEVELS))?.into_iter();
        let wide: Vec<Forecast> = wide.map(|forecast| forecast.first(steps)).collect();
        Ok(schaake_shuffle::sample_paths(&wide, history, count, seed))
    }

    /// Forecasts of the next value at up to `count` cutoffs in a row that end with the history. Residuals of these
    /// forecasts show whether errors are correlated. They are empty for a model without simpler ones.
    ///
    /// # Errors
    /// As [`Forecaster::predict`].
    fn stand_in_forecasts(&self, _history: &Panel, _count: usize) -> Result<StandInForecasts> {
        Ok(StandInForecasts::default())
    }

    /// The covariates that the model was fitted with. A panel that it forecasts must have the same.
    fn covariates(&self) -> &[Covariate] {
        &[]
    }

    /// Whether it forecasts each series by itself, also one that it was not fitted to.
    fn forecasts_series_separately(&self) -> bool {
        false
    }

    /// The number of steps that it forecasts; `None` if the model does not state it.
    fn horizon(&self) -> Option<usize> {
        None
    }

    /// The season lengths that the model was fitted with, in steps, or `None` if it does not keep them. They suit later
    /// panels of the same series, too.
    fn seasons(&self) -> Option<Vec<usize>> {
        None
    }

    /// Writes the files of the fitted model into an existing, empty folder, which [`load`](crate::model::load) reads.
    ///
    /// # Errors
    /// If the folder cannot be written.
    fn save(&self, folder: &Path) -> Result<()> {
        self.to_files().write(folder)
    }
}

/// A fitted model, and the report of the fit.
#[derive(Debug)]
pub struct Fit {
    /// The fitted model.
    pub forecaster: Box<dyn Forecaster>,
    /// The report of the fit.
    pub report: FitReport,
}

impl Fit {
    /// A fitted model with an empty report.
    pub fn new(forecaster: impl Forecaster + 'static) -> Self {
        Self { forecaster: Box::new(forecaster), report: FitReport::default() }
    }

    /// As [`Forecaster::predict`] of the fitted model.
    ///
    /// # Errors
    /// If a series of `history` cannot be used.
    pub fn predict(&self, history: &Panel) -> Result<Vec<Forecast>> {
        self.forecaster.predict(history)
    }
}

/// Hindcasts, ensemble weights and notices of a fit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FitReport {
    /// Forecasts of past steps of the panel, each made without knowledge of their values.
    pub hindcasts: Vec<Hindcast>,
    /// The weights of the members of an ensemble. There is one item for each series, in the order of the panel, or
    /// one for all series.
    pub ensemble_weights: Vec<EnsembleWeights>,
    /// What a user should know about the fit, such as fall-backs.
    pub notices: Vec<FitNotice>,
}

/// A forecast of past steps, made from the values before them.
#[derive(Debug, Clone, PartialEq)]
pub struct Hindcast {
    /// The index of the series in its panel.
    pub series: usize,
    /// The number of values before the forecast. The first step of the forecast is the value at this index.
    pub cutoff: usize,
    /// The forecast.
    pub forecast: Forecast,
}

/// Forecasts of the next value at many cutoffs in a row, by simpler models that stand for a fitted one.
///
/// Each is made from the values before its cutoff, but by models that were chosen and weighted on the whole history. So
/// they are no hindcasts of the fitted model.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StandInForecasts {
    /// The forecasts of one step, sorted by series and then by cutoff. They have the median only.
    pub forecasts: Vec<Hindcast>,
    /// The names of the models whose weighted mean they are; empty if they differ between series.
    pub candidates: Vec<String>,
    /// Whether they are the forecasts of the model itself, as for counts.
    pub is_of_model: bool,
}

/// A fall-back of a model, chosen for the panel or for the budget.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the texts say what the numbers are")]
pub enum FitNotice {
    /// A series is so long that its oldest values would take time and change little.
    #[error("the model uses the last {used} of {of} values: older ones would change little")]
    OldValuesLeftOut { used: usize, of: usize },
    /// There are too many series for the automatic model to train networks.
    #[error("no networks of single series: they are trained for at most {max_series} series, and there are {series}")]
    TooManySeriesForNetworks { series: usize, max_series: usize },
    /// There are enough series for one pooled model, but none is long enough. Each series has a separate model.
    #[error("each of the {series} series is forecast separately: all are too short for the model for many series")]
    TooShortForPooling { series: usize },
    /// The training of the pooled model diverged. Each series has a separate model.
    #[error("each of the {series} series is forecast separately: the training of the model for many series diverged")]
    PoolingDiverged { series: usize },
    /// The budget is too short for a model of each series in addition to the global model.
    #[error("the global model alone forecasts the {series} series: the budget is too short for models of each series")]
    NoTimeForLocalModels { series: usize },
    /// The budget ended, or an interruption came, before all candidates were compared.
    #[error("the search ended before all candidates were compared for {series} of {of} series")]
    CandidatesLeftOut { series: usize, of: usize },
    /// Values were far below those before and after. The first and the last of them, in the first of `series` series.
    #[error(
        "the values from {from} to {to}{of} are far below those before and after: the models treat them as missing",
        of = if *series == 1 { String::new() } else { format!(" of the first of {series} series") }
    )]
    DipTreatedAsMissing { series: usize, from: String, to: String },
    /// A pooled model may have been trained on the last values of some series, so that forecasts of these values are no
    /// evidence.
    #[error(
        "{series} of {of} series {have} no verdict: the pooled model may have been trained on {their} last values",
        have = if *series == 1 { "has" } else { "have" },
        their = if *series == 1 { "its" } else { "their" }
    )]
    SeenInTraining { series: usize, of: usize },
    /// Some networks of an ensemble are missing. Their training diverged, or there was no time for it.
    #[error("the ensemble has {trained} of {planned} networks: there was no time for the others, or they diverged")]
    FewerNetworks { trained: usize, planned: usize },
}
