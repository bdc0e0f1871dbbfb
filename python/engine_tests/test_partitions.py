"""What workers do, without an engine."""

from __future__ import annotations

import math
import subprocess
from datetime import date
from pathlib import Path

import panels
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pytest
from panels import request

from forecast import DataError, UsageError, aggregate, sampling
from forecast.driver import prepare
from forecast.future import with_known_types
from forecast.partitions import forecast_partition, future_rows, is_result_column
from forecast.pooled import PooledModel
from forecast.program import environment, find


def forecast(plan, table: pa.Table, size: int, model: PooledModel | None = None) -> pa.Table:
    ordered = table.sort_by([(name, "ascending") for name in plan.columns]).combine_chunks()
    return pa.Table.from_batches(forecast_partition(plan, ordered.to_batches(max_chunksize=size), 1, model))


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


@pytest.mark.parametrize("model", ["theta", "ets", "seasonal-naive"])
@pytest.mark.parametrize("options", [{}, {"season": 12}])
def test_a_season_of_all_series_may_be_longer_than_one_of_them(model, options):
    lengths = {f"s{at:02}": 72 for at in range(30)} | {"short": 15, "shorter": 9}
    rows = [
        (name, at, 50.0 + 10 * math.sin(at * math.pi / 6) + math.sin(1.7 * at * at + length))
        for name, length in lengths.items()
        for at in range(length)
    ]
    table = pa.table([list(column) for column in zip(*rows, strict=True)], names=["unique_id", "ds", "y"])
    plan = panels.plan_of(request(("unique_id", "ds", "y"), "unique_id", 3, model=model, **options), table)
    assert plan.options["season"] in (12, [12])
    rows = forecast(plan, table, 1000)
    expected = panels.by_command(table, plan)[0].combine_chunks()
    assert rows.select(expected.column_names).combine_chunks().equals(expected)
    short = rows.filter(pc.equal(rows["unique_id"], "short"))
    assert (
        "a season of 12 steps is more than half of the longest series, which has 15 values"
        in short["notices"][0].as_py()
    )


@pytest.mark.parametrize("minutes, frequency", [(10, "600s"), (60, "hourly")])
def test_a_step_is_that_of_the_sample_whatever_the_rows_of_a_series_show(minutes, frequency):
    # the last series has a value in one row of three only
    rows = [
        (f"s{at}", 1_700_000_000 + 60 * minutes * step, None if at == 5 and step % 3 else 50.0 + (step * 7 + at) % 11)
        for at in range(6)
        for step in range(90)
    ]
    table = pa.table([list(column) for column in zip(*rows, strict=True)], names=["unique_id", "ds", "y"])
    table = table.set_column(1, "ds", pc.multiply(table["ds"], 1_000_000).cast(pa.timestamp("us")))
    plan = panels.plan_of(request(("unique_id", "ds", "y"), "unique_id", 3), table)
    assert plan.options["frequency"] == frequency
    rows = forecast(plan, table, 1000)
    assert rows["error"].null_count == rows.num_rows == 18
    expected = panels.by_command(table, plan)[0].combine_chunks()
    names = [name for name in expected.column_names if name != "ds"]
    assert rows.select(names).combine_chunks().equals(expected.select(names))


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


def test_a_time_that_cannot_be_read_fails_alone():
    whole, failing = panels.failing_times(panels.panel(20))
    plan = panels.plan_of(request(season=7), failing)
    assert plan.time_type == pa.int64()
    assert panels.plan_of(request(season=7), whole) == plan
    good, rows = panels.by_series(forecast(plan, whole, 1000)), panels.by_series(forecast(plan, failing, 13))
    (failed,) = rows.filter(pc.is_valid(rows["error"])).to_pylist()
    assert (failed["store"], failed["item"], failed["day"]) == ("s3", 1, None)
    assert "the column 'day' has a time" in failed["error"]
    assert "19040.5" in failed["error"]
    is_other = [(row["store"], row["item"]) != ("s3", 1) for row in good.to_pylist()]
    assert rows.filter(pc.is_null(rows["error"])).equals(good.filter(pa.array(is_other)))
    assert good["error"].null_count == good.num_rows


def test_usage_errors_are_raised_by_the_driver():
    table = panels.panel(5)
    with pytest.raises(UsageError, match="partitions"):
        request(reconcile=True)
    with pytest.raises(UsageError, match="no effect on theta"):
        request(["a", "t", "y"], "a", pooled_model="pretrained")
    with pytest.raises(DataError, match="no column 'b'"):
        request(["a", "t", "y"], "b")
    with pytest.raises(UsageError, match="thetta"):
        panels.plan_of(request(model="thetta"), table)
    assert panels.plan_of(request(), table).value_names[1] == "forecast-lo-80"
    assert panels.plan_of(request(level=None), table).value_names == ["forecast"]


@pytest.mark.parametrize("name", ["forecast", "forecast-lo-80", "mase", "error"])
def test_names_of_the_result_are_refused(name):
    assert is_result_column(name)
    with pytest.raises(UsageError, match="a column of the result"):
        request([name, "t", "y"], name)


