//! `failed.csv`: every series that is not forecast, and why.

use std::io::{self, Write};

use crate::panel::Panel;
use crate::read::dataset::FailedSeries;
use crate::write::csv_writer::CsvWriter;

/// Writes all series that are not forecast, one row each.
///
/// Columns: the id columns of the panel, then `reason`.
///
/// # Errors
/// If `to` cannot be written.
///
/// ```
/// use forecast::panel::{Columns, Panel, Series};
/// use forecast::read::FailedSeries;
/// use forecast::time::{Frequency, Timestamp};
///
/// let columns = Columns { time: None, target: "sales".into(), ids: vec!["store".into(), "item".into()] };
/// let key = |store: &str| vec![store.to_owned(), "tea".to_owned()];
/// let pier = Series { key: key("pier"), start: Timestamp::Index(1), values: vec![1.0], observed: vec![true] };
/// let panel = Panel::new(columns, Frequency::INDEX, 1, vec![pier])?;
/// let mut csv = Vec::new();
/// forecast::write::failed_csv(&mut csv, &panel, &[FailedSeries { key: key("mill, east"), reason: "no value" }])?;
/// assert_eq!(csv, b"store,item,reason\n\"mill, east\",tea,no value\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn failed_csv(to: impl Write, panel: &Panel, failed: &[FailedSeries]) -> io::Result<()> {
    let mut csv = CsvWriter::new(to);
    csv.texts(&panel.columns().ids).text("reason").end_row()?;
    for series in failed {
        csv.texts(&series.key).text(series.reason).end_row()?;
    }
    csv.finish()
}
