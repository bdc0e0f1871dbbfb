"""Forecasts on Ray Data, with two nodes."""

from __future__ import annotations

import runpy
import threading
import time

import panels
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from panels import request
from test_spark import serving

from forecast.ray import forecast, verdict

THETA = {"h": panels.H, "by": panels.KEYS, "model": "theta", **panels.ROLES}


@pytest.fixture(scope="module")
def table():
    return panels.panel()


@pytest.fixture(scope="module")
def expected(table):
    return panels.on_one_machine(table, panels.plan_of(request(), table))


def rows_of(ds) -> pa.Table:
    tables = [part for part in ds.iter_batches(batch_size=None, batch_format="pyarrow") if part.num_rows]
    return pa.concat_tables(tables)


def dataset(table: pa.Table):
    import ray

    return ray.data.from_arrow(table).repartition(3)


@pytest.mark.parametrize("partitions", [1, 2, 7])
def test_the_forecast_is_that_of_one_machine_for_any_number_of_partitions(cluster, table, expected, partitions):
    result = forecast(dataset(table), partitions=partitions, **THETA).materialize()
    assert panels.values(rows_of(result)).equals(panels.by_series(expected[0]))
    if partitions == 2:
        summed = verdict(result)
        assert summed.mase == pytest.approx(expected[1]["mase"], rel=1e-12)
        assert (summed.series, summed.series_won) == (expected[1]["series"], expected[1]["series_won"])


def test_a_series_that_fails_fails_alone(cluster, table):
    good = rows_of(forecast(dataset(table), partitions=2, **THETA))
    panels.check_failures(good, rows_of(forecast(dataset(panels.failing(table)), partitions=2, **THETA)))


def test_covariates_are_divided_with_the_series(cluster):
    table, future = panels.with_covariates(months=120)
    own = {"h": 3, "by": "id", "time_col": "day", "target_col": "y", "pooled_model": "pretrained"}
    result = forecast(dataset(table), X_df=dataset(future), partitions=3, **own)
    rows = rows_of(result).sort_by([("id", "ascending"), ("day", "ascending")])
    assert rows["error"].null_count == rows.num_rows == 12
    panels.check_covariates(rows, table, future)


def without_type(table: pa.Table, name: str) -> pa.Table:
    """The rows with a column of nulls, which has no type of its own."""
    return table.set_column(table.column_names.index(name), name, pa.nulls(table.num_rows))


def test_a_covariate_may_have_no_value_in_a_block_or_in_the_data(cluster):
    import ray

    def blocks(table: pa.Table):
        is_first = pc.equal(table["id"], "m0")
        return ray.data.from_arrow(
            [without_type(table.filter(is_first), "promotion"), table.filter(pc.invert(is_first))]
        )

    table, future = panels.with_covariates(months=120)
    own = {"h": 3, "by": "id", "time_col": "day", "target_col": "y", "pooled_model": "pretrained", "partitions": 3}
    order = [("id", "ascending"), ("day", "ascending")]
    rows = rows_of(forecast(blocks(table), X_df=blocks(future), **own)).sort_by(order)
    panels.check_covariates(rows, table, future)
    # the type of a column without any value is that of the future
    typed = table.set_column(4, "promotion", pa.nulls(table.num_rows, pa.string()))
    rows = rows_of(forecast(dataset(without_type(table, "promotion")), X_df=dataset(future), **own)).sort_by(order)
    panels.check_covariates(rows, typed, future)


def test_an_id_may_begin_with_the_word_forecast_and_blocks_may_be_empty(cluster):
    table = panels.panel(10).rename_columns(["forecast_region", "item", "day", "sales"])
    own = {**THETA, "by": ["forecast_region", "item"]}
    result = forecast(dataset(table), partitions=30, **own).materialize()
    assert result.columns()[:4] == ["forecast_region", "item", "day", "forecast"]
    assert verdict(result).series == 10


def test_a_very_long_series_and_many_short_ones(cluster, tmp_path):
    import ray

    ds = ray.data.read_parquet(str(panels.write_very_long(tmp_path)))
    options = {"h": 2, "freq": "minutely", "season": 60, "model": "seasonal-naive", "partitions": 3}
    panels.check_very_long(rows_of(forecast(ds, **options)))


def test_a_node_that_is_removed_changes_nothing(cluster, table, expected):
    node = cluster.add_node(num_cpus=1, object_store_memory=200 * 2**20)
    parts = []
    for copy in range(5):
        stores = pa.array([f"{name}-{copy}" for name in table["store"].to_pylist()])
        parts.append(table.set_column(0, "store", stores))
    removed = threading.Event()

    def remove() -> None:
        for _ in range(6000):
            if serving() is not None:
                cluster.remove_node(node, allow_graceful=False)
                removed.set()
                return
            time.sleep(0.05)

    result = forecast(dataset(pa.concat_tables(parts)), partitions=3, **THETA)
    thread = threading.Thread(target=remove)
    thread.start()
    out = rows_of(result)
    thread.join()
    assert removed.is_set()
    assert out.num_rows == 5 * expected[0].num_rows
    own = out.filter(pa.array([name.endswith("-3") for name in out["store"].to_pylist()]))
    own = own.set_column(0, "store", pa.array([name.split("-")[0] for name in own["store"].to_pylist()]))
    assert panels.values(own).equals(panels.by_series(expected[0]))


def test_the_example_runs(cluster, capfd):
    runpy.run_path(str(panels.examples() / "on_ray.py"))
    assert "seasonal naive" in capfd.readouterr().out