@pytest.mark.parametrize("name", [sampling.ROWS, sampling.HASH, sampling.SERIES, "forecast_id_0"])
def test_names_of_the_sample_are_refused(name):
    with pytest.raises(UsageError, match="a column of the sample"):
        request([name, "t", "y"], name)


def test_an_id_may_begin_with_the_word_forecast():
    table = panels.panel(20).rename_columns(["forecast_region", "item", "day", "sales"])
    plan = panels.plan_of(request(table.column_names, ["forecast_region", "item"]), table)
    rows = forecast(plan, table, 1000)
    assert [name for name in rows.column_names if not is_result_column(name)] == ["forecast_region", "item", "day"]
    assert rows.num_rows == 20 * panels.H


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


def trained(table: pa.Table, folder: Path) -> Path:
    """The folder of a run that trained networks on monthly series."""
    pa.csv.write_csv(table, folder / "rows.csv")
    flags = ["--sample=4", "--time=day", "--target=y", "--id=id", "--horizon=3", "--level=80"]
    command = [str(find()), "train", f"--csv={folder}/rows.csv", *flags, f"--out={folder}/run"]
    subprocess.run(command, check=True, capture_output=True, env=environment())
    return folder / "run"


@pytest.mark.parametrize("pooled_model", ["pretrained", "folder", None])
def test_networks_of_all_series_are_given_to_each_partition(pooled_model, tmp_path):
    table = monthly()
    if pooled_model == "folder":
        pooled_model = trained(table, tmp_path)
    options = {"level": (80,), "model": "auto", "pooled_model": pooled_model, "sample": 4}
    own = request(table.column_names, "id", 3, **options)
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
    given = model.arguments(str(tmp_path / "sent"))[0].removeprefix("--pooled-model=")
    expected, _ = panels.by_command(table, plan, given)
    assert whole.select(expected.column_names).combine_chunks().equals(expected.combine_chunks())


@pytest.mark.parametrize("pooled_model", ["pretrained", None])
def test_covariates_and_their_future_are_given_to_each_partition(pooled_model, tmp_path):
    table, future = panels.with_covariates()
    options = {"level": (80,), "model": "auto", "pooled_model": pooled_model, "sample": 4, "covariates": ["weather"]}
    own = request(table.column_names[:3], "id", 3, columns=table.column_names, future=future.column_names, **options)
    assert own.columns == ["id", "day", "y", "weather", "price", "promotion"]
    plan, model = prepare(own, table, 4, 2, future)
    assert (plan.words, plan.known) == (("promotion",), ("price", "promotion"))
    rows = pa.concat_tables([table.select(plan.columns), future_rows(future, table.schema, plan.columns)])
    whole = forecast(plan, rows, 1000, model)
    assert whole["error"].null_count == whole.num_rows == 12
    for name in ("m0", "m2"):
        alone = forecast(plan, rows.filter(pc.equal(rows["id"], name)), 7, model)
        assert alone.equals(whole.filter(pc.equal(whole["id"], name)).combine_chunks())
    given = model.arguments(str(tmp_path / "sent"))[0].removeprefix("--pooled-model=")
    expected, record = panels.by_command(rows, plan, given)
    assert whole.select(expected.column_names).combine_chunks().equals(expected.combine_chunks())
    known = {own["name"]: own["known_future"] for own in record["data"]["covariates"]}
    assert known == {"weather": False, "price": True, "promotion": True}
    # another future gives another forecast, and a series without one fails alone
    other = future.set_column(0, "price", pc.multiply(future["price"], 2.0)).filter(pc.not_equal(future["id"], "m1"))
    rows = pa.concat_tables([table.select(plan.columns), future_rows(other, table.schema, plan.columns)])
    changed = forecast(plan, rows, 1000, model)
    (failed,) = changed.filter(pc.is_valid(changed["error"])).to_pylist()
    assert failed["id"] == "m1"
    assert "after the last one of the target" in failed["error"]
    if pooled_model is None:
        assert (
            changed.filter(pc.equal(changed["id"], "m2"))["forecast"]
            != whole.filter(pc.equal(whole["id"], "m2"))["forecast"]
        )


def incomplete(future: pa.Table) -> dict[str, pa.Table]:
    """Rows of a future of five steps for three, in which `m1` lacks the second. Its number of rows is three or more."""
    is_other, day = pc.not_equal(future["id"], "m1"), future["day"]
    days = sorted(pc.unique(day).to_pylist())

    def at(*steps: int) -> pa.Table:
        return future.filter(pc.or_(is_other, pc.is_in(day, pa.array([days[step] for step in steps], pa.date32()))))

    one = future.filter(pc.and_(pc.invert(is_other), pc.equal(day, days[0])))
    past = one.set_column(one.column_names.index("day"), "day", pa.array([date(2018, 1, 1)]))
    is_null = pc.and_(pc.invert(is_other), pc.equal(day, days[1]))
    null, nan = (pc.if_else(is_null, pa.scalar(price, pa.float32()), future["price"]) for price in (None, math.nan))
    return {
        "gap": at(0, 2, 3),
        "gap at numbers": at(0, 2, 3),
        "few texts": pa.concat_tables([at(0, 2), past, one]),
        "row in the past": pa.concat_tables([at(0, 2), past]),
        "doubled row": pa.concat_tables([at(0, 2), one]),
        "null": future.set_column(0, "price", null),
        "NaN": future.set_column(0, "price", nan),
        "nothing": at(),
    }


