"""Forecasts of the series of one partition of a larger dataset, on the worker of an engine such as Spark or Ray.

Each series is one request to a process of the program. So its forecast depends neither on the other series of the
partition nor on their number, and a series that fails fails alone.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from forecast.arrow_columns import column_name, covariate, decoded, numbers, times_of_response, times_of_text
from forecast.errors import DataError, ForecastError
from forecast.pooled import PooledModel
from forecast.service_process import Response, ServiceProcess

# What a result says of a series, in each of its rows.
VERDICT, MASE, BASELINE_MASE, NOTICES, ERROR = "verdict", "mase", "seasonal_naive_mase", "notices", "error"
SERIES_COLUMNS = {
    VERDICT: pa.string(),
    MASE: pa.float64(),
    BASELINE_MASE: pa.float64(),
    NOTICES: pa.string(),
    ERROR: pa.string(),
}
_FORECAST = "forecast"
_ROWS_OF_BATCH = 10_000


def is_result_column(name: str) -> bool:
    """Return whether a result has this column next to ids and times."""
    return name in SERIES_COLUMNS or name == _FORECAST or name.startswith(f"{_FORECAST}-")


@dataclass(frozen=True)
class Plan:
    """What is the same for all partitions. It is sent to each worker."""

    ids: tuple[str, ...]
    """The id columns."""
    time: str
    time_type: pa.DataType
    """The type of the times as the program reads them, such as whole numbers for floats without fractions."""
    target: str
    options: Mapping[str, Any]
    """The options of each request, which name neither time nor target."""
    values: tuple[str, ...]
    """The columns of a forecast, as the program names them, such as ``lo_80``."""
    before: str | None = None
    """Rows at this time and later are left out, since their period is unfinished."""
    covariates: tuple[str, ...] = ()
    """Other columns that the model uses."""
    words: tuple[str, ...] = ()
    """Those of them that have words. The others have numbers."""
    known: tuple[str, ...] = ()
    """Those of them whose future is given, in rows without a value of the target."""

    @property
    def columns(self) -> list[str]:
        """The columns that are read."""
        return [*self.ids, self.time, self.target, *self.covariates]

    @property
    def request_schema(self) -> pa.Schema:
        """The schema of each request."""
        others = [(name, pa.string() if name in self.words else pa.float64()) for name in self.covariates]
        return pa.schema([(self.time, self.time_type), (self.target, pa.float64()), *others])

    @property
    def value_names(self) -> list[str]:
        """The columns of a forecast, as users know them, such as ``forecast-lo-80``."""
        return [column_name(name) for name in self.values]

    def schema(self, of_data: pa.Schema) -> pa.Schema:
        """Return the schema of the result for that of the data."""
        keys = [of_data.field(name).with_nullable(True) for name in (*self.ids, self.time)]
        values = [pa.field(name, pa.float64()) for name in self.value_names]
        return pa.schema([*keys, *values, *(pa.field(name, own) for name, own in SERIES_COLUMNS.items())])


def future_rows(table: pa.Table, like: pa.Schema, plan_columns: Sequence[str]) -> pa.Table:
    """Return future rows in the types of the data. Columns that they lack, such as the target, are null.

    Raises:
        DataError: If a column is of another type.
    """
    arrays = []
    for name in plan_columns:
        kind = like.field(name).type
        if name not in table.column_names:
            arrays.append(pa.nulls(table.num_rows, kind))
            continue
        try:
            arrays.append(decoded(table.column(name)).cast(kind))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise DataError(
                f"the column {name!r} of `X_df` is not of the type {kind}, which it has in the data: {error}",
                "convert it",
            ) from error
    return pa.table(arrays, names=list(plan_columns))


def forecast_partition(
    plan: Plan, batches: Iterable[pa.RecordBatch], threads: int, model: PooledModel | None = None
) -> Iterator[pa.RecordBatch]:
    """Forecast the series of a partition.

    Args:
        plan: What is the same for all partitions.
        batches: The rows. Those of a series follow one another, also over several batches.
        threads: The threads of the program.
        model: The pooled model for `auto`.

    Returns:
        The rows of the results, in the order of the series. A series that fails has one row, with its error.

    Raises:
        ProgramError: If the program ends early, so that the engine tries the partition again.
    """
    batches = (batch for batch in batches if batch.num_rows > 0)
    first = next(batches, None)
    if first is None:
        return
    rows = _Rows(plan, plan.schema(first.schema))
    with _process(plan, threads, model) as process:
        for key, parts in _series(plan, first, batches):
            expected = rows.expect(key)
            process.send(plan.request_schema, _read_rows(plan, parts, expected))
            for response in process.responses():
                rows.add(response)
            if rows.count >= _ROWS_OF_BATCH:
                yield rows.take()
        for response in process.last_responses():
            rows.add(response)
            if rows.count >= _ROWS_OF_BATCH:
                yield rows.take()
    if rows.count:
        yield rows.take()


def forecast_series(plan: Plan, table: pa.Table, threads: int, model: PooledModel | None = None) -> Response:
    """Forecast the one series of a table, as a worker would.

    Raises:
        DataError: If a time or value cannot be read.
        ProgramError: If the program ends early.
    """
    with _process(plan, threads, model) as process:
        process.send(plan.request_schema, [_request_rows(plan, batch) for batch in table.to_batches()])
        (response,) = process.last_responses()
    return response


def _read_rows(plan: Plan, parts: Iterator[pa.RecordBatch], expected: _Expected) -> Iterator[pa.RecordBatch]:
    """Return the rows of a series as the program reads them, up to the first that cannot be read."""
    try:
        for part in parts:
            yield _request_rows(plan, part)
    except DataError as error:
        expected.error = error
        # those of the next series follow the last
        for _ in parts:
            pass


@contextlib.contextmanager
def _process(plan: Plan, threads: int, model: PooledModel | None) -> Iterator[ServiceProcess]:
    """Start a process for requests of a plan. It ends with the block, as does the folder of its pooled model."""
    options = {**plan.options, "time": plan.time, "target": plan.target}
    with tempfile.TemporaryDirectory(prefix="forecast-") as folder:
        arguments = [f"--threads={threads}", *([] if model is None else model.arguments(folder))]
        with ServiceProcess(options, arguments) as process:
            yield process


def _series(
    plan: Plan, first: pa.RecordBatch, rest: Iterator[pa.RecordBatch]
) -> Iterator[tuple[pa.RecordBatch, Iterator[pa.RecordBatch]]]:
    """Return the key of each series, as a batch of one row, and its rows. Those of one must be read before the next."""
    current: pa.RecordBatch | None = first
    at = 0
    ends = _ends(plan, first)

    def parts(key: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        nonlocal current, at, ends
        while current is not None:
            end = ends.pop(0)
            yield current.slice(at, end - at)
            at = end
            if ends:
                return
            current = next(rest, None)
            if current is None:
                return
            at, ends = 0, _ends(plan, current)
            if not _key(plan, current, 0).equals(key):
                return

    while current is not None:
        key = _key(plan, current, at)
        yield key, parts(key)


def _key(plan: Plan, batch: pa.RecordBatch, row: int) -> pa.RecordBatch:
    return batch.select(list(plan.ids)).slice(row, 1)


def _ends(plan: Plan, batch: pa.RecordBatch) -> list[int]:
    """Return the positions after the last row of each series in a batch."""
    count = batch.num_rows
    changes = pa.array([False] * (count - 1), pa.bool_())
    for name in plan.ids:
        column = decoded(batch.column(name))
        before, after = column.slice(0, count - 1), column.slice(1)
        differs = pc.fill_null(pc.not_equal(before, after), False)
        changes = pc.or_(changes, pc.or_(differs, pc.xor(pc.is_null(before), pc.is_null(after))))
    return [*pc.add(pc.indices_nonzero(changes), 1).to_pylist(), count]


def _request_rows(plan: Plan, batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the times and values of rows, as the program reads them.

    Raises:
        DataError: If a time or value cannot be read.
    """
    time = _times(plan, batch.column(plan.time))
    target = numbers(batch.column(plan.target), plan.target, "the data")
    arrays = [time, target]
    for name, kind in zip(plan.covariates, plan.request_schema.types[2:], strict=True):
        column = batch.column(name)
        # a column of nothing has any type
        is_null = pa.types.is_null(column.type)
        arrays.append(pa.nulls(len(column), kind) if is_null else covariate(column, name, "the data").cast(kind))
    rows = pa.RecordBatch.from_arrays(arrays, schema=plan.request_schema)
    return rows if plan.before is None else finished(plan, rows)


