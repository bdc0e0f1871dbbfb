//! File formats: delimited text, JSON, Parquet, Arrow and workbooks.

pub(crate) mod aligned_table;
pub(crate) mod arrow;
pub(crate) mod arrow_schema;
pub(crate) mod arrow_stream;
pub(crate) mod catch_panic;
pub(crate) mod delimited;
pub(crate) mod detect;
pub(crate) mod dialect;
pub(crate) mod drawn_table;
pub(crate) mod encoding;
pub(crate) mod ghcn_daily;
pub(crate) mod header;
#[cfg(feature = "excel")]
pub(crate) mod joined_sheets;
pub(crate) mod json;
mod json_row;
mod json_table;
pub(crate) mod marked_totals;
mod prometheus;
pub(crate) mod property_lines;
pub(crate) mod quoting;
#[cfg(feature = "excel")]
pub(crate) mod remarks;
pub(crate) mod row_pattern;
pub(crate) mod space_separated;
pub(crate) mod table_end;
pub(crate) mod table_start;
pub(crate) mod typed;
pub(crate) mod typed_column;
pub(crate) mod uneven_rows;
#[cfg(feature = "excel")]
pub(crate) mod workbook;
