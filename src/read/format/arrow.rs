//! Arrow IPC files and streams. Arrays of types that Polars is built without are decoded here.

use std::cell::Cell;
use std::io::Cursor;
use std::sync::Arc;

use polars::polars_utils::float16::pf16;
use polars::prelude::{PlSmallStr, PolarsError, Series, StringChunked};
use polars_arrow::array::{Array, DictionaryArray, PrimitiveArray};
use polars_arrow::datatypes::{ArrowDataType, ArrowSchema, IntegerType};
use polars_arrow::io::ipc::read::{FileReader, StreamReader, StreamState, read_file_metadata, read_stream_metadata};
use polars_arrow::match_integer_type;
use polars_arrow::record_batch::RecordBatchT;
use polars_arrow::types::NativeType;

use crate::error::{DataProblem, Error, Result};
use crate::read::format::arrow_schema::check_schema;
use crate::read::format::arrow_stream::{ArrowStream, footer_start};
use crate::read::format::typed_column::{TypedColumn, cells_of_series, of_polars};
use crate::read::table::Cells;

/// The arrays of a column, one for each batch.
type Chunks = Vec<Box<dyn Array>>;
type Batch = RecordBatchT<Box<dyn Array>>;

/// The columns of an Arrow file or stream, and its number of rows.
pub(crate) fn read_columns(file: &str, bytes: &[u8]) -> Result<(Vec<TypedColumn>, usize)> {
    check_schema(bytes).map_err(|problem| Error::data(file, problem))?;
    let batch = Cell::new(0);
    let read = of_polars(file, None, || arrays(bytes, &batch));
    let Arrays { schema, of_columns, rows } = read.map_err(|error| at_place(error, bytes, batch.get()))?;
    let mut of_columns = of_columns.into_iter();
    let columns = schema.iter_values().map(|field| {
        let name = field.name.to_string();
        let chunks = if is_readable(&field.dtype) { of_columns.next() } else { None };
        let read = |chunks| of_polars(file, Some(&name), || cells(&field.dtype, chunks));
        let cells = chunks.map(read).transpose()?.flatten();
        Ok(TypedColumn { name, data_type: type_name(&field.dtype), cells })
    });
    Ok((columns.collect::<Result<_>>()?, rows))
}

/// The name of a type without its fields: `List`.
fn type_name(data_type: &ArrowDataType) -> String {
    let text = format!("{data_type:?}");
    text.split(['(', '{', ' ']).next().unwrap_or_default().to_owned()
}

/// What the batches of a file or a stream have.
struct Arrays {
    schema: ArrowSchema,
    /// Those of the columns with readable types.
    of_columns: Vec<Chunks>,
    rows: usize,
}

/// An error of Polars with the number of the batch of rows in which it occurred. It is 0 before the first, where the schema is
/// read: that of a file is in its footer.
fn at_place(error: Error, bytes: &[u8], batch: usize) -> Error {
    let Error::Data { file, problem } = error else { return error };
    let place = || match footer_start(bytes) {
        _ if batch > 0 => format!("batch {batch} of rows"),
        Ok(start) => format!("the schema in the footer at byte {start}"),
        Err(_) => "the schema in the message at byte 0".to_owned(),
    };
    match *problem {
        DataProblem::Malformed { location, reason } => {
            let reason = format!("{} cannot be read: {reason}", place());
            Error::data(file, DataProblem::Malformed { location, reason })
        }
        problem => Error::data(file, problem),
    }
}

