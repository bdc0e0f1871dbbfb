//! Files with typed columns: Parquet, and Arrow IPC in its two forms, files (Feather) and streams.

use std::io::Cursor;

use polars::prelude::{DataType, ParquetReader, SerReader};

use crate::error::{Error, Result};
use crate::read::format::arrow;
use crate::read::format::arrow_stream::{self, ArrowStream};
use crate::read::format::typed_column::{TypedColumn, cells_of_series, of_polars};
use crate::read::table::{Column, Table};
use crate::read::{notice::Notice, row_locations::RowLocations};

/// The first bytes of Parquet files and of Arrow files.
const PARQUET: &[u8] = b"PAR1";
const ARROW: &[u8] = arrow_stream::FILE_MARKER;

/// Whether a file has typed columns.
pub(crate) fn is_typed(bytes: &[u8]) -> bool {
    [PARQUET, ARROW, &ArrowStream::MARKER].iter().any(|first| bytes.starts_with(first))
}

/// Reads a file that [`is_typed`].
pub(crate) fn read_typed(file: &str, bytes: Vec<u8>) -> Result<Table> {
    if bytes.starts_with(&ArrowStream::MARKER) {
        arrow_stream::check(&bytes).map_err(|problem| Error::data(file, problem))?;
    }
    if bytes.starts_with(ARROW) {
        arrow_stream::check_file(&bytes).map_err(|problem| Error::data(file, problem))?;
    }
    let (all, rows) =
        if bytes.starts_with(PARQUET) { read_parquet(file, bytes)? } else { arrow::read_columns(file, &bytes)? };
    let (mut columns, mut notices) = (Vec::new(), Vec::new());
    for TypedColumn { name, data_type, cells } in all {
        match cells {
            Some(cells) => columns.push(Column::new(name, cells)),
            None => notices.push(Notice::UnsupportedColumnType { column: name, data_type }),
        }
    }
    let locations = RowLocations::numbered();
    Ok(Table { file: file.into(), columns, rows, locations, notices, ..Table::default() })
}

fn read_parquet(file: &str, bytes: Vec<u8>) -> Result<(Vec<TypedColumn>, usize)> {
    let frame = of_polars(file, None, || ParquetReader::new(Cursor::new(bytes)).finish())?;
    let rows = frame.height();
    let columns = frame.into_columns().into_iter().map(|column| {
        let (name, data_type) = (column.name().to_string(), column.dtype().clone());
        let zone = if let DataType::Datetime(_, Some(zone)) = &data_type { Some(zone.to_string()) } else { None };
        let cells = of_polars(file, Some(&name), || cells_of_series(column.as_materialized_series(), zone))?;
        Ok(TypedColumn { name, data_type: data_type.to_string(), cells })
    });
    Ok((columns.collect::<Result<_>>()?, rows))
}
