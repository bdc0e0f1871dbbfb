//! `training.csv`: the course of a training.

use std::io::{self, Write};

use crate::model::Epoch;
use crate::write::csv_writer::CsvWriter;
use crate::write::table_writer::TableWriter;

/// Writes the epochs of a training, one row each. `best` is the number of the epoch whose weights were kept.
///
/// Columns: `epoch` and `member`, the network of an ensemble, both counted from 1; `training_loss`, `validation_loss`,
/// empty without validation; `gradient_norm`, its mean before clipping; `clipped`, the share of clipped updates;
/// `learning_rate`; `best`, 1 for the epoch whose weights were kept and else 0.
pub fn training_csv(to: impl Write, epochs: &[Epoch], best: Option<usize>) -> io::Result<()> {
    CsvWriter::file(to, |csv| training_rows(csv, epochs, best))
}

pub(crate) fn training_rows(table: &mut impl TableWriter, epochs: &[Epoch], best: Option<usize>) -> io::Result<()> {
    table.texts(&["epoch", "member", "training_loss", "validation_loss", "gradient_norm"]);
    table.texts(&["clipped", "learning_rate", "best"]).end_row()?;
    for epoch in epochs {
        let finite = |value: f64| Some(value).filter(|value| value.is_finite());
        table.count(epoch.number).count(epoch.member + 1).number(finite(epoch.training_loss));
        table.number(epoch.validation_loss.and_then(finite));
        table.numbers([epoch.gradient_norm, epoch.clipped, epoch.learning_rate].map(finite));
        table.count(usize::from(best == Some(epoch.number))).end_row()?;
    }
    Ok(())
}