def finished(plan: Plan, rows: pa.RecordBatch | pa.Table) -> pa.RecordBatch | pa.Table:
    """Return rows without an unfinished period, of which only the covariates with a given future are kept."""
    time = rows.column(plan.time)
    limit = times_of_text(pa.array([plan.before]), time.type)[0]
    is_finished = pc.fill_null(pc.less(time, limit), True)
    if not plan.known:
        return rows.filter(is_finished)
    arrays = [
        column if name in (*plan.ids, plan.time, *plan.known) else pc.if_else(is_finished, column, None)
        for name, column in zip(rows.schema.names, rows.columns, strict=True)
    ]
    return type(rows).from_arrays(arrays, schema=rows.schema)


def _times(plan: Plan, column: pa.Array) -> pa.Array:
    """Return times in the type that the driver found in the sample."""
    try:
        return decoded(column).cast(plan.time_type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise DataError(
            f"the column {plan.time!r} has a time that is not of the type {plan.time_type}: {error}",
            "give times of one kind: times, dates, whole numbers or text",
        ) from error


@dataclass
class _Expected:
    """A series whose response is expected."""

    key: pa.RecordBatch
    error: ForecastError | None = None
    """Why its rows could not be read, so that the response to the first of them does not count."""


class _Rows:
    """The rows of a result that were not returned yet."""

    def __init__(self, plan: Plan, schema: pa.Schema) -> None:
        self._plan = plan
        self._schema = schema
        self._expected: deque[_Expected] = deque()
        self._keys: list[pa.RecordBatch] = []
        self._lengths: list[int] = []
        self._tables: list[pa.Table] = []
        self._of_series: dict[str, list[Any]] = {name: [] for name in SERIES_COLUMNS}
        self.count = 0

    def expect(self, key: pa.RecordBatch) -> _Expected:
        """Expect the response of a series after those of all earlier ones."""
        self._expected.append(_Expected(key))
        return self._expected[-1]

    def add(self, response: Response) -> None:
        """Add the rows of the next response."""
        expected = self._expected.popleft()
        error = expected.error or _without_future(self._plan, response)
        if error is not None:
            response = Response(response.table, {}, error)
        table = self._forecast(response)
        self._keys.append(expected.key)
        self._lengths.append(table.num_rows)
        self._tables.append(table)
        verdict = response.record.get("verdict") or {}
        data = response.record.get("data") or {}
        notices = [*data.get("notices", []), *response.record.get("notices", [])]
        self._of_series[VERDICT].append(verdict.get("sentence"))
        self._of_series[MASE].append(verdict.get("mase"))
        self._of_series[BASELINE_MASE].append(verdict.get("seasonal_naive_mase"))
        self._of_series[NOTICES].append("; ".join(notices) or None)
        self._of_series[ERROR].append(None if response.error is None else _one_line(response.error))
        self.count += table.num_rows

    def take(self) -> pa.RecordBatch:
        """Return the rows, and begin again without any."""
        at = pa.array([at for at, length in enumerate(self._lengths) for _ in range(length)], pa.int64())
        keys = pa.Table.from_batches(self._keys).take(at)
        values = pa.concat_tables(self._tables)
        of_series = pa.table({name: pa.array(own, SERIES_COLUMNS[name]) for name, own in self._of_series.items()}).take(
            at
        )
        arrays = [*keys.columns, *values.columns, *of_series.columns]
        (batch,) = pa.table(arrays, names=self._schema.names).cast(self._schema).combine_chunks().to_batches()
        self._keys, self._lengths, self._tables, self.count = [], [], [], 0
        self._of_series = {name: [] for name in SERIES_COLUMNS}
        return batch

    def _forecast(self, response: Response) -> pa.Table:
        """Return the times and values of a response, or one row without them."""
        plan = self._plan
        time_type = self._schema.field(plan.time).type
        if response.error is not None:
            arrays = [pa.nulls(1, time_type), *(pa.nulls(1, pa.float64()) for _ in plan.values)]
        else:
            times = times_of_response(response.table.column(0), time_type)
            arrays = [times, *(response.table.column(name) for name in plan.values)]
        return pa.table(arrays, names=[plan.time, *plan.value_names])


def _without_future(plan: Plan, response: Response) -> ForecastError | None:
    """Return the error that a series has no row of the future, so that a forecast would leave it out."""
    data = response.record.get("data") or {}
    known = {own["name"]: own["known_future"] for own in data.get("covariates", [])}
    missing = [name for name in plan.known if not known.get(name, True)]
    if response.error is not None or not missing:
        return None
    return DataError(
        f"`X_df` has no value of {missing[0]!r} after the last one of the target of this series",
        "add its rows to `X_df`, one for each step",
    )


def _one_line(error: ForecastError) -> str:
    hint = "" if error.hint is None else f" (hint: {error.hint})"
    return " ".join(f"{error.message}{hint}".split())
