"""What the driver of an engine decides once for all partitions, from a sample of the series."""

from __future__ import annotations

import functools
import json
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from forecast import program, sampling, transport
from forecast.arrow_columns import covariate, decoded, numbers, times_as_read, times_of_text
from forecast.errors import DataError, ForecastError, ForecastWarning, UsageError
from forecast.future import complete_series
from forecast.options import READING, Option, check_options, flags, frequency_name, names_flag, names_of, whole_steps
from forecast.partitions import (
    ERROR,
    Plan,
    finished,
    forecast_partition,
    forecast_series,
    future_rows,
    is_result_column,
)
from forecast.pooled import PRETRAINED, PooledModel

# The models that learn from many series, and so need a pooled model to be given.
POOLING = ("auto",)
# Above this number of series, the networks that ship are taken, where there are some. Below it, they are trained.
MAX_SERIES_TO_TRAIN = 10_000
# The series that show how data are to be read, and those that a pooled model is trained on.
SERIES_TO_INSPECT = 200
# The frequencies with networks that ship.
_PRETRAINED = ("yearly", "quarterly", "monthly", "weekly")
_WITHOUT_PARTITIONS = {
    "reconcile": "sums over series need all of them: forecast first, then sum",
    "resume": "the engine tries a partition again",
    "budget": "forecasts would depend on the speed of the workers",
    "require_skill": "filter the result by its columns `mase` and `seasonal_naive_mase`",
}
_UNFINISHED = "unfinished period left out"
_NAMES = {"business days": "business", "month end": "monthly", "quarter end": "quarterly"}
_KNOWN_FREQUENCIES = {
    *("yearly", "quarterly", "monthly", "weekly", "daily", "business", "mon-sat", "hourly", "half-hourly"),
    *("quarter-hourly", "minutely", "secondly"),
}


@dataclass(frozen=True)
class Request:
    """What a user asks for, whatever the engine is."""

    h: int
    ids: tuple[str, ...]
    time: str
    target: str
    freq: str | int | None
    level: Sequence[float] | None
    quantiles: Sequence[float] | None
    model: str
    pooled_model: str | Path | None
    sample: int
    options: Mapping[str, Option]
    covariates: tuple[str, ...] = ()
    """Other columns that the model uses."""
    categories: tuple[str, ...] = ()
    """Those of them that are words by request, also where they are numbers."""
    known: tuple[str, ...] = ()
    """Those of them whose future is given."""

    @property
    def columns(self) -> list[str]:
        """The columns that are read."""
        return [*self.ids, self.time, self.target, *self.covariates]

    @property
    def future_columns(self) -> list[str]:
        """The columns that are read of the rows of the future."""
        return [*self.ids, self.time, *self.known]

    @classmethod
    def checked(
        cls,
        columns: Sequence[str],
        by: str | Sequence[str],
        h: Any,
        future: Sequence[str] | None = None,
        **others: Any,
    ) -> Request:
        """Make a request for a dataset of these columns, and for rows of the future with other ones.

        Raises:
            UsageError: If the arguments do not make sense.
            DataError: If a column is missing.
        """
        ids = (by,) if isinstance(by, str) else tuple(by)
        options = dict(others.pop("options"))
        roles = (*ids, others["time"], others["target"])
        known = () if future is None else tuple(name for name in future if name not in roles)
        if future is not None and not known:
            raise UsageError("`X_df` has no column besides ids and times", "leave it out, or add the covariates")
        categories = names_of(options.pop("categories", None))
        covariates = dict.fromkeys([*names_of(options.pop("covariates", None)), *categories, *known])
        own = cls(
            whole_steps(h),
            ids,
            options=options,
            covariates=tuple(covariates),
            categories=categories,
            known=known,
            **others,
        )
        check_options(own.options)
        for name in own.options:
            if name in _WITHOUT_PARTITIONS:
                raise UsageError(f"`{name}` has no meaning for partitions", _WITHOUT_PARTITIONS[name])
        for name in own.future_columns if future is not None else ():
            if name not in (future or ()):
                raise DataError(
                    f"`X_df` has no column {name!r}", "give it the ids and the times of the steps to forecast"
                )
        wanted = own.columns
        if not ids:
            raise UsageError("`by` names no column", "name the id columns, as in `by=['unique_id']`")
        for name in wanted:
            if name not in columns:
                raise DataError(
                    f"the data have no column {name!r} (the columns are: {', '.join(columns)})",
                    "name the columns, as in `by=['store'], time_col='date', target_col='sales'`",
                )
            if wanted.count(name) > 1:
                raise UsageError(f"the column {name!r} has two roles", "name a column for each role")
            if "," in name and name in own.covariates:
                raise UsageError(f"the covariate {name!r} has a comma in its name", "rename it")
            if is_result_column(name):
                raise UsageError(f"the column {name!r} has the name of a column of the result", "rename it")
            if sampling.is_sample_column(name):
                raise UsageError(f"the column {name!r} has the name of a column of the sample", "rename it")
        for name, is_given in (("pooled_model", own.pooled_model is not None), ("X_df", future is not None)):
            if is_given and own.model not in POOLING:
                raise UsageError(
                    f"`{name}` has no effect on {own.model}, which is fitted to each series",
                    "leave it out, or give `model='auto'`",
                )
        return own

    @property
    def series_to_sample(self) -> int:
        """The number of series that the driver needs."""
        trains = self.model in POOLING and self.pooled_model is None
        return max(self.sample, SERIES_TO_INSPECT) if trains else SERIES_TO_INSPECT


