"""How the series of a sample are read. All partitions read theirs alike."""

from __future__ import annotations

import functools
import json
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from forecast import program, sampling, transport
from forecast.arrow_columns import covariate, decoded, numbers, times_as_read, times_of_text
from forecast.errors import DataError, ForecastWarning
from forecast.options import READING, Option, flags, frequency_name, names_flag
from forecast.partitions import ERROR, Plan, forecast_partition
from forecast.request import Request

_UNFINISHED = "unfinished period left out"
_NAMES = {"business days": "business", "month end": "monthly", "quarter end": "quarterly"}
_UNITS = {"Seconds": "s", "Milliseconds": "ms"}
_KNOWN_FREQUENCIES = {
    *("yearly", "quarterly", "monthly", "weekly", "daily", "business", "mon-sat", "hourly", "half-hourly"),
    *("quarter-hourly", "minutely", "secondly"),
}


def with_whole_times(request: Request, sample: pa.Table) -> pa.Table:
    """Leave out series with fractions in their times, which fail alone, if there are others."""
    time = decoded(sample.column(request.time))
    if not pa.types.is_floating(time.type):
        return sample
    is_fraction = pc.fill_null(pc.not_equal(pc.floor(time), time), False)
    failing = sample.filter(is_fraction).select(list(request.ids))
    kept = sample.filter(pc.invert(sampling.is_chosen(sample, failing)))
    return kept if kept.num_rows else sample


def word_columns(request: Request, schema: pa.Schema) -> tuple[str, ...]:
    """Return the covariates that are words: by their types, or by request."""
    is_number = {name: _is_number(schema.field(name).type) for name in request.covariates}
    return tuple(name for name, own in is_number.items() if not own or name in request.categories)


def as_read(request: Request, words: Sequence[str], sample: pa.Table) -> pa.Table:
    """Return a sample as the program reads it, with ids as text."""
    ids = [decoded(sample.column(name)).cast(pa.string()) for name in request.ids]
    ids = [pc.fill_null(column, "(null)") for column in ids]
    time = times_as_read(sample.column(request.time), request.time, "the data")
    target = numbers(sample.column(request.target), request.target, "the data")
    others = [covariate(sample.column(name), name, "the data") for name in request.covariates]
    others = [
        own.cast(pa.string()) if name in words else own for name, own in zip(request.covariates, others, strict=True)
    ]
    return pa.table([*ids, time, target, *others], names=request.columns)


def reading_options(request: Request) -> dict[str, Option]:
    """Return the options of a user that say how data are read."""
    frequency = frequency_name(request.freq)
    return {"frequency": frequency, **{name: own for name, own in request.options.items() if name in READING}}


def roles(request: Request) -> list[str]:
    """Return the flags that name the columns of times, values and ids."""
    return [f"--time={request.time}", f"--target={request.target}", *names_flag("id", request.ids)]


def inspect_sample(request: Request, table: pa.Table) -> tuple[pa.Table, dict[str, Any]]:
    """Return the series of a sample that can be read, and how they are read.

    Raises:
        DataError: If none can be read.
    """
    try:
        return table, _inspect(request, table)
    except DataError:
        kept = _readable_series(request, table)
        if kept.num_rows in (0, table.num_rows):
            raise
    return kept, _inspect(request, kept)


def conventions_of(
    request: Request, inspected: Mapping[str, Any], time_type: pa.DataType
) -> tuple[dict[str, Any], str | None]:
    """Return the options of reading for all partitions, and the time from which rows are left out."""
    data = inspected["data"]
    options = {name: own for name, own in reading_options(request).items() if own is not None and own is not False}
    frequency = _flag_of(data)
    if frequency is not None:
        options.setdefault("frequency", frequency)
    if data["seasons"]["source"] == "values":
        options.setdefault("season", data["seasons"]["lengths"] or ["none"])
    conventions = data.get("conventions") or {}
    if "dates" in conventions:
        options.setdefault("dates", conventions["dates"])
    options.setdefault("missing", conventions.get("missing", {}).get(request.target) or ["none"])
    before = None
    if options.get("unfinished") != "keep":
        before = _unfinished(inspected, time_type)
    options["unfinished"] = "keep"
    if before is not None:
        _warn(
            f"rows from {before} on are left out, since the period seems to be unfinished "
            "(`unfinished='keep'` keeps it)"
        )
    return options, before


def output_of(arguments: Sequence[str], table: pa.Table) -> bytes:
    """Run a command on rows, and return its standard output, which is an object of JSON or a stream of Arrow.

    Raises:
        ForecastError: If the command fails.
    """
    runner = program.Runner(progress=False)
    runner.names[transport.STDIN_IN_MESSAGES] = "the data"
    with tempfile.TemporaryFile() as out:
        runner.run(arguments, functools.partial(transport.send, table), stdout=out)
        out.seek(0)
        return out.read()


def as_json(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options as those of a request in JSON, without those that are not given."""
    named = {name.replace("_", "-"): own for name, own in options.items()}
    return {name: list(own) if isinstance(own, tuple) else own for name, own in named.items() if own is not None}


def usual_name(frequency: str) -> str:
    """Return the name of a frequency as an option, from that of an inspection."""
    return _NAMES.get(frequency, frequency)


def _flag_of(data: Mapping[str, Any]) -> str | None:
    """Return the frequency of an inspection as an option; none for an index, or for a step that has no name."""
    frequency = usual_name(data["frequency"])
    step = data["grid"]["step"]
    if frequency in _KNOWN_FREQUENCIES:
        return frequency
    for name, unit in _UNITS.items():
        if name in step:
            return f"{step[name]['every']}{unit}"
    open_days: str | None = step.get("BusinessDays", {}).get("open")
    return open_days


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _readable_series(request: Request, table: pa.Table) -> pa.Table:
    """Return the rows of the series that can be read alone."""
    options = as_json({**reading_options(request), "horizon": 1, "model": "naive"})
    time_type = table.schema.field(request.time).type
    plan = Plan(request.ids, request.time, time_type, request.target, options, ("forecast",))
    ordered = table.select(plan.columns).sort_by([(name, "ascending") for name in plan.columns])
    rows = pa.Table.from_batches(forecast_partition(plan, ordered.to_batches(), 1))
    return sampling.rows_of(table, rows.filter(pc.is_null(rows.column(ERROR))).select(list(request.ids)))


def _inspect(request: Request, table: pa.Table) -> dict[str, Any]:
    # the series of the sample may be too short for a given season
    reading = {name: own for name, own in reading_options(request).items() if name != "season"}
    arguments = ["inspect", "--csv=-", "--json", *roles(request), *flags(reading)]
    inspected: dict[str, Any] = json.loads(
        output_of(arguments, table.select([*request.ids, request.time, request.target]))
    )
    return inspected


def _unfinished(inspected: Mapping[str, Any], time_type: pa.DataType) -> str | None:
    """Return the start of an unfinished last period, if the sample shows one."""
    tables = inspected["tables"]
    last = max((row["to"] for row in tables.get("series", [])), default="")
    found = {row["time"] for row in tables.get("repairs", []) if row["repair"] == _UNFINISHED and row["time"] > last}
    if not found or pa.types.is_string(time_type):
        return None
    before: str = min(found)
    times_of_text(pa.array([before]), time_type)
    return before


def _warn(text: str) -> None:
    warnings.warn(text, ForecastWarning, stacklevel=2)
