//! A table with typed columns, which is written as an Arrow IPC stream.

use std::io::{self, Write};
use std::sync::Arc;

use polars::error::PolarsError;
use polars_arrow::array::{Array, PrimitiveArray, Utf8Array};
use polars_arrow::datatypes::{ArrowDataType, ArrowSchema, Field, TimeUnit};
use polars_arrow::io::ipc::write::{StreamWriter, WriteOptions};
use polars_arrow::record_batch::RecordBatchT;

use crate::panel::Panel;
use crate::time::timestamp::{DAY, ticks_of};
use crate::time::{Frequency, Timestamp};
use crate::write::csv_writer::{EXACT_DIGITS, rounded};
use crate::write::table::Table;
use crate::write::table_writer::TableWriter;

/// The number of rows of a batch.
const BATCH_ROWS: usize = 1 << 16;

/// The member of the metadata with the version of the streams, and the version.
const VERSION: (&str, &str) = ("forecast.schema", "1");

/// A table with typed columns, which is written as an Arrow stream. It has the names and the numbers of the CSV file.
///
/// Ids are of the type `utf8`, numbers `float64`, counts and an index `int64`. Times are of `date32` if the steps are days
/// or longer and all times are at midnight, and of `timestamp[ms]` otherwise. They have the zone of the panel, if it has
/// one. A missing number is null. A name that occurs twice gets a number, such as `forecast_2`.
///
/// ```
/// use forecast::read::ArrowStream;
/// use forecast::write::{ArrowTable, Table};
/// use forecast::{Baseline, Model, Panel, SilentObserver, Task};
///
/// let panel = Panel::from_values(&[1.0, 2.0], 1);
/// let forecasts = Baseline::Naive.fit(&panel, &Task::new(2), &mut SilentObserver)?.predict(&panel)?;
/// let mut bytes = Vec::new();
/// ArrowTable::new(&panel, &Table::Forecast(&forecasts))?.write(&mut bytes, &[("forecast.id", "7")])?;
///
/// let metadata = ArrowStream::read(&mut bytes.as_slice(), 1_000_000)?.metadata()?;
/// assert_eq!(metadata["forecast.schema"], "1");
/// assert_eq!(metadata["forecast.id"], "7");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct ArrowTable {
    digits: usize,
    /// The names of the columns, which the first row has.
    names: Vec<String>,
    columns: Vec<Column>,
    /// The column of the next cell.
    at: usize,
    rows: usize,
    has_header: bool,
    /// The zone of the times, which are in UTC then.
    zone: Option<String>,
    /// Whether times are dates if all are at midnight.
    may_have_dates: bool,
}

#[derive(Debug)]
enum Cell {
    Text(String),
    Count(i64),
    Number(Option<f64>),
    /// Milliseconds since 1970.
    Time(i64),
}

/// The cells of a column so far.
#[derive(Debug)]
enum Column {
    Texts(Vec<String>),
    Counts(Vec<i64>),
    Numbers(Vec<Option<f64>>),
    Times(Vec<i64>),
}

impl Column {
    /// The column of a cell of its first row.
    fn of(cell: &Cell) -> Self {
        match cell {
            Cell::Text(_) => Self::Texts(Vec::new()),
            Cell::Count(_) => Self::Counts(Vec::new()),
            Cell::Number(_) => Self::Numbers(Vec::new()),
            Cell::Time(_) => Self::Times(Vec::new()),
        }
    }

    fn push(&mut self, cell: Cell) {
        match (self, cell) {
            (Self::Texts(cells), Cell::Text(text)) => cells.push(text),
            // such as a step, where the first row is about all steps
            (Self::Texts(cells), Cell::Count(count)) => cells.push(count.to_string()),
            (Self::Counts(cells), Cell::Count(count)) => cells.push(count),
            (Self::Numbers(cells), Cell::Number(number)) => cells.push(number),
            (Self::Times(cells), Cell::Time(time)) => cells.push(time),
            (column, cell) => unreachable!("a column of one kind has {cell:?} after {column:?}"),
        }
    }
}

impl ArrowTable {
    /// Makes the table of a panel.
    ///
    /// # Errors
    /// None of the usual tables fails.
    pub fn new(panel: &Panel, table: &Table<'_>) -> io::Result<Self> {
        let zone = panel.zone().name_in_utc();
        let may_have_dates = zone.is_none() && !matches!(panel.frequency(), Frequency::Elapsed { .. });
        let mut own = Self { digits: EXACT_DIGITS, zone, may_have_dates, ..Self::default() };
        table.write(&mut own, panel)?;
        // a table without rows has texts
        own.columns.resize_with(own.names.len(), || Column::Texts(Vec::new()));
        Ok(own)
    }