@pytest.mark.parametrize(
    "fault", ["gap", "row in the past", "doubled row", "null", "NaN", "nothing", "gap at numbers", "few texts"]
)
def test_networks_are_trained_on_series_that_have_all_steps(fault):
    table, future = panels.with_covariates(h=5)
    future = incomplete(future)[fault]
    if fault in ("gap at numbers", "few texts"):
        table, future = (of_days(rows, fault) for rows in (table, future))
    options = {"level": (80,), "model": "auto", "sample": 4, "covariates": ["weather"]}
    own = request(table.column_names[:3], "id", 3, columns=table.column_names, future=future.column_names, **options)
    plan, model = prepare(own, table, 4, 2, future)
    rows = pa.concat_tables([table.select(plan.columns), future_rows(future, table.schema, plan.columns)])
    result = forecast(plan, rows, 1000, model)
    if fault != "doubled row":
        # the error of a doubled row is that there are two
        assert {row["id"] for row in result.filter(pc.is_valid(result["error"])).to_pylist()} == {"m1"}
    assert pc.sum(pc.is_null(result["error"])).as_py() == 9


@pytest.mark.parametrize("pooled_model", ["pretrained", None])
@pytest.mark.parametrize("steps", [0, 2])
def test_a_future_without_all_steps_of_any_series_is_an_error_of_the_driver(steps, pooled_model):
    table, future = panels.with_covariates()
    days = sorted(pc.unique(future["day"]).to_pylist())
    future = future.filter(pc.is_in(future["day"], pa.array(days[:steps], pa.date32())))
    options = {"model": "auto", "pooled_model": pooled_model, "sample": 4}
    own = request(table.column_names[:3], "id", 3, columns=table.column_names, future=future.column_names, **options)
    with pytest.raises(DataError, match="no series of the sample has all 3 steps in `X_df`") as caught:
        prepare(own, table, 4, 2, future)
    assert caught.value.hint == "add one row for each step after the end of each series"


def of_days(table: pa.Table, fault: str) -> pa.Table:
    """The rows with the same days as whole numbers, or in text, the day first."""
    at, days = table.column_names.index("day"), table["day"].to_pylist()
    if fault == "few texts":
        return table.set_column(at, "day", pa.array([day.strftime("%d.%m.%Y") for day in days]))
    return table.set_column(at, "day", pa.array([int(day.strftime("%Y%m%d")) for day in days]))


def test_a_column_without_any_value_has_the_type_of_the_future():
    table = pa.table({"id": ["a"], "price": pa.nulls(1), "promotion": ["none"]})
    future = pa.table({"price": [1.5], "id": ["a"], "promotion": pa.nulls(1)})
    typed = with_known_types(table, future)
    assert typed.schema.types == [pa.string(), pa.float64(), pa.string()]
    assert typed.to_pylist() == table.to_pylist()


def test_arguments_on_covariates_are_checked_by_the_driver():
    columns = ["a", "t", "y"]
    with pytest.raises(UsageError, match="no column besides ids and times"):
        request(columns, "a", future=["a", "t"])
    with pytest.raises(DataError, match="no column 'price'"):
        request(columns, "a", future=["a", "t", "price"])
    with pytest.raises(DataError, match="`X_df` has no column 't'"):
        request(columns, "a", columns=[*columns, "price"], future=["a", "price"])
    with pytest.raises(UsageError, match="`X_df` has no effect on theta"):
        request(columns, "a", columns=[*columns, "price"], future=["a", "t", "price"], model="theta")
    with pytest.raises(UsageError, match="two roles"):
        request(columns, "a", covariates="y")
    with pytest.raises(DataError, match="is not of the type"):
        future_rows(
            pa.table({"a": ["x"], "price": ["low"]}),
            pa.schema([("a", pa.string()), ("price", pa.int64())]),
            ["a", "price"],
        )


def test_only_the_model_and_the_record_of_a_run_are_sent(tmp_path):
    run, sent = tmp_path / "run", tmp_path / "sent"
    for name in ("run.json", "report.html", "model/settings.json", "model/fold 1/weights.ot"):
        path = run / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    model = PooledModel.of(run)
    assert model == PooledModel.of(run)
    assert model.arguments(str(sent)) == [f"--pooled-model={sent}"]
    files = {path.relative_to(sent).as_posix(): path.read_text() for path in sent.rglob("*") if path.is_file()}
    assert files == {name: name for name in ("run.json", "model/settings.json", "model/fold 1/weights.ot")}
    assert PooledModel.of(run / "model").arguments(str(tmp_path / "own")) == [f"--pooled-model={tmp_path / 'own'}"]
    assert (tmp_path / "own" / "settings.json").is_file()
    assert PooledModel().arguments(str(tmp_path)) == ["--pooled-model=pretrained"]
