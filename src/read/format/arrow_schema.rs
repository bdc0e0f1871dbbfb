//! The schema of an Arrow file or stream, before Polars reads it.

use std::collections::HashSet;

use polars_arrow::io::ipc::format::ipc::planus::{self, ReadAsRoot};
use polars_arrow::io::ipc::format::ipc::{MessageHeaderRef, MessageRef, TypeRef};

use crate::error::DataProblem;
use crate::read::format::arrow_stream::{ArrowStream, PREFIX};

/// The length of what a file has before its schema: its first bytes, and zeros up to a multiple of 8.
const BEFORE_SCHEMA: usize = 8;

/// Refuses a schema that Polars cannot represent: one with a name twice, or with a type that it does not know.
pub(crate) fn check_schema(bytes: &[u8]) -> Result<(), DataProblem> {
    let start = if bytes.starts_with(&ArrowStream::MARKER) { 0 } else { BEFORE_SCHEMA };
    // a damaged schema is an error of Polars
    let Some(columns) = bytes.get(start + PREFIX..).and_then(|message| columns(message).ok()) else { return Ok(()) };
    let mut names = HashSet::new();
    for Column { name, unknown_type } in columns {
        if let Some(data_type) = unknown_type {
            return Err(DataProblem::UnreadableColumn { column: name, data_type: data_type.to_owned() });
        }
        if !names.insert(name.clone()) {
            return Err(DataProblem::RepeatedColumn { column: name });
        }
    }
    Ok(())
}

struct Column {
    name: String,
    /// The name of a type at which Polars panics.
    unknown_type: Option<&'static str>,
}

fn columns(message: &[u8]) -> Result<Vec<Column>, planus::Error> {
    let Some(MessageHeaderRef::Schema(schema)) = MessageRef::read_as_root(message)?.header()? else {
        return Ok(Vec::new());
    };
    let fields = schema.fields()?.into_iter().flatten();
    let column = |field: Result<_, planus::Error>| {
        let field: polars_arrow::io::ipc::format::ipc::FieldRef<'_> = field?;
        let unknown_type = match field.type_()? {
            Some(TypeRef::RunEndEncoded(_)) => Some("RunEndEncoded"),
            Some(TypeRef::ListView(_) | TypeRef::LargeListView(_)) => Some("ListView"),
            _ => None,
        };
        Ok(Column { name: field.name()?.unwrap_or_default().to_owned(), unknown_type })
    };
    fields.map(column).collect()
}
