"""Dataframes of any library as Arrow tables for the program, and results as dataframes of that library again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw
import pyarrow as pa
import pyarrow.compute as pc

from forecast.arrow_columns import covariate, numbers, times_as_read, times_of_text
from forecast.errors import DataError, UsageError

# What the program writes in an id column for the sum over it.
SUM_LABEL = "(all)"
# Columns of results, with which those of a user must not be confused.
_RESULT_NAMES = frozenset(["forecast", "model", "fold", "cutoff", "step", "actual"])
_RESULT_QUANTILE = re.compile(r"(lo|hi|q)_[0-9.]+")
_NULL_LABEL = "(null)"
_EMPTY_LABEL = "(empty)"


@dataclass(frozen=True)
class Roles:
    """The names of the columns of a dataframe by their roles. Without ids, all rows are one series."""

    ids: tuple[str, ...]
    time: str
    target: str


@dataclass(frozen=True)
class Kind:
    """The library of a dataframe, whether it is lazy, and the types of its columns: native ones, and those of Arrow."""

    library: str
    is_lazy: bool
    types: Mapping[str, Any]
    schema: pa.Schema

    @classmethod
    def of_schema(cls, library: str, is_lazy: bool, schema: pa.Schema) -> Kind:
        """Return the kind of a dataframe that was saved: its library, and the types of Arrow of its columns."""
        empty = Kind(library, False, {}, schema).build(schema.empty_table())
        return cls(library, is_lazy, _native_types(nw.from_native(empty)), schema)

    def build(self, table: pa.Table) -> Any:
        """Return a table as a dataframe of this kind. Columns of known names get their native types."""
        if self.library == "polars":
            return self._polars(table)
        if self.library == "duckdb":
            import duckdb

            return duckdb.from_arrow(table)
        if self.library in ("pandas", "modin", "cudf"):
            return self._pandas_like(table)
        # pyarrow, and engines such as Spark, whose dataframes need a session
        return table

    def _polars(self, table: pa.Table) -> Any:
        import polars as pl

        frame = pl.DataFrame(pl.from_arrow(table))
        types = {name: self.types[name] for name in frame.columns if name in self.types}
        frame = frame.with_columns([pl.col(name).cast(dtype) for name, dtype in types.items()])
        return frame.lazy() if self.is_lazy else frame

    def _pandas_like(self, table: pa.Table) -> Any:
        backend: Any = self.library
        frame = nw.from_arrow(table, backend=backend).to_native()
        types = {name: self.types[name] for name in frame.columns if name in self.types}
        for name, dtype in types.items():
            if getattr(dtype, "freq", None) is not None and str(dtype).startswith("period"):
                frame[name] = frame[name].dt.to_period(dtype.freq)
            elif _has_date_objects(dtype, table.schema.field(name).type):
                frame[name] = table.column(name).to_pandas(date_as_object=True).astype(object)
            else:
                frame[name] = frame[name].astype(dtype)
        return frame


def _has_date_objects(dtype: Any, arrow_type: pa.DataType) -> bool:
    return str(dtype) == "object" and pa.types.is_date(arrow_type)


@dataclass(frozen=True)
class Labels:
    """The values of an id column, and the text by which the program knows each of them. No two have the same text."""

    values: pa.Array
    texts: pa.Array

    @classmethod
    def of(cls, values: pa.Array) -> Labels:
        """Make the labels of different values. A label differs from the text of its value only where it has to."""
        texts: list[str] = []
        used: set[str] = set()
        for text in _as_text(values).to_pylist():
            label = _NULL_LABEL if text is None else _plain(text) or _EMPTY_LABEL
            number = 1
            unique = label
            while unique in used or unique == SUM_LABEL:
                number += 1
                unique = f"{label} ({number})"
            used.add(unique)
            texts.append(unique)
        return cls(values, pa.array(texts, pa.string()))

    def extended(self, column: pa.ChunkedArray) -> Labels:
        """Return these labels and those of the new values of a column. Earlier values keep their labels."""
        column = _cast_ids(column, self.values.type)
        unique = pc.unique(column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column)
        known = pc.is_in(unique, value_set=self.values)
        new = unique.filter(pc.invert(known))
        if len(new) == 0:
            return self
        return Labels.of(pa.concat_arrays([self.values, new]))

    def encode(self, column: pa.ChunkedArray) -> pa.ChunkedArray:
        """Return the labels of the values of a column."""
        column = _cast_ids(column, self.values.type)
        if self.texts.equals(self.values):
            return column
        return self.texts.take(pc.index_in(column, value_set=self.values).combine_chunks())

    def decode(self, column: pa.ChunkedArray) -> pa.ChunkedArray:
        """Return the values behind labels. With sums over ids, other values than texts become texts."""
        at = pc.index_in(column, value_set=self.texts)
        if at.null_count == 0:
            return self.values.take(at.combine_chunks() if isinstance(at, pa.ChunkedArray) else at)
        known = _as_text(self.values).take(at.combine_chunks() if isinstance(at, pa.ChunkedArray) else at)
        return pc.coalesce(known, column)


def _plain(text: str) -> str:
    """Return a text without spaces at its ends and without control characters, which a reader may drop."""
    return re.sub(r"[\x00-\x1f\x7f]", " ", text).strip()


def _as_text(values: pa.Array) -> pa.Array:
    if pa.types.is_string(values.type):
        return values
    return values.cast(pa.string())


def _cast_ids(column: pa.ChunkedArray, to: pa.DataType) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if column.type == to:
        return column
    try:
        return column.cast(to)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise DataError(f"ids have the type {column.type}, but those of the fit have {to}", None) from error


def _as_earlier(column: pa.ChunkedArray, to: pa.DataType, name: str, argument: str) -> pa.ChunkedArray:
    """Return times in the type of those that were given before."""
    try:
        return column.cast(to)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise DataError(
            f"the column {name!r} of `{argument}` has the type {column.type}, but times of the fit have {to}",
            "convert it to the type of the first dataframe",
        ) from error


def _id_values(column: pa.ChunkedArray) -> pa.Array:
    """Return the different values of an id column, of a type in which they can be compared."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_large_string(column.type) or pa.types.is_string_view(column.type) or pa.types.is_null(column.type):
        column = column.cast(pa.string())
    unique = pc.unique(column)
    return unique.combine_chunks() if isinstance(unique, pa.ChunkedArray) else unique


