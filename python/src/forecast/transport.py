"""How tables travel to the program and back: the only module that knows the files between both."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc


def write(table: pa.Table, folder: Path, name: str) -> Path:
    """Write a table for the program, and return the path to name on the command line."""
    path = folder / f"{name}.arrow"
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    return path


def read(folder: Path, name: str, texts: Sequence[str]) -> pa.Table:
    """Return a table that the program wrote into the folder of a run. Columns of ``texts`` stay exactly as written."""
    path = folder / f"{name}.csv"
    types = {column: pa.string() for column in texts}
    convert = pa.csv.ConvertOptions(column_types=types, strings_can_be_null=False)
    # a quoted id may have a line break
    parse = pa.csv.ParseOptions(newlines_in_values=True)
    table = pa.csv.read_csv(path, parse_options=parse, convert_options=convert)
    # numbers without decimals, and columns without a number
    plain = [pa.types.is_integer(column.type) or pa.types.is_null(column.type) for column in table.columns]
    kinds = [pa.float64() if is_plain else own.type for own, is_plain in zip(table.schema, plain, strict=True)]
    return table.cast(pa.schema(list(zip(table.column_names, kinds, strict=True))))
