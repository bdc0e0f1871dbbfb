"""What workers do, without an engine."""

from __future__ import annotations

import math
from datetime import date

import panels
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from forecast import DataError, UsageError, aggregate, pooled, sampling
from forecast.driver import Request, prepare
from forecast.partitions import forecast_partition


def request(**options) -> Request:
    others = {"freq": None, "level": (80, 95), "quantiles": None, "model": "theta", "pooled_model": None, "sample": 10}
    roles = {"time": "day", "target": "sales"}
    return Request.checked(
        ["store", "item", "day", "sales"], panels.KEYS, panels.H, **roles, **{**others, "options": options}
    )


def forecast(plan, table: pa.Table, size: int) -> pa.Table:
    ordered = table.sort_by([(name, "ascending") for name in plan.columns]).combine_chunks()
    return pa.Table.from_batches(forecast_partition(plan, ordered.to_batches(max_chunksize=size), 1))


def test_a_forecast_does_not_depend_on_batches_and_is_that_of_the_command_line():
    table = panels.panel(20)
    plan = panels.plan_of(request(), table)
    rows = forecast(plan, table, 10_000)
    assert forecast(plan, table, 13).equals(rows)
    expected, verdict = panels.on_one_machine(table, plan)
    assert panels.values(rows).equals(panels.by_series(expected))
    summed = aggregated(rows.group_by(panels.KEYS).aggregate([(name, "min") for name in aggregate.SCORES]))
    assert math.isclose(summed.mase, verdict["mase"], rel_tol=1e-12)
    assert math.isclose(summed.seasonal_naive_mase, verdict["seasonal_naive_mase"], rel_tol=1e-12)
    assert (summed.series, summed.series_won) == (verdict["series"], verdict["series_won"])


def aggregated(scores: pa.Table) -> aggregate.AggregatedVerdict:
    scores = scores.select([f"{name}_min" for name in aggregate.SCORES]).rename_columns(list(aggregate.SCORES))
    counts = aggregate.merged(pa.Table.from_batches(aggregate.summaries(scores.to_batches())))
    middle = aggregate.middle_bucket(counts)
    errors = pa.Table.from_batches(aggregate.in_bucket(middle)(scores.to_batches()))
    limit = aggregate.limit(counts, middle, errors)
    return aggregate.verdict_of(counts, pa.Table.from_batches(aggregate.limited_sums(limit)(scores.to_batches())))


def test_a_series_that_fails_fails_alone():
    table = panels.panel(20)
    plan = panels.plan_of(request(), table)
    good = forecast(plan, table, 1000)
    panels.check_failures(good, forecast(plan, panels.failing(table), 1000))


def test_usage_errors_are_raised_by_the_driver():
    table = panels.panel(5)
    with pytest.raises(UsageError, match="partitions"):
        request(reconcile=True)
    with pytest.raises(UsageError, match="no effect on theta"):
        Request.checked(
            ["a", "t", "y"],
            "a",
            1,
            time="t",
            target="y",
            freq=None,
            level=None,
            quantiles=None,
            model="theta",
            pooled_model="pretrained",
            sample=1,
            options={},
        )
    with pytest.raises(DataError, match="no column 'b'"):
        Request.checked(
            ["a"],
            "b",
            1,
            time="t",
            target="y",
            freq=None,
            level=None,
            quantiles=None,
            model="theta",
            pooled_model=None,
            sample=1,
            options={},
        )
    with pytest.raises(UsageError, match="thetta"):
        panels.plan_of(Request(3, ("store", "item"), "day", "sales", None, None, None, "thetta", None, 10, {}), table)
    assert panels.plan_of(request(), table).value_names[1] == "forecast-lo-80"


def test_a_sample_does_not_depend_on_partitions():
    keys = pa.table({"id": [f"series {at}" for at in range(1000)], "rows": pa.array([3] * 1000, pa.int64())})
    whole = list(sampling.candidates(keys.to_batches(), ["id"], 20))
    parts = [
        batch
        for size in (300, 700)
        for batch in sampling.candidates(keys.slice(1000 - size if size == 300 else 0, size).to_batches(), ["id"], 20)
    ]
    one, series = sampling.choose(pa.Table.from_batches(whole), ["id"], 20)
    other, same = sampling.choose(pa.Table.from_batches(parts), ["id"], 20)
    assert one.equals(other)
    assert (series, same) == (1000, 1000)
    assert one.num_rows == 20
    larger = sampling.choose(
        pa.Table.from_batches(list(sampling.candidates(keys.to_batches(), ["id"], 40))), ["id"], 40
    )[0]
    assert larger.slice(0, 20).equals(one)
    assert sampling.rows_of(keys, one).num_rows == 20


def monthly(series: int = 4, months: int = 40) -> pa.Table:
    """Monthly series with a season of a year, the first of which is shorter than it."""
    rows = [
        (f"m{at}", date(2015 + month // 12, month % 12 + 1, 1), 50.0 + at * 3 + 5 * ((month + at) % 12) + month % 7)
        for at in range(series)
        for month in range(months if at else 8)
    ]
    return pa.table([list(column) for column in zip(*rows, strict=True)], names=["id", "day", "y"])


@pytest.mark.parametrize("pooled_model", ["pretrained", None])
def test_networks_of_all_series_are_given_to_each_partition(pooled_model, tmp_path):
    table = monthly()
    own = Request.checked(
        table.column_names,
        "id",
        3,
        time="day",
        target="y",
        freq=None,
        level=(80,),
        quantiles=None,
        model="auto",
        pooled_model=pooled_model,
        sample=4,
        options={},
    )
    plan, model = prepare(own, table, 4, 2)
    assert model is not None
    ordered = table.sort_by([(name, "ascending") for name in plan.columns]).combine_chunks()
    whole = pa.Table.from_batches(forecast_partition(plan, ordered.to_batches(), 1, model))
    parts = [ordered.filter(pc.equal(ordered["id"], name)) for name in pc.unique(ordered["id"]).to_pylist()]
    apart = [
        batch for part in parts for batch in forecast_partition(plan, part.combine_chunks().to_batches(), 1, model)
    ]
    assert pa.Table.from_batches(apart).equals(whole)
    assert whole["error"].null_count == whole.num_rows
    given = pooled.arguments(model, str(tmp_path))[0].removeprefix("--pooled-model=")
    expected, _ = panels.by_command(table, plan, given)
    assert whole.select(expected.column_names).combine_chunks().equals(expected.combine_chunks())