def prepare(
    request: Request, sample: pa.Table, series: int, threads: int, future: pa.Table | None = None
) -> tuple[Plan, PooledModel | None]:
    """Return the plan of all partitions, and the pooled model.

    Args:
        request: What the user asks for.
        sample: The rows of the series of a sample, those with the lowest hashes.
        series: The number of all series.
        threads: The threads to train on.
        future: The rows of the future of the same series.

    Raises:
        ForecastError: If the sample cannot be read or forecast with the options.
    """
    if sample.num_rows == 0:
        raise DataError("the data have no rows", "give one row for each series and time")
    sample = _with_whole_times(request, sample)
    words = _words(request, sample.schema)
    table, inspected = _inspected(request, _readable(request, words, sample))
    time_type = table.schema.field(request.time).type
    reading, before = _conventions(request, inspected, time_type)
    number_columns = [name for name in request.covariates if name not in words]
    covariates = {"covariates": number_columns, "categories": list(words)}
    level = {"level": request.level or None, "quantiles": request.quantiles or None}
    others = {name: value for name, value in {**covariates, **level}.items() if value}
    request_options = {**reading, **others, "horizon": request.h, "model": request.model}
    has_levels = request.level is not None or request.quantiles is not None
    plan = Plan(
        request.ids,
        request.time,
        time_type,
        request.target,
        _as_json(request_options),
        _value_columns(flags(level)) if has_levels else ("forecast",),
        before,
        request.covariates,
        words,
        request.known,
    )
    if future is not None:
        rows = future_rows(future, sample.schema, request.columns)
        sample = pa.concat_tables([sample.select(request.columns), rows])
        table = _with_future(request, plan, table, _readable(request, words, _with_whole_times(request, rows)))
    model = _pooled_model(request, plan, table, inspected["data"]["frequency"], series, threads)
    if model is not None and model.archive is not None and "season" not in request.options:
        # the model has the season of its sample
        plan = replace(plan, options={name: own for name, own in plan.options.items() if name != "season"})
    _check_options_on(plan, sample, threads, model)
    return plan, model


def command_line(plan: Plan, model: str | Path | None = None) -> list[str]:
    """Return the flags with which the command line forecasts one file of all series with the same result."""
    own = {name: value for name, value in plan.options.items() if name not in ("time", "target")}
    roles = [f"--time={plan.time}", f"--target={plan.target}", *names_flag("id", plan.ids)]
    given = [] if model is None else [f"--pooled-model={model}"]
    return [*roles, *flags({name.replace("-", "_"): value for name, value in own.items()}), *given]


def _with_whole_times(request: Request, sample: pa.Table) -> pa.Table:
    """Leave out series with fractions in their times, which fail alone, if there are others."""
    time = decoded(sample.column(request.time))
    if not pa.types.is_floating(time.type):
        return sample
    is_fraction = pc.fill_null(pc.not_equal(pc.floor(time), time), False)
    failing = sample.filter(is_fraction).select(list(request.ids))
    kept = sample.filter(pc.invert(sampling.is_chosen(sample, failing)))
    return kept if kept.num_rows else sample


def _words(request: Request, schema: pa.Schema) -> tuple[str, ...]:
    """Return the covariates that are words: by their types, or by request."""
    is_number = {name: _is_number(schema.field(name).type) for name in request.covariates}
    return tuple(name for name, own in is_number.items() if not own or name in request.categories)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _with_future(request: Request, plan: Plan, table: pa.Table, future: pa.Table) -> pa.Table:
    """Return the series of a sample whose future has all steps, with the rows of it. Others fail alone.

    Raises:
        DataError: If no series has all steps.
    """
    complete = complete_series(plan, table, future, request.h)
    if complete.num_rows == 0:
        raise DataError(
            f"no series of the sample has all {request.h} steps in `X_df`",
            "add one row for each step after the end of each series",
        )
    return pa.concat_tables([sampling.rows_of(table, complete), sampling.rows_of(future, complete)])


def _readable(request: Request, words: Sequence[str], sample: pa.Table) -> pa.Table:
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


def _reading(request: Request) -> dict[str, Option]:
    frequency = frequency_name(request.freq)
    return {"frequency": frequency, **{name: own for name, own in request.options.items() if name in READING}}


