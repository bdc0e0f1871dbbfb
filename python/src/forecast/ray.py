"""Forecasts of the series of a dataset of Ray Data, on the workers of Ray.

>>> from forecast.ray import forecast, verdict
>>> result = forecast(ds, h=14, by=["store", "item"], time_col="date", target_col="sales")
>>> print(verdict(result))

Ray distributes the series by the hash of their ids, schedules the tasks, repeats those that fail, and spills what does
not fit in memory. Each task runs one process of the program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from forecast import aggregate, program, sampling
from forecast.aggregate import AggregatedVerdict
from forecast.driver import prepare
from forecast.future import with_known_types
from forecast.options import Option
from forecast.partitions import Plan, forecast_partition, future_rows, is_result_column
from forecast.pooled import PooledModel
from forecast.request import Request

if TYPE_CHECKING:
    from ray import ObjectRef
    from ray.data import Dataset

__all__ = ["forecast", "verdict"]


def forecast(
    ds: Dataset,
    h: int,
    by: str | Sequence[str] = ("unique_id",),
    *,
    time_col: str = "ds",
    target_col: str = "y",
    freq: str | int | None = None,
    level: Sequence[float] | None = (80, 95),
    quantiles: Sequence[float] | None = None,
    model: str = "auto",
    pooled_model: str | Path | None = None,
    sample: int = 1000,
    X_df: Dataset | None = None,
    partitions: int | None = None,
    threads: int = 1,
    **options: Option,
) -> Dataset:
    """Forecast each series of a dataset of Ray Data.

    The frequency and other conventions are found once, in a sample of the series. The forecasts depend neither on the
    number of partitions nor on that of workers.

    Args:
        ds: A row for each series and time. It is computed three times, twice for the sample, unless it is materialized.
        h: The number of steps to forecast.
        by: The id columns.
        time_col: The column with the times.
        target_col: The column to forecast.
        freq: The step between times; by default it is found.
        level: Central intervals in percent; ``None`` for none.
        quantiles: Single quantiles between 0 and 1.
        model: The model, as on the command line.
        pooled_model: For ``auto``, the networks of all series: ``"pretrained"``, or a folder that ``forecast train``
            wrote. By default, those that ship are used above 10,000 series, and else some are trained on a sample.
        sample: The number of series to train on.
        X_df: The values of covariates after the end of each series: ids, times, and columns that the data have, too.
            Its rows are divided with those of the data. Further covariates, whose future is not known, are named by
            ``covariates``.
        partitions: The number of partitions; by default that of Ray for a shuffle.
        threads: The threads of each task, which are as many CPUs of Ray.
        **options: Further options of the command line, with underscores.

    Returns:
        A dataset with a row for each series and step: the ids, the time, ``forecast``, the ends of the intervals, and
        ``verdict``, ``mase``, ``seasonal_naive_mase``, ``notices`` and ``error`` of the series. A series that fails has
        one row, with ``error``.

    Raises:
        ForecastError: If the arguments do not make sense, or the sample cannot be read.
    """
    import ray
    from ray.data import DataContext

    request = Request.checked(
        ds.columns() or [],
        by,
        h,
        None if X_df is None else X_df.columns() or [],
        time=time_col,
        target=target_col,
        freq=freq,
        level=level,
        quantiles=quantiles,
        model=model,
        pooled_model=pooled_model,
        sample=sample,
        options=options,
    )
    blocks = partitions or DataContext.get_current().default_hash_shuffle_parallelism
    plan, pooled, schema = _prepared(ds, X_df, request, blocks)
    # an object of Ray is sent to each node once
    reference = None if pooled is None else ray.put(pooled)
    rows = ds.select_columns(plan.columns)
    if X_df is not None:
        after = X_df.select_columns(request.future_columns)
        own = {"like": schema, "plan_columns": plan.columns}
        rows = rows.union(after.map_batches(future_rows, batch_size=None, batch_format="pyarrow", fn_kwargs=own))
    divided = rows.repartition(blocks, keys=list(plan.ids))
    # a batch is a whole block, which has all rows of its series
    return divided.map_batches(
        _forecast_block,
        batch_size=None,
        batch_format="pyarrow",
        zero_copy_batch=True,
        num_cpus=threads,
        fn_kwargs={"plan": plan, "threads": threads, "model": reference},
    )


def verdict(result: Dataset) -> AggregatedVerdict:
    """Compare the model with seasonal naive over all series of a result of ``forecast``.

    The result is computed several times, unless it is materialized.
    """
    names = result.columns() or []
    keys = [name for name in names if not is_result_column(name)][:-1]
    columns = [*keys, *aggregate.SCORES]
    # rows of a series follow one another in one block
    scores = result.select_columns(columns).map_batches(
        _first_rows, batch_size=None, batch_format="pyarrow", fn_kwargs={"keys": keys}
    )
    counted = aggregate.merged(_table(_mapped(scores, aggregate.summaries)))
    middle = aggregate.middle_bucket(counted)
    limit = aggregate.limit(counted, middle, _table(_mapped(scores, aggregate.in_bucket(middle))))
    return aggregate.verdict_of(counted, _table(_mapped(scores, aggregate.limited_sums(limit))))


def _forecast_block(
    table: pa.Table, plan: Plan, threads: int, model: ObjectRef[PooledModel] | None
) -> Iterator[pa.Table]:
    import ray

    if table.num_rows == 0:
        yield plan.schema(table.schema).empty_table()
        return
    pooled = None if model is None else ray.get(model)
    ordered = table.sort_by([(name, "ascending") for name in plan.columns])
    for batch in forecast_partition(plan, ordered.to_batches(), threads, pooled):
        yield pa.Table.from_batches([batch])


def _first_rows(table: pa.Table, keys: list[str]) -> pa.Table:
    """Return the first row of each series."""
    # names that no column of a user has, next to those of the aggregates
    numbered = [str(at) for at in range(len(keys))]
    own = table.select([*keys, *aggregate.SCORES]).rename_columns([*numbered, *aggregate.SCORES])
    grouped = own.group_by(numbered, use_threads=False).aggregate([(name, "first") for name in aggregate.SCORES])
    return grouped.select([f"{name}_first" for name in aggregate.SCORES]).rename_columns(list(aggregate.SCORES))


def _mapped(ds: Dataset, function: Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]) -> Dataset:
    def of_block(table: pa.Table) -> pa.Table:
        return pa.Table.from_batches(list(function(table.to_batches())))

    return ds.map_batches(of_block, batch_size=None, batch_format="pyarrow")


def _table(ds: Dataset) -> pa.Table:
    batches = list(ds.iter_batches(batch_size=None, batch_format="pyarrow"))
    filled = [table for table in batches if table.num_rows]
    # a column without any value in a block has the type null there
    return pa.concat_tables(filled or batches, promote_options="permissive")


def _prepared(
    ds: Dataset, X_df: Dataset | None, request: Request, blocks: int
) -> tuple[Plan, PooledModel | None, pa.Schema]:
    """Draw the sample, and decide what is the same for all partitions. Also return the types of the data."""
    from ray.data.aggregate import Count

    ids, size = list(request.ids), request.series_to_sample
    counts = ds.select_columns(ids).groupby(ids, num_partitions=blocks).aggregate(Count(alias_name=sampling.ROWS))

    def candidates_of(table: pa.Table) -> pa.Table:
        ordered = table.select([*ids, sampling.ROWS])
        found = list(sampling.candidates(ordered.to_batches(), ids, size))
        return pa.Table.from_batches(found) if found else table

    found = _table(counts.map_batches(candidates_of, batch_size=None, batch_format="pyarrow"))
    chosen, series = sampling.choose(found, ids, size)
    columns = request.columns

    def drawn_of(table: pa.Table) -> pa.Table:
        return sampling.rows_of(table, chosen)

    drawn = _table(ds.select_columns(columns).map_batches(drawn_of, batch_size=None, batch_format="pyarrow"))
    drawn, future = drawn.select(columns), None
    if X_df is not None:
        given = request.future_columns
        after = _table(X_df.select_columns(given).map_batches(drawn_of, batch_size=None, batch_format="pyarrow"))
        future = after.select(given).sort_by([(name, "ascending") for name in given])
        drawn = with_known_types(drawn, future)
    ordered = drawn.sort_by([(name, "ascending") for name in columns])
    plan, pooled = prepare(request, ordered, series, program.cores(), future)
    return plan, pooled, ordered.schema