@dataclass(frozen=True)
class Data:
    """The data of a user for the program: a table with its own names of columns, and the way back to the user's.

    ``names`` maps the user's names of columns to those of the table. They differ where a name is one of the columns of
    a result. They also differ where a name has a comma, which separates names on the command line.
    """

    table: pa.Table
    roles: Roles
    kind: Kind
    names: Mapping[str, str]
    labels: Mapping[str, Labels]
    time_type: pa.DataType
    covariates: tuple[str, ...] = ()

    def program_names(self, columns: Sequence[str]) -> list[str]:
        """Return the names of the table for those of the user."""
        return [self.names[column] for column in columns]

    def extended(self, other: Data) -> Data:
        """Return these data with the rows of later ones. At a time that both have, the row of the later ones counts."""
        keys = self.program_names([*self.roles.ids, self.roles.time])
        # earlier values keep their labels, so that the rows of this table stay as they are
        both = pa.concat_tables([self.table, other.table.select(self.table.column_names)])
        frame = nw.from_native(both, eager_only=True).unique(subset=keys, keep="last", maintain_order=True)
        return replace(self, table=frame.to_native(), labels=other.labels)

    def result(self, table: pa.Table, times: Mapping[str, str], values: Mapping[str, str]) -> Any:
        """Return rows of the program as a dataframe of the user's kind: first the ids, then times, then values.

        Args:
            table: The rows, with ids and times as text.
            times: The names of the result for the columns of the table with times.
            values: The names of the result for the other columns of the table.
        """
        arrays: dict[str, Any] = {}
        types = {name: dtype for name, dtype in self.kind.types.items() if name in self.roles.ids}
        for name in self.roles.ids:
            arrays[name] = self.labels[name].decode(table.column(self.names[name]))
            if pa.types.is_string(arrays[name].type) and not pa.types.is_string(self.labels[name].values.type):
                types.pop(name, None)
        for own, name in times.items():
            arrays[name] = times_of_text(table.column(own), self.time_type)
            if self.roles.time in self.kind.types:
                types[name] = self.kind.types[self.roles.time]
        for own, name in values.items():
            if name in arrays:
                raise UsageError(f"the column {name!r} of the result has the name of an id or time column", "rename it")
            arrays[name] = table.column(own)
        rows = pa.table(arrays)
        if any(pa.types.is_integer(labels.values.type) for labels in self.labels.values()):
            # the program sorts series by their texts, in which 10 is before 2
            rows = rows.take(pc.sort_indices(rows, [(name, "ascending") for name in self.roles.ids]))
        return replace(self.kind, types=types).build(rows)


