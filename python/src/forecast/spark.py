"""Forecasts of the series of a Spark DataFrame, on the executors of Spark.

>>> from forecast.spark import forecast, verdict
>>> result = forecast(sdf, h=14, by=["store", "item"], time_col="date", target_col="sales")
>>> print(verdict(result))

Spark distributes the series, schedules the tasks, repeats those that fail, and writes to disk what does not fit in
memory. Each task runs one process of the program.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from forecast import aggregate, program, sampling
from forecast.aggregate import AggregatedVerdict
from forecast.driver import prepare
from forecast.errors import DataError
from forecast.options import Option
from forecast.partitions import SERIES_COLUMNS, Plan, forecast_partition, is_result_column
from forecast.pooled import PooledModel
from forecast.request import Request

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["forecast", "verdict"]

# The type of a column without any value.
_NULLS = "void"
# Other types whose values a type has, too, all as Spark names them. A double is rounded to a float, as on Ray.
_HELD_TYPES = {
    "smallint": ("tinyint",),
    "int": ("tinyint", "smallint"),
    "bigint": ("tinyint", "smallint", "int"),
    "float": ("tinyint", "smallint", "double"),
    "double": ("tinyint", "smallint", "int", "bigint", "float"),
    "timestamp": ("date",),
    "timestamp_ntz": ("date",),
    "string": ("tinyint", "smallint", "int", "bigint", "boolean", "date"),
}


def forecast(
    sdf: DataFrame,
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
    X_df: DataFrame | None = None,
    partitions: int | None = None,
    **options: Option,
) -> DataFrame:
    """Forecast each series of a Spark DataFrame.

    The frequency and other conventions are found once, in a sample of the series. The forecasts depend neither on the
    number of partitions nor on that of workers.

    Args:
        sdf: A row for each series and time. It is computed three times, twice for the sample, unless it is a table
            or is cached.
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
        partitions: The number of partitions; by default ``spark.sql.shuffle.partitions``.
        **options: Further options of the command line, with underscores.

    Returns:
        A DataFrame with a row for each series and step: the ids, the time, ``forecast``, the ends of the intervals, and
        ``verdict``, ``mase``, ``seasonal_naive_mase``, ``notices`` and ``error`` of the series. A series that fails has
        one row, with ``error``.

    Raises:
        ForecastError: If the arguments do not make sense, or the sample cannot be read.
    """
    request = Request.checked(
        sdf.columns,
        by,
        h,
        None if X_df is None else X_df.columns,
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
    if X_df is not None:
        _check_types(sdf, X_df, request)
    plan, pooled = _prepared(sdf, X_df, request)
    threads = int(sdf.sparkSession.conf.get("spark.task.cpus", "1") or "1")
    rows = sdf.select(*(sdf[_quoted(name)] for name in plan.columns))
    if X_df is not None:
        rows = rows.unionAll(_future(X_df, rows, request))
    keys = [_quoted(name) for name in plan.ids]
    divided = rows.repartition(*keys) if partitions is None else rows.repartition(partitions, *keys)
    ordered = divided.sortWithinPartitions(*(_quoted(name) for name in plan.columns))

    def forecast_of(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return forecast_partition(plan, batches, threads, pooled)

    return ordered.mapInArrow(forecast_of, _schema(rows, plan))


def verdict(result: DataFrame) -> AggregatedVerdict:
    """Compare the model with seasonal naive over all series of a result of ``forecast``.

    The result is computed several times, unless it is a table or is cached.
    """
    from pyspark.sql import functions as F

    columns = [name for name in result.columns if not is_result_column(name)]
    first = result.groupBy(*(_quoted(name) for name in columns[:-1])).agg(
        *(F.first(name).alias(name) for name in SERIES_COLUMNS)
    )
    scores = first.select(*aggregate.SCORES).mapInArrow(aggregate.summaries, aggregate.SUMMARY_IN_SQL)
    counted = aggregate.merged(scores.toArrow())
    middle = aggregate.middle_bucket(counted)
    errors = first.select(*aggregate.SCORES).mapInArrow(aggregate.in_bucket(middle), "error double").toArrow()
    limit = aggregate.limit(counted, middle, errors)
    sums = first.select(*aggregate.SCORES).mapInArrow(aggregate.limited_sums(limit), aggregate.SUMS_IN_SQL)
    return aggregate.verdict_of(counted, sums.toArrow())


def _check_types(sdf: DataFrame, X_df: DataFrame, request: Request) -> None:
    """Refuse columns of the future whose values may not fit the types of the data. A cast would cut them silently.

    Raises:
        DataError: If there is one.
    """
    types = {field.name: field.dataType.simpleString() for field in sdf.schema.fields}
    given = {field.name: field.dataType.simpleString() for field in X_df.schema.fields}
    for name in request.future_columns:
        kind, own = types[name], given[name]
        is_decimal = own.startswith("decimal") and kind == "double"
        if own not in (kind, _NULLS) and own not in _HELD_TYPES.get(kind, ()) and not is_decimal:
            raise DataError(
                f"the column {name!r} of `X_df` is not of the type {kind}, which it has in the data: "
                f"it has the type {own}",
                "convert it",
            )


def _future(X_df: DataFrame, rows: DataFrame, request: Request) -> DataFrame:
    """Return the future rows as rows of the data without a value of the target."""
    from pyspark.sql import functions as F

    given = request.future_columns
    columns = [
        (X_df[_quoted(field.name)] if field.name in given else F.lit(None)).cast(field.dataType).alias(field.name)
        for field in rows.schema.fields
    ]
    return X_df.select(*columns)


def _prepared(sdf: DataFrame, X_df: DataFrame | None, request: Request) -> tuple[Plan, PooledModel | None]:
    """Draw the sample, and decide what is the same for all partitions."""
    from pyspark.sql import functions as F
    from pyspark.sql.types import LongType, StringType, StructField, StructType

    ids, size = request.ids, request.series_to_sample
    keys = [_quoted(name) for name in ids]
    counted = sdf.groupBy(*keys).agg(F.count(F.lit(1)).alias(sampling.ROWS))
    own = [StructField(field.name, field.dataType) for field in sdf.select(*keys).schema]
    schema = StructType(
        [
            *own,
            StructField(sampling.ROWS, LongType()),
            StructField(sampling.HASH, StringType()),
            StructField(sampling.SERIES, LongType()),
        ]
    )

    def candidates_of(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return sampling.candidates(batches, ids, size)

    table = counted.mapInArrow(candidates_of, schema).toArrow()
    chosen, series = sampling.choose(table, ids, size)
    columns = request.columns
    rows = sdf.select(*(sdf[_quoted(name)] for name in columns))
    if chosen.num_rows == 0:
        return prepare(request, rows.limit(0).toArrow(), series, 1)
    picked = _dataframe(sdf.sparkSession, chosen, StructType(own))
    picked = picked.toDF(*(sampling.id_column(at) for at in range(len(ids))))
    same = [F.col(_quoted(name)).eqNullSafe(F.col(sampling.id_column(at))) for at, name in enumerate(ids)]
    condition = same[0]
    for one in same[1:]:
        condition = condition & one
    drawn = rows.join(F.broadcast(picked), condition, "left_semi").toArrow()
    ordered = drawn.sort_by([(name, "ascending") for name in columns])
    future = None
    if X_df is not None:
        after = X_df.select(*(X_df[_quoted(name)] for name in request.future_columns))
        future = after.join(F.broadcast(picked), condition, "left_semi").toArrow()
        future = future.sort_by([(name, "ascending") for name in request.future_columns])
    return prepare(request, ordered, series, program.cores(), future)


def _dataframe(spark: SparkSession, table: pa.Table, schema: Any) -> DataFrame:
    rows = [tuple(row[name] for name in table.column_names) for row in table.to_pylist()]
    return spark.createDataFrame(rows, schema)


def _schema(rows: DataFrame, plan: Plan) -> Any:
    """Return the schema of the result, in the types of Spark."""
    from pyspark.sql.types import DoubleType, StringType, StructField, StructType

    fields = {field.name: field.dataType for field in rows.schema.fields}
    keys = [StructField(name, fields[name]) for name in (*plan.ids, plan.time)]
    values = [StructField(name, DoubleType()) for name in plan.value_names]
    of_series = [
        StructField(name, DoubleType() if pa.types.is_floating(own) else StringType())
        for name, own in SERIES_COLUMNS.items()
    ]
    return StructType([*keys, *values, *of_series])


def _quoted(name: str) -> str:
    """Return a name as a column that may have dots and backticks in it."""
    return "`" + name.replace("`", "``") + "`"
