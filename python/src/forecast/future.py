"""Future rows of a sample: their types, and the series that have all steps, on which networks are trained."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from forecast import sampling
from forecast.options import READING
from forecast.partitions import ERROR, Plan, finished, forecast_partition


def complete_series(plan: Plan, table: pa.Table, future: pa.Table, h: int) -> pa.Table:
    """Return the ids of the series that have all known covariates at each of the steps after their end.

    Args:
        plan: What is the same for all partitions.
        table: The rows of a sample, as the program reads them.
        future: The future rows of the same series, as the program reads them.
        h: The number of steps.
    """
    ids, rows = list(plan.ids), pa.concat_tables([table, future])
    if plan.before is not None:
        table, rows = finished(plan, table), finished(plan, rows)
    for name in (plan.time, *plan.known):
        rows = rows.filter(_has_value(rows.column(name)))
    keys, steps = [*ids, plan.time], _steps(plan, table, h)
    is_near = pc.is_in(rows.column(plan.time), value_set=steps.column(plan.time).combine_chunks())
    given = sampling.rows_of(steps, rows.filter(is_near).select(keys))
    if given.num_rows == 0 and pa.types.is_string(plan.time_type):
        # text in another form than that of the program cannot be compared with steps, so its times are counted
        past = table.filter(_has_value(table.column(plan.target))).select(keys)
        given = rows.filter(pc.invert(sampling.is_chosen(rows, past)))
    counts = given.group_by(ids).aggregate([(plan.time, "count_distinct")])
    return counts.filter(pc.greater_equal(counts.column(f"{plan.time}_count_distinct"), h)).select(ids)


def with_known_types(table: pa.Table, future: pa.Table) -> pa.Table:
    """Return rows of the data whose columns without any value have the types of the future rows."""
    for at, field in enumerate(table.schema):
        if pa.types.is_null(field.type) and field.name in future.column_names:
            kind = future.schema.field(field.name).type
            table = table.set_column(at, pa.field(field.name, kind), pa.nulls(table.num_rows, kind))
    return table


def _has_value(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return whether each value is neither null nor NaN, both of which the program reads as missing."""
    return pc.invert(pc.is_null(column, nan_is_null=True))


def _steps(plan: Plan, table: pa.Table, h: int) -> pa.Table:
    """Return the ids and times of the steps after the end of each series, which a naive forecast has."""
    reading = {name: own for name, own in plan.options.items() if name.replace("-", "_") in {*READING, "frequency"}}
    options = {**reading, "horizon": h, "model": "naive"}
    naive = replace(plan, options=options, values=("forecast",), before=None, covariates=(), words=(), known=())
    rows = table.select(naive.columns).filter(_has_value(table.column(plan.target)))
    ordered = rows.sort_by([(name, "ascending") for name in naive.columns])
    batches = list(forecast_partition(naive, ordered.to_batches(), 1))
    steps = pa.Table.from_batches(batches) if batches else naive.schema(ordered.schema).empty_table()
    return steps.filter(pc.is_null(steps.column(ERROR))).select([*plan.ids, plan.time])
