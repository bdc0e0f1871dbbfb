"""Columns of Arrow as the program reads them, and times of results in the types of a user's column."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from forecast.errors import DataError


def decoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the values of a dictionary, and text in its usual form."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_large_string(column.type) or pa.types.is_string_view(column.type):
        column = column.cast(pa.string())
    return column


def times_as_read(column: pa.ChunkedArray, name: str, argument: str) -> pa.ChunkedArray:
    """Return times in a type that the program reads as such.

    Raises:
        DataError: If the column has no times.
    """
    column = decoded(column)
    kind = column.type
    if pa.types.is_date64(kind):
        return column.cast(pa.date32())
    if pa.types.is_floating(kind) and pc.all(pc.equal(pc.floor(column), column)).as_py():
        return column.cast(pa.int64())
    is_time = pa.types.is_timestamp(kind) or pa.types.is_date(kind)
    if is_time or pa.types.is_integer(kind) or pa.types.is_string(kind):
        return column
    raise DataError(
        f"the column {name!r} of `{argument}` has the type {kind}, which is no time",
        "convert it to times, dates, whole numbers or text",
    )


def numbers(column: pa.ChunkedArray, name: str, argument: str) -> pa.ChunkedArray:
    """Return numbers as floats of 64 bits.

    Raises:
        DataError: If the column has no numbers.
    """
    kind = column.type
    if pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return column.cast(pa.float64(), safe=False)
    if pa.types.is_boolean(kind):
        return column.cast(pa.int8()).cast(pa.float64())
    if pa.types.is_null(kind):
        raise DataError(f"the column {name!r} of `{argument}` has no value", "give the values to forecast")
    raise DataError(
        f"the column {name!r} of `{argument}` has the type {kind}, but numbers are needed",
        "name the column with the numbers to forecast as `target_col`, or convert it",
    )


def covariate(column: pa.ChunkedArray, name: str, argument: str) -> pa.ChunkedArray:
    """Return words as text, and numbers as floats of 64 bits. Truth values are words.

    Raises:
        DataError: If the column has neither.
    """
    column = decoded(column)
    kind = column.type
    if pa.types.is_boolean(kind):
        return column.cast(pa.string())
    if pa.types.is_string(kind):
        return column
    return numbers(column, name, argument)


def times_of_text(column: pa.ChunkedArray, to: pa.DataType) -> pa.ChunkedArray:
    """Return times, which the program writes as text, in the type of the user's column."""
    if pa.types.is_dictionary(to):
        return times_of_text(column, to.value_type)
    if pa.types.is_string(to) or pa.types.is_large_string(to) or pa.types.is_string_view(to):
        return column.cast(to)
    if pa.types.is_integer(to) or pa.types.is_floating(to):
        # 2024-01-31 for the number 20240131
        digits = pc.replace_substring_regex(column, r"(\d)[-T:]", r"\1")
        return digits.cast(pa.int64()).cast(to)
    if pa.types.is_date(to):
        return pc.utf8_slice_codeunits(column, 0, 10).cast(pa.date32()).cast(to)
    zone, unit = to.tz, to.unit
    if zone is None:
        return _without_offset(column).cast(pa.timestamp("us")).cast(pa.timestamp(unit))
    offsets = pc.match_substring_regex(column, r"(Z|[+-]\d\d:?\d\d)$")
    if pc.all(offsets).as_py():
        return column.cast(pa.timestamp("us", tz=zone)).cast(to)
    local = _without_offset(column).cast(pa.timestamp("us"))
    # days of a zone begin at midnight there, or later where clocks skip it
    return pc.assume_timezone(local, zone, ambiguous="earliest", nonexistent="latest").cast(to)


def times_of_response(column: pa.ChunkedArray, to: pa.DataType) -> pa.ChunkedArray:
    """Return times of a stream of the program in the type of the user's column."""
    kind = column.type
    if pa.types.is_timestamp(kind) and pa.types.is_timestamp(to) and (kind.tz is None) == (to.tz is None):
        return column.cast(to)
    if pa.types.is_timestamp(kind):
        # local time, in seconds or finer only where there are fractions
        text = pc.replace_substring_regex(pc.strftime(column, format="%Y-%m-%dT%H:%M:%S"), r"\.0+$", "")
        return times_of_text(text, to)
    return times_of_text(column.cast(pa.string()), to)


def column_name(name: str) -> str:
    """Return the name of a column of a forecast as users know it: ``forecast-lo-80`` for ``lo_80``."""
    return name if name == "forecast" else f"forecast-{name.replace('_', '-')}"


def _without_offset(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.replace_substring_regex(column, r"(T.*?)(Z|[+-]\d\d:?\d\d)$", r"\1")