    /// Writes the stream. Its schema has the metadata, and `forecast.schema`, the version of the stream. The stream of
    /// the default table has no columns.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write(&self, to: impl Write, metadata: &[(&str, &str)]) -> io::Result<()> {
        self.write_stream(to, metadata).map_err(io_error)
    }

    fn write_stream(&self, mut to: impl Write, metadata: &[(&str, &str)]) -> Result<(), PolarsError> {
        let types = self.columns.iter().map(|column| self.data_type(column));
        let fields = distinct_names(&self.names).into_iter().zip(types);
        let fields = fields.map(|(name, data_type)| Field::new(name.into(), data_type, true));
        let schema: Arc<ArrowSchema> = Arc::new(fields.map(|field| (field.name.clone(), field)).collect());
        let mut stream = StreamWriter::new(&mut to, WriteOptions { compression: None });
        let members = [VERSION].iter().chain(metadata).map(|(key, value)| ((*key).into(), (*value).into()));
        stream.set_custom_schema_metadata(Arc::new(members.collect()));
        stream.start(&schema, None)?;
        for start in (0..self.rows).step_by(BATCH_ROWS) {
            let end = self.rows.min(start + BATCH_ROWS);
            let batch = RecordBatchT::try_new(end - start, Arc::clone(&schema), self.arrays(start, end))?;
            stream.write(&batch, None)?;
        }
        stream.finish()?;
        Ok(to.flush()?)
    }

    fn data_type(&self, column: &Column) -> ArrowDataType {
        match column {
            Column::Texts(_) => ArrowDataType::Utf8,
            Column::Counts(_) => ArrowDataType::Int64,
            Column::Numbers(_) => ArrowDataType::Float64,
            Column::Times(ticks) if self.may_have_dates && ticks.iter().all(|time| time % DAY == 0) => {
                ArrowDataType::Date32
            }
            Column::Times(_) => ArrowDataType::Timestamp(TimeUnit::Millisecond, self.zone.as_deref().map(Into::into)),
        }
    }

    /// The cells of the rows from `start` to before `end`.
    fn arrays(&self, start: usize, end: usize) -> Vec<Box<dyn Array>> {
        let array = |column: &Column| match column {
            Column::Texts(cells) => Utf8Array::<i32>::from_slice(&cells[start..end]).boxed(),
            Column::Counts(cells) => PrimitiveArray::from_slice(&cells[start..end]).boxed(),
            Column::Numbers(cells) => PrimitiveArray::from(&cells[start..end]).boxed(),
            Column::Times(ticks) => match self.data_type(column) {
                ArrowDataType::Date32 => {
                    let days = ticks[start..end].iter().map(|time| (time / DAY) as i32).collect();
                    PrimitiveArray::<i32>::from_vec(days).to(ArrowDataType::Date32).boxed()
                }
                data_type => PrimitiveArray::from_slice(&ticks[start..end]).to(data_type).boxed(),
            },
        };
        self.columns.iter().map(array).collect()
    }

    fn cell(&mut self, cell: Cell) -> &mut Self {
        if self.at == self.columns.len() {
            self.columns.push(Column::of(&cell));
        }
        self.columns[self.at].push(cell);
        self.at += 1;
        self
    }
}

impl TableWriter for ArrowTable {
    fn digits(&mut self) -> &mut usize {
        &mut self.digits
    }

    fn text(&mut self, text: &str) -> &mut Self {
        if !self.has_header {
            self.names.push(text.to_owned());
            return self;
        }
        self.cell(Cell::Text(text.to_owned()))
    }

    fn count(&mut self, count: usize) -> &mut Self {
        self.cell(Cell::Count(count as i64))
    }

    fn number(&mut self, value: Option<f64>) -> &mut Self {
        let digits = self.digits;
        self.cell(Cell::Number(value.map(|value| rounded(value, digits))))
    }

    fn time(&mut self, panel: &Panel, time: Timestamp) -> &mut Self {
        self.cell(match time {
            Timestamp::Index(index) => Cell::Count(index),
            Timestamp::Time(time) => Cell::Time(ticks_of(panel.zone().in_utc(time))),
        })
    }

    fn end_row(&mut self) -> io::Result<()> {
        self.rows += usize::from(self.has_header);
        (self.has_header, self.at) = (true, 0);
        Ok(())
    }
}

/// An error of the writer as it was, as far as Polars keeps it.
fn io_error(error: PolarsError) -> io::Error {
    match error {
        PolarsError::IO { error, .. } => io::Error::new(error.kind(), error),
        other => io::Error::other(other),
    }
}

/// The names, with a number where one occurs again, such as `forecast_2`. A schema and a JSON object have no name twice.
///
/// ```
/// let names = ["forecast", "time", "forecast"].map(str::to_owned);
/// assert_eq!(forecast::write::distinct_names(&names), ["forecast", "time", "forecast_2"]);
/// ```
pub fn distinct_names(names: &[String]) -> Vec<String> {
    let mut all: Vec<String> = Vec::with_capacity(names.len());
    for name in names {
        let numbered = (2..).map(|number| format!("{name}_{number}"));
        let mut candidates = std::iter::once(name.clone()).chain(numbered);
        let is_new = |candidate: &String| !all.contains(candidate) && (candidate == name || !names.contains(candidate));
        all.extend(candidates.find(is_new));
    }
    all
}
