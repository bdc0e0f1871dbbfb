//! Trains the networks of `--model pretrained` on the training part of M4, and writes them into a folder.
//!
//! `pretrain DATA OUT [EVERY]` reads `DATA/m4_FREQUENCY_train.parquet` and writes `OUT/FREQUENCY/settings.json` and
//! `OUT/FREQUENCY/weights.safetensors`. Every second series of M4 is used, or every EVERY-th of those. Of the few weekly
//! series all are.
//!
//! The last horizon of each series is left out, so that holdouts of M4 stay honest. The weights are rounded to half
//! precision.

#![expect(clippy::print_stdout, reason = "an example prints what it does")]

pub(crate) mod variants;

use std::path::{Path, PathBuf};
use std::{env, fs};

use forecast::model::global::Global;
use forecast::model::{Model, SilentObserver, Task};
use forecast::panel::{Panel, Series, TimeSeries};
use forecast::read::{ReadOptions, Source, read};
use half::f16;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView, serialize};

/// The frequency, its season, the horizon of the competition, that of the networks, and the distance of the series that
/// are used. Of every two series, one is left to measure the networks on.
pub(crate) const FREQUENCIES: [(&str, usize, usize, usize, usize); 4] =
    [("yearly", 1, 6, 8, 2), ("quarterly", 4, 8, 12, 2), ("monthly", 12, 18, 24, 2), ("weekly", 52, 13, 26, 1)];

/// The frequency whose networks are also trained on shorter series and on counts. Yearly networks lost by shorter ones.
const WITH_VARIANTS: &str = "monthly";

/// The number of windows that a network is trained on before its holdout is, in at most so many epochs.
const WINDOWS: usize = 115_000;
const MAX_EPOCHS: usize = 15;

pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.as_slice() {
        [data, out] => pretrain(Path::new(data), Path::new(out), 1),
        [data, out, every] => pretrain(Path::new(data), Path::new(out), every.parse()?),
        _ => {
            println!("usage: pretrain DATA OUT [EVERY]");
            Ok(())
        }
    }
}

/// Trains the networks of all frequencies. The tests call it too.
pub(crate) fn pretrain(data: &Path, out: &Path, every: usize) -> Result<()> {
    for (name, season, left_out, horizon, distance) in FREQUENCIES {
        let file = data.join(format!("m4_{name}_train.parquet"));
        let mut panel = training_panel(file, season, left_out, distance * every)?;
        if name == WITH_VARIANTS {
            panel = variants::with_variants(&panel)?;
        }
        println!("{name}: {} series", panel.count());
        // with a number of epochs, networks start at random
        let epochs = (WINDOWS / panel.count()).clamp(1, MAX_EPOCHS);
        let settings = Global { epochs: Some(epochs), ..Global::default() };
        let forecaster = settings.fit(&panel, &Task::new(horizon), &mut SilentObserver)?.forecaster;
        let files = forecaster.to_files();
        let folder = out.join(name);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("settings.json"), &files.settings)?;
        fs::write(folder.join("weights.safetensors"), in_half_precision(&files.weights)?)?;
    }
    Ok(())
}

/// Every so many series of a file, from the second on, without the last `left_out` values of each.
pub(crate) fn training_panel(file: PathBuf, season: usize, left_out: usize, every: usize) -> Result<Panel> {
    let dataset = read(&Source::Path(file), &ReadOptions::default())?;
    let panel = dataset.panel.without_last(left_out, 1).ok_or("every series is shorter than its horizon")?;
    let mut series: Vec<TimeSeries<'_>> = panel.iter().collect();
    // M4 numbers its series: Y1, Y2 and so on
    series.sort_by_key(|series| series.key[0].trim_start_matches(char::is_alphabetic).parse::<u32>().unwrap_or(0));
    let chosen = series.iter().skip(usize::from(every > 1)).step_by(every).map(|series| Series {
        key: series.key.to_vec(),
        start: series.start,
        values: series.values.to_vec(),
        observed: series.observed.to_vec(),
    });
    Ok(Panel::new(panel.columns().clone(), panel.frequency(), season, chosen.collect())?)
}

/// The same arrays with numbers of 16 bits.
fn in_half_precision(weights: &[u8]) -> Result<Vec<u8>> {
    let tensors = SafeTensors::deserialize(weights)?;
    let halved = tensors.tensors().into_iter().map(|(name, view)| {
        let numbers =
            view.data().chunks_exact(4).map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
        let bytes: Vec<u8> = numbers.flat_map(|number| f16::from_f32(number).to_le_bytes()).collect();
        (name, view.shape().to_vec(), bytes)
    });
    let halved: Vec<(String, Vec<usize>, Vec<u8>)> = halved.collect();
    let views = halved
        .iter()
        .map(|(name, shape, bytes)| Ok((name.as_str(), TensorView::new(Dtype::F16, shape.clone(), bytes)?)));
    Ok(serialize(views.collect::<Result<Vec<_>>>()?, &None)?)
}