def read(
    frame: Any,
    ids: str | Sequence[str] | None,
    time: str,
    target: str | None,
    covariates: Sequence[str] | None,
    argument: str = "df",
    earlier: Data | None = None,
) -> Data:
    """Return the data of a dataframe of any library that narwhals reads.

    Args:
        frame: The dataframe, one row for each series and time.
        ids: The id columns. Without the default one, all rows are one series.
        time: The column with the times.
        target: The column to forecast; ``None`` for future rows, which have none.
        covariates: The names of other columns; ``None`` for all that have numbers, truth values or text.
        argument: What the caller names the dataframe, for errors.
        earlier: The data that these belong to, whose names and labels are kept.

    Raises:
        UsageError: If this is no dataframe.
        DataError: If a column is missing, or has a type that cannot be read.
    """
    native = _narwhals(frame, argument)
    columns: list[str] = list(native.collect_schema().names())
    present = _present_ids(ids, columns)
    wanted = [*present, time, *([target] if target is not None else [])]
    _check_columns(columns, wanted, argument)
    if covariates is None:
        covariates = [name for name in columns if name not in wanted and _may_be_covariate(native, name)]
    wanted.extend(covariates)
    _check_columns(columns, wanted, argument)
    chosen = native.select(wanted)
    table = _arrow(_with_plain_periods(chosen))
    schema = table.select([*present, time]).schema
    kind = Kind(_library(native), isinstance(native, nw.LazyFrame), _native_types(chosen), schema)
    if table.num_rows == 0:
        raise DataError(f"`{argument}` has no rows", "give a dataframe with one row for each series and time")
    time_type = table.schema.field(time).type
    names = dict(earlier.names) if earlier is not None else {}
    names |= _program_names([name for name in wanted if name not in names], names.values())
    arrays: dict[str, Any] = {}
    labels: dict[str, Labels] = {}
    for name in present:
        column = table.column(name)
        if earlier is not None and name in earlier.labels:
            labels[name] = earlier.labels[name].extended(column)
        else:
            labels[name] = Labels.of(_id_values(column))
        arrays[names[name]] = labels[name].encode(column)
    arrays[names[time]] = times_as_read(table.column(time), time, argument)
    if earlier is not None:
        arrays[names[time]] = _as_earlier(arrays[names[time]], earlier.table.column(names[time]).type, time, argument)
    if target is not None:
        arrays[names[target]] = numbers(table.column(target), target, argument)
    for name in covariates:
        arrays[names[name]] = covariate(table.column(name), name, argument)
    roles = Roles(tuple(present), time, target or "")
    return Data(pa.table(arrays), roles, kind, names, labels, time_type, tuple(covariates))


def columns_of(frame: Any, argument: str) -> list[str]:
    """Return the names of the columns of a dataframe."""
    return list(_narwhals(frame, argument).collect_schema().names())


def _narwhals(frame: Any, argument: str) -> nw.DataFrame[Any] | nw.LazyFrame[Any]:
    try:
        native: nw.DataFrame[Any] | nw.LazyFrame[Any] = nw.from_native(frame)
    except TypeError as error:
        raise UsageError(
            f"`{argument}` is no dataframe, but {type(frame).__name__}",
            "give a dataframe of pandas, Polars, PyArrow or another library that narwhals supports",
        ) from error
    return native


def _with_plain_periods(native: Any) -> Any:
    """Return a dataframe of pandas with periods as the times of their starts, and any other as it is."""
    if not native.implementation.is_pandas_like():
        return native
    frame = native.to_native()
    periods = [name for name, dtype in frame.dtypes.items() if str(dtype).startswith("period")]
    if not periods:
        return native
    return nw.from_native(frame.assign(**{name: frame[name].dt.to_timestamp() for name in periods}))


def _library(native: Any) -> str:
    return str(native.implementation.value)


def _native_types(native: Any) -> dict[str, Any]:
    """Return the types of the columns, in the library of the dataframe."""
    if native.implementation.is_pandas_like():
        return dict(native.to_native().dtypes.items())
    if native.implementation.is_polars():
        return dict(native.to_native().collect_schema().items())
    return {}


def _arrow(native: Any) -> pa.Table:
    if isinstance(native, nw.LazyFrame):
        native = native.collect(backend="pyarrow")
    if native.implementation.is_pandas_like():
        frame = native.to_native()
        if hasattr(frame, "_to_pandas"):
            frame = frame._to_pandas()
        try:
            return pa.Table.from_pandas(frame, preserve_index=False)
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise DataError(
                f"a column of the dataframe has values of several types: {error}",
                "convert it to one type, as in `df.astype({'unique_id': str})`",
            ) from error
    return native.to_arrow()


def _present_ids(ids: str | Sequence[str] | None, columns: list[str]) -> list[str]:
    if ids is None:
        return []
    if isinstance(ids, str):
        # the default name is no request: a dataframe without it is one series
        return [] if ids == "unique_id" and ids not in columns else [ids]
    return list(ids)


def _check_columns(columns: list[str], wanted: list[str], argument: str) -> None:
    missing = [name for name in wanted if name not in columns]
    if missing:
        shown = ", ".join(str(name) for name in columns)
        raise DataError(
            f"`{argument}` has no column {missing[0]!r} (the columns are: {shown})",
            "name the columns, as in `id_col='store', time_col='date', target_col='sales'`",
        )
    repeated = {name for name in wanted if wanted.count(name) > 1}
    if repeated:
        raise UsageError(f"the column {repeated.pop()!r} has two roles", "name a column for each role")


def _program_names(columns: Sequence[str], used: Any) -> dict[str, str]:
    """Return names that the command line can take, each equal to the user's where possible."""
    taken = {*used, *_RESULT_NAMES}
    names: dict[str, str] = {}
    for column in columns:
        plain = " ".join(re.sub(r"[,\x00-\x1f\x7f]", " ", str(column)).split()) or "column"
        name, number = plain, 1
        while name in taken or name.lower() == "all" or _RESULT_QUANTILE.fullmatch(name):
            number += 1
            name = f"{plain} {number}"
        taken.add(name)
        names[column] = name
    return names


def _may_be_covariate(native: Any, name: str) -> bool:
    dtype = native.collect_schema()[name]
    is_text = dtype in (nw.String, nw.Categorical, nw.Enum)
    return bool(dtype.is_numeric() or dtype == nw.Boolean or is_text)
