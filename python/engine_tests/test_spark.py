"""Forecasts on Spark, with two executors."""

from __future__ import annotations

import os
import runpy
import signal
import threading
import time

import panels
import psutil
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from panels import request

from forecast import DataError
from forecast.spark import forecast, verdict

SLOW = {"h": panels.H, "by": panels.KEYS, "model": "theta", **panels.ROLES}


@pytest.fixture(scope="module")
def table():
    return panels.panel()


@pytest.fixture(scope="module")
def sdf(spark, table):
    return spark.createDataFrame(table).cache()


@pytest.fixture(scope="module")
def expected(table):
    """The forecast and the verdict of the command line."""
    return panels.on_one_machine(table, panels.plan_of(request(), table))


@pytest.mark.parametrize("partitions", [1, 2, 7])
def test_the_forecast_is_that_of_one_machine_for_any_number_of_partitions(sdf, expected, partitions):
    rows = forecast(sdf, partitions=partitions, **SLOW)
    table = rows.toArrow()
    assert panels.values(table).equals(panels.by_series(expected[0]))
    if partitions == 2:
        summed = verdict(rows.cache())
        assert summed.mase == pytest.approx(expected[1]["mase"], rel=1e-12)
        assert summed.skill == pytest.approx(expected[1]["skill"], rel=1e-12)
        assert (summed.series, summed.series_won) == (expected[1]["series"], expected[1]["series_won"])


def test_a_series_that_fails_fails_alone(spark, sdf, table):
    good = forecast(sdf, **SLOW).toArrow()
    rows = forecast(spark.createDataFrame(panels.failing(table)), **SLOW).toArrow()
    panels.check_failures(good, rows)


def test_covariates_are_divided_with_the_series(spark):
    table, future = panels.with_covariates(months=120)
    own = {"h": 3, "by": "id", "time_col": "day", "target_col": "y", "pooled_model": "pretrained"}
    frames = spark.createDataFrame(table).cache(), spark.createDataFrame(future)
    rows = [
        forecast(frames[0], X_df=frames[1], partitions=partitions, **own)
        .toArrow()
        .sort_by([("id", "ascending"), ("day", "ascending")])
        for partitions in (1, 3)
    ]
    assert rows[0].equals(rows[1])
    assert rows[0]["error"].null_count == rows[0].num_rows == 12
    panels.check_covariates(rows[0], table, future)


@pytest.mark.parametrize("name, own, kind", [("weather", "double", "bigint"), ("day", "timestamp", "date")])
def test_a_future_of_narrower_types_is_refused(spark, name, own, kind):
    table, future = panels.with_covariates()
    future = future.append_column("weather", pc.add(pc.multiply(future["price"].cast("double"), 0.0), 1.5))
    sdf, X_df = spark.createDataFrame(table), spark.createDataFrame(future)
    X_df = X_df.withColumns({"weather": X_df["weather"].cast("int"), name: X_df[name].cast(own)})
    text = f"the column '{name}' of `X_df` is not of the type {kind}, which it has in the data: it has the type {own}"
    with pytest.raises(DataError, match=text) as caught:
        forecast(sdf, X_df=X_df, h=3, by="id", time_col="day", target_col="y", pooled_model="pretrained")
    assert caught.value.hint == "convert it"


def test_an_id_may_begin_with_the_word_forecast(spark):
    table = panels.panel(10).rename_columns(["forecast_region", "item", "day", "sales"])
    result = forecast(spark.createDataFrame(table), **{**SLOW, "by": ["forecast_region", "item"]})
    assert verdict(result).series == 10


def descendants(name: str) -> list[psutil.Process]:
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if name in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def killed_during(rows, choose):
    """The rows of a result, during whose computation a process is killed, and the process."""
    killed: list[psutil.Process] = []

    def kill() -> None:
        for _ in range(6000):
            victim = choose()
            if victim is not None:
                os.kill(victim.pid, signal.SIGKILL)
                killed.append(victim)
                return
            time.sleep(0.05)

    thread = threading.Thread(target=kill)
    thread.start()
    table = rows.toArrow()
    thread.join()
    assert killed, "no process was found"
    return table


def serving() -> psutil.Process | None:
    """A process of the program that has begun."""
    for process in descendants("serve --stdin"):
        try:
            if sum(process.cpu_times()[:2]) > 0.02:
                return process
        except psutil.Error:
            continue
    return None


def executor() -> psutil.Process | None:
    process = serving()
    if process is None:
        return None
    parents = process.parents()
    return next((own for own in parents if "CoarseGrainedExecutorBackend" in " ".join(own.cmdline())), None)


def python_worker() -> psutil.Process | None:
    process = serving()
    return None if process is None else process.parent()


@pytest.mark.parametrize("choose", [python_worker, serving, executor])
def test_a_killed_process_changes_nothing(spark, table, expected, choose):
    # several times the rows, so that there is time to kill
    parts = []
    for copy in range(5):
        stores = pa.array([f"{name}-{copy}" for name in table["store"].to_pylist()])
        parts.append(table.set_column(0, "store", stores))
    sdf = spark.createDataFrame(pa.concat_tables(parts)).cache()
    rows = forecast(sdf, partitions=4, **SLOW)
    out = killed_during(rows, choose)
    assert out.num_rows == 5 * expected[0].num_rows
    for copy in (0, 4):
        stores = out["store"].to_pylist()
        own = out.filter(pa.array([name.endswith(f"-{copy}") for name in stores]))
        own = own.set_column(0, "store", pa.array([name.split("-")[0] for name in own["store"].to_pylist()]))
        assert panels.values(own).equals(panels.by_series(expected[0]))


def test_a_very_long_series_and_many_short_ones(spark, tmp_path):
    sdf = spark.read.parquet(str(panels.write_very_long(tmp_path)))
    panels.check_very_long(forecast(sdf, h=2, freq="minutely", season=60, model="seasonal-naive").toArrow())


def test_the_example_runs(spark, capfd):
    runpy.run_path(str(panels.examples() / "on_spark.py"))
    assert "seasonal naive" in capfd.readouterr().out