/// The arrays of a file or a stream. `number` is that of the batch which is read, from 1.
fn arrays(bytes: &[u8], number: &Cell<usize>) -> Result<Arrays, PolarsError> {
    let mut reader = Cursor::new(bytes);
    let next = || number.set(number.get() + 1);
    let (schema, batches): (ArrowSchema, Vec<Batch>) = if bytes.starts_with(&ArrowStream::MARKER) {
        let metadata = read_stream_metadata(&mut reader)?;
        let schema = metadata.schema.clone();
        let mut states = StreamReader::new(reader, metadata, Some(readable(&schema)));
        let batch = |state: Result<StreamState, PolarsError>| match state? {
            StreamState::Some(batch) => Ok(batch),
            StreamState::Waiting => Err(PolarsError::ComputeError("the stream has no end".into())),
        };
        let batches = std::iter::from_fn(|| {
            next();
            states.next().map(batch)
        });
        let batches = batches.collect::<Result<_, _>>()?;
        (schema, batches)
    } else {
        let metadata = read_file_metadata(&mut reader)?;
        let schema = metadata.schema.as_ref().clone();
        let columns = Some(readable(&schema));
        let mut states = FileReader::new(reader, metadata, columns, None);
        let batches = std::iter::from_fn(|| {
            next();
            states.next()
        });
        let batches = batches.collect::<Result<_, _>>()?;
        (schema, batches)
    };
    number.set(0);
    let rows = batches.iter().map(RecordBatchT::len).sum();
    let mut of_columns = vec![Vec::with_capacity(batches.len()); readable(&schema).len()];
    for batch in batches {
        of_columns.iter_mut().zip(batch.into_arrays()).for_each(|(chunks, array)| chunks.push(array));
    }
    Ok(Arrays { schema, of_columns, rows })
}

/// The positions of the columns that are read.
fn readable(schema: &ArrowSchema) -> Vec<usize> {
    let fields = schema.iter_values().enumerate();
    fields.filter(|(_, field)| is_readable(&field.dtype)).map(|(at, _)| at).collect()
}

/// The cells of the arrays of a column; `None` if its type is neither text nor numbers nor times.
fn cells(data_type: &ArrowDataType, mut chunks: Chunks) -> Result<Option<Cells>, PolarsError> {
    use ArrowDataType as Type;
    let mut zone = None;
    match data_type {
        Type::Int8 => map(&mut chunks, |number: i8| i64::from(number)),
        Type::Int16 => map(&mut chunks, |number: i16| i64::from(number)),
        Type::UInt8 => map(&mut chunks, |number: u8| i64::from(number)),
        Type::UInt16 => map(&mut chunks, |number: u16| i64::from(number)),
        Type::Float16 => map(&mut chunks, |number: pf16| f64::from(number)),
        Type::Decimal32(_, scale) => map(&mut chunks, |number: i32| decimal(number.into(), *scale)),
        Type::Decimal64(_, scale) => map(&mut chunks, |number: i64| decimal(number.into(), *scale)),
        Type::Decimal(_, scale) => map(&mut chunks, |number: i128| decimal(number, *scale)),
        Type::Timestamp(unit, Some(name)) => {
            // the values are in UTC, whatever the zone
            zone = Some(name.to_string());
            chunks.iter_mut().for_each(|array| *array.dtype_mut() = Type::Timestamp(*unit, None));
        }
        Type::Dictionary(keys, values, _) => return dictionary_cells(*keys, values, &chunks),
        Type::Extension(extension) => {
            chunks.iter_mut().for_each(|array| *array.dtype_mut() = extension.inner.clone());
            return cells(&extension.inner, chunks);
        }
        _ if is_native(data_type) => {}
        _ => return Ok(None),
    }
    if chunks.is_empty() {
        // without an array, Polars would know no type
        return Ok(Some(Cells::Text(StringChunked::default())));
    }
    cells_of_series(&Series::try_from((PlSmallStr::EMPTY, chunks))?, zone)
}

/// Whether the reader has cells for a type.
fn is_readable(data_type: &ArrowDataType) -> bool {
    use ArrowDataType as Type;
    match data_type {
        Type::Dictionary(_, values, _) => is_readable(values),
        Type::Extension(extension) => is_readable(&extension.inner),
        Type::Decimal(..) | Type::Decimal32(..) | Type::Decimal64(..) => true,
        _ => {
            let is_short = matches!(data_type, Type::Int8 | Type::Int16 | Type::UInt8 | Type::UInt16 | Type::Float16);
            is_short || is_native(data_type)
        }
    }
}

