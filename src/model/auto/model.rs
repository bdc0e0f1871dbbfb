//! The automatic model as a [`Model`].

use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::model::auto::fitted::FittedAuto;
use crate::model::auto::local::LocalFit;
use crate::model::auto::pooled::FittedPooled;
use crate::model::auto::series_model::SeriesModel;
use crate::model::auto::settings::Auto;
use crate::model::fit::{Fit, Model};
use crate::model::fit_report::{FitNotice, FitReport};
use crate::model::model_option::{ModelOption, UnsupportedOption};
use crate::model::observer::Observer;
use crate::model::task::Task;
use crate::panel::Panel;

impl Model for Auto {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn uses_covariates(&self) -> bool {
        true
    }

    fn boxed(&self) -> Box<dyn Model> {
        Box::new(self.clone())
    }

    fn settings(&self) -> Value {
        json!(self)
    }

    fn set_option(&mut self, _: ModelOption) -> std::result::Result<(), UnsupportedOption> {
        Err(UnsupportedOption("its networks have settings of their own"))
    }

    fn records_hindcasts(&self) -> bool {
        true
    }

    fn keeps_checkpoints(&self, train: &Panel) -> bool {
        train.covariates().is_empty() && train.count() >= self.min_pooled_series
    }

    fn with_hindcasts_of_several_origins(&self) -> Box<dyn Model> {
        // a pooled model has the hindcasts of one origin
        Box::new(Self { min_pooled_series: usize::MAX, ..self.clone() })
    }

    fn fit(&self, train: &Panel, task: &Task, observer: &mut dyn Observer) -> Result<Fit> {
        let (mut notices, series) = (Vec::new(), train.count());
        if series >= self.min_pooled_series {
            if train.covariates().is_empty() {
                match FittedPooled::fit(self, train, task, observer) {
                    Err(Error::TooShort { .. }) => notices.push(FitNotice::TooShortForPooling { series }),
                    fitted => {
                        let (fitted, report) = fitted?;
                        return Ok(Fit { forecaster: Box::new(FittedAuto::Pooled(Box::new(fitted))), report });
                    }
                }
            } else {
                notices.push(FitNotice::CovariatesPreventPooling { series });
            }
        }
        // a limit of 0 is a choice of the caller, not a fall-back
        let max_series = self.max_network_series;
        if max_series > 0 && series > max_series {
            notices.push(FitNotice::TooManySeriesForNetworks { series, max_series });
        }
        let all: Vec<usize> = (0..series).collect();
        let local = LocalFit::new(self, train, &all, task, observer)?;
        notices.extend(local.notice());
        let ensemble_weights = local.models.series.iter().map(SeriesModel::ensemble_weights).collect();
        let report = FitReport { hindcasts: local.hindcasts, ensemble_weights, notices };
        Ok(Fit { forecaster: Box::new(FittedAuto::Local(local.models)), report })
    }
}
