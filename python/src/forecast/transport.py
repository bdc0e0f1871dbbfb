"""How tables travel to the program and back: the only module that knows what is between both.

The data go to the standard input of the program, and future rows to a file, both as Arrow. Results are files in
the folder of a run, because a run also leaves a model, pictures and a report there.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc

# How the command line names its standard input, and how the program names it in messages.
STDIN, STDIN_IN_MESSAGES = "-", "standard input"


def send(table: pa.Table, to: IO[bytes]) -> None:
    """Write a table as an Arrow stream, and close it. A program that has ended does not get all of it."""
    with contextlib.suppress(OSError, ValueError), to, pa.ipc.new_stream(to, table.schema) as writer:
        writer.write_table(table)


def write(table: pa.Table, path: Path) -> None:
    """Write a table as a file of Arrow."""
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


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
