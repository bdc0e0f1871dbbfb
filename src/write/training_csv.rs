//! `training.csv`: the course of a training.

use std::io;

use crate::model::Epoch;
use crate::write::table_writer::TableWriter;

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