def _roles(request: Request) -> list[str]:
    return [f"--time={request.time}", f"--target={request.target}", *names_flag("id", request.ids)]


def _inspected(request: Request, table: pa.Table) -> tuple[pa.Table, dict[str, Any]]:
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


def _readable_series(request: Request, table: pa.Table) -> pa.Table:
    """Return the rows of the series that can be read alone."""
    options = _as_json({**_reading(request), "horizon": 1, "model": "naive"})
    time_type = table.schema.field(request.time).type
    plan = Plan(request.ids, request.time, time_type, request.target, options, ("forecast",))
    ordered = table.select(plan.columns).sort_by([(name, "ascending") for name in plan.columns])
    rows = pa.Table.from_batches(forecast_partition(plan, ordered.to_batches(), 1))
    return sampling.rows_of(table, rows.filter(pc.is_null(rows.column(ERROR))).select(list(request.ids)))


def _inspect(request: Request, table: pa.Table) -> dict[str, Any]:
    # the series of the sample may be too short for a given season
    reading = {name: own for name, own in _reading(request).items() if name != "season"}
    arguments = ["inspect", "--csv=-", "--json", *_roles(request), *flags(reading)]
    inspected: dict[str, Any] = json.loads(
        _output(arguments, table.select([*request.ids, request.time, request.target]))
    )
    return inspected


def _output(arguments: Sequence[str], table: pa.Table) -> bytes:
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


def _conventions(
    request: Request, inspected: Mapping[str, Any], time_type: pa.DataType
) -> tuple[dict[str, Any], str | None]:
    """Return the options of reading for all partitions, and the time from which rows are left out."""
    data = inspected["data"]
    options = {name: own for name, own in _reading(request).items() if own is not None and own is not False}
    frequency = _NAMES.get(data["frequency"], data["frequency"])
    if frequency in _KNOWN_FREQUENCIES:
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


def _value_columns(levels: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of a forecast, which the program names, from a forecast of a few numbers."""
    table = pa.table({"t": pa.array(range(1, 9)), "y": pa.array([float(at) for at in range(8)])})
    arguments = ["--csv=-", "--out=-", "--format=arrow", "--model=naive", "--horizon=1", "--quiet", *levels]
    stream = _output([*arguments, "--time=t", "--target=y"], table)
    with pa.ipc.open_stream(stream) as reader:
        return tuple(reader.schema.names[1:])


def _pooled_model(
    request: Request, plan: Plan, table: pa.Table, frequency: str, series: int, threads: int
) -> PooledModel | None:
    """Return the pooled model that is given, that ships, or that is trained on the sample."""
    if request.model not in POOLING:
        return None
    given = request.pooled_model
    if given == PRETRAINED:
        return PooledModel()
    if given is not None:
        if not Path(given).is_dir():
            raise UsageError(f"`pooled_model` names {given}, which is no folder", "`forecast train` writes one")
        return PooledModel.of(Path(given))
    if series > MAX_SERIES_TO_TRAIN and _NAMES.get(frequency, frequency) in _PRETRAINED:
        return PooledModel()
    with tempfile.TemporaryDirectory(prefix="forecast-") as folder:
        own = {
            name.replace("-", "_"): value for name, value in plan.options.items() if name not in ("level", "quantiles")
        }
        arguments = [
            "train",
            "--csv=-",
            f"--sample={request.sample}",
            *_roles(request),
            *flags(own),
            f"--out={folder}/model",
        ]
        runner = program.Runner(progress=False, threads=threads)
        runner.names[transport.STDIN_IN_MESSAGES] = "the data"
        runner.run(arguments, functools.partial(transport.send, finished(plan, table) if plan.before else table))
        return PooledModel.of(Path(folder) / "model")


def _check_options_on(plan: Plan, sample: pa.Table, threads: int, model: PooledModel | None) -> None:
    """Refuse options with which none of the first series of the sample can be forecast."""
    errors: list[ForecastError] = []
    ordered = sample.select(plan.columns).combine_chunks()
    ids = ordered.select(list(plan.ids)).group_by(list(plan.ids)).aggregate([]).slice(0, 3)
    for row in range(ids.num_rows):
        chosen = pc.scalar(True)
        for name in plan.ids:
            value = ids.column(name)[row]
            same = pc.field(name).is_null() if not value.is_valid else pc.field(name) == value
            chosen = chosen & same
        response = forecast_series(plan, ordered.filter(chosen), threads, model)
        if response.error is None or not response.is_usage:
            return
        errors.append(response.error)
    raise errors[0]


def _as_json(options: Mapping[str, Any]) -> dict[str, Any]:
    named = {name.replace("_", "-"): own for name, own in options.items()}
    return {name: list(own) if isinstance(own, tuple) else own for name, own in named.items() if own is not None}


def _warn(text: str) -> None:
    warnings.warn(text, ForecastWarning, stacklevel=2)
