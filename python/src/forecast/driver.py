"""What the driver of an engine decides once for all partitions, from a sample of the series."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from forecast import program, sampling, transport
from forecast.errors import DataError, ForecastError, UsageError
from forecast.future import complete_series
from forecast.options import flags, names_flag
from forecast.partitions import (
    Plan,
    finished,
    forecast_series,
    future_rows,
)
from forecast.pooled import PRETRAINED, PooledModel
from forecast.reading import (
    as_json,
    as_read,
    conventions_of,
    inspect_sample,
    output_of,
    roles,
    usual_name,
    with_whole_times,
    word_columns,
)
from forecast.request import POOLING, Request

# Above this number of series, the networks that ship are taken, where there are some. Below it, they are trained.
MAX_SERIES_TO_TRAIN = 10_000
# The frequencies with networks that ship.
_PRETRAINED = ("yearly", "quarterly", "monthly", "weekly")


def prepare(
    request: Request, sample: pa.Table, series: int, threads: int, future: pa.Table | None = None
) -> tuple[Plan, PooledModel | None]:
    """Return the plan of all partitions, and the pooled model.

    Args:
        request: What the user asks for.
        sample: The rows of the series of a sample, those with the lowest hashes.
        series: The number of all series.
        threads: The threads to train on.
        future: The future rows of the same series.

    Raises:
        ForecastError: If the sample cannot be read or forecast with the options.
    """
    if sample.num_rows == 0:
        raise DataError("the data have no rows", "give one row for each series and time")
    sample = with_whole_times(request, sample)
    words = word_columns(request, sample.schema)
    table, inspected = inspect_sample(request, as_read(request, words, sample))
    time_type = table.schema.field(request.time).type
    reading, before = conventions_of(request, inspected, time_type)
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
        as_json(request_options),
        _value_columns(flags(level)) if has_levels else ("forecast",),
        before,
        request.covariates,
        words,
        request.known,
    )
    if future is not None:
        rows = future_rows(future, sample.schema, request.columns)
        sample = pa.concat_tables([sample.select(request.columns), rows])
        table = _with_future(request, plan, table, as_read(request, words, with_whole_times(request, rows)))
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


def _value_columns(levels: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of a forecast, which the program names, from a forecast of a few numbers."""
    table = pa.table({"t": pa.array(range(1, 9)), "y": pa.array([float(at) for at in range(8)])})
    arguments = ["--csv=-", "--out=-", "--format=arrow", "--model=naive", "--horizon=1", "--quiet", *levels]
    stream = output_of([*arguments, "--time=t", "--target=y"], table)
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
    if series > MAX_SERIES_TO_TRAIN and usual_name(frequency) in _PRETRAINED:
        return PooledModel()
    with tempfile.TemporaryDirectory(prefix="forecast-") as folder:
        own = {
            name.replace("-", "_"): value for name, value in plan.options.items() if name not in ("level", "quantiles")
        }
        arguments = [
            "train",
            "--csv=-",
            f"--sample={request.sample}",
            *roles(request),
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
