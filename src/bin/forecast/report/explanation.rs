//! `--explain`: the components of each forecast, and a sentence on each.

use clap::Args;
use forecast::components::{Components, reasons};
use forecast::write::components_as_written;
use forecast::{Forecast, Forecaster, Panel, plot};

use crate::report::json_output::JsonArg;
use crate::report::output_dir::{OutputDir, check_has_folder};
use crate::report::table_files::TableFiles;
use crate::report::{forecast_table::MAX_SERIES, text_table::count};

#[derive(Debug, Args)]
pub(crate) struct ExplainArg {
    /// Explain the forecasts: their components, which add up to them; a fit also writes residuals and a picture of its backtest
    #[arg(long, help_heading = "Forecast")]
    explain: bool,
}

impl ExplainArg {
    /// Refuses the flag if the output goes to stdout, unless it is the object of `--json`.
    pub(crate) fn check(&self, folder: Option<&OutputDir>, json: &JsonArg) -> anyhow::Result<()> {
        if self.explain && !json.has_object() { check_has_folder("--explain", folder) } else { Ok(()) }
    }

    pub(crate) fn is_requested(&self) -> bool {
        self.explain
    }

    /// The explanation of forecasts of a panel by the fitted model, if it was requested.
    pub(crate) fn explanation(
        &self,
        forecaster: &dyn Forecaster,
        panel: &Panel,
        forecasts: &[Forecast],
    ) -> forecast::Result<Option<Explanation>> {
        if !self.explain {
            return Ok(None);
        }
        let components = Components::of_panel(panel, forecasts, &forecaster.effects(panel)?);
        let reasons = reasons(panel, &components);
        // pictures are of the numbers in the files, so that they can be drawn again from these
        Ok(Some(Explanation { reasons, components: components_as_written(components) }))
    }
}

/// The components of each forecast, and a sentence on each.
pub(crate) struct Explanation {
    pub(crate) components: Vec<Components>,
    pub(crate) reasons: Vec<String>,
}

impl Explanation {
    /// Draws the picture of the components.
    pub(crate) fn draw(&self, files: &TableFiles<'_>, panel: &Panel) -> anyhow::Result<()> {
        files.draw("components", |picture| plot::components(picture, panel, &self.components))
    }

    /// The sentences on the forecasts of the largest series, which are those of the picture.
    pub(crate) fn lines(&self, panel: &Panel) -> String {
        let all: Vec<(String, &String)> = panel.iter().map(|series| series.name()).zip(&self.reasons).collect();
        let positions = plot::largest_first(panel, self.components.first().map_or(1, Components::steps));
        let named = positions.into_iter().take(MAX_SERIES).map(|at| match &all[at] {
            (name, sentence) if name.is_empty() => (*sentence).clone(),
            (name, sentence) => format!("{name}: {sentence}"),
        });
        let left = self.reasons.len().saturating_sub(MAX_SERIES);
        let more = (left > 0).then(|| format!("run.json has the sentences on {} smaller series", count(left)));
        named.chain(more).collect::<Vec<String>>().join("\n")
    }
}