/// Whether Polars has a type, and the reader has cells for it.
fn is_native(data_type: &ArrowDataType) -> bool {
    use ArrowDataType as Type;
    let is_integer = matches!(data_type, Type::Int32 | Type::Int64 | Type::UInt32 | Type::UInt64);
    let is_text = matches!(data_type, Type::Utf8 | Type::LargeUtf8 | Type::Utf8View);
    let is_time = matches!(data_type, Type::Date32 | Type::Date64 | Type::Timestamp(..));
    is_integer || is_text || is_time || matches!(data_type, Type::Boolean | Type::Float32 | Type::Float64)
}

/// Replaces arrays by those of another type.
fn map<T: NativeType, U: NativeType>(chunks: &mut Chunks, of: impl Fn(T) -> U) {
    for array in chunks {
        let own = array.as_any().downcast_ref::<PrimitiveArray<T>>().expect("an array has the type of its field");
        let mapped: PrimitiveArray<U> = own.iter().map(|value| value.map(|value| of(*value))).collect();
        *array = mapped.boxed();
    }
}

/// The number `digits`·10^-`scale`, correctly rounded.
fn decimal(digits: i128, scale: usize) -> f64 {
    /// The largest power of ten that every bit of an `f64` has room for.
    const EXACT_POWER: usize = 22;
    if digits.unsigned_abs() < 1 << f64::MANTISSA_DIGITS && scale <= EXACT_POWER {
        return digits as f64 / 10_f64.powi(scale as i32);
    }
    format!("{digits}e-{scale}").parse().unwrap_or(f64::NAN)
}

/// The dictionary of one batch: a list of values, and the position of each row in it.
struct Dictionary {
    positions: Vec<Option<usize>>,
    values: Cells,
}

/// The cells of dictionaries; `None` if the reader has no cells for their values.
fn dictionary_cells(keys: IntegerType, values: &ArrowDataType, chunks: &Chunks) -> Result<Option<Cells>, PolarsError> {
    let mut dictionaries = Vec::with_capacity(chunks.len());
    for array in chunks {
        let (positions, of_values) = match_integer_type!(keys, |$T| {
            let own = array.as_any().downcast_ref::<DictionaryArray<$T>>().expect("an array has the type of its field");
            (own.keys_iter().collect(), own.values().clone())
        });
        let Some(values) = cells(values, vec![of_values])? else { return Ok(None) };
        dictionaries.push(Dictionary { positions, values });
    }
    Ok(Some(Dictionary::cells(&dictionaries)))
}

impl Dictionary {
    /// The cells of all rows.
    fn cells(all: &[Self]) -> Cells {
        match all.first().map(|first| &first.values) {
            Some(Cells::Numbers(_)) => Cells::Numbers(all.iter().flat_map(Self::numbers).collect()),
            Some(Cells::Times { zone, .. }) => {
                let is_rounded = |own: &Self| matches!(own.values, Cells::Times { is_rounded: true, .. });
                let ticks = all.iter().flat_map(Self::ticks).collect();
                Cells::Times { ticks, zone: zone.clone(), is_rounded: all.iter().any(is_rounded) }
            }
            _ => Cells::Text(all.iter().flat_map(Self::texts).collect()),
        }
    }

    fn numbers(&self) -> Vec<f64> {
        let Cells::Numbers(values) = &self.values else { return Vec::new() };
        self.positions.iter().map(|at| at.map_or(f64::NAN, |at| values[at])).collect()
    }

    fn ticks(&self) -> Vec<Option<i64>> {
        let Cells::Times { ticks, .. } = &self.values else { return Vec::new() };
        self.positions.iter().map(|at| at.and_then(|at| ticks[at])).collect()
    }

    fn texts(&self) -> Vec<Option<Arc<str>>> {
        let mut values: Vec<Option<Arc<str>>> = Vec::with_capacity(self.values.len());
        self.values.for_each(|_, cell| values.push(cell.map(Into::into)));
        self.positions.iter().map(|at| at.and_then(|at| values[at].clone())).collect()
    }
}
