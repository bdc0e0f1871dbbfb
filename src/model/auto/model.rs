//! The automatic model as a [`Model`].

use crate::error::{Error, Result};
use crate::model::auto::local::FittedLocal;
use crate::model::auto::pooled::FittedPooled;
use crate::model::auto::settings::Auto;
use crate::model::forecaster::{Forecaster, Model};
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

    fn fit(&self, train: &Panel, task: &Task, observer: &mut dyn Observer) -> Result<Box<dyn Forecaster>> {
        if train.covariates().is_empty() && train.count() >= self.min_pooled_series {
            match FittedPooled::fit(self, train, task, observer) {
                Err(Error::TooShort { .. }) => {}
                fitted => return Ok(Box::new(fitted?)),
            }
        }
        let all: Vec<usize> = (0..train.count()).collect();
        Ok(Box::new(FittedLocal::fit(self, train, &all, task, observer)?))
    }
}
