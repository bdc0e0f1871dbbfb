"""Dataframes in, dataframes of the same kind out: columns, types and values."""

from __future__ import annotations

import datetime as dt

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from conftest import LIBRARIES, as_pandas, of_library, series

from forecast import DataError, Forecast, UsageError

COLUMNS = ["unique_id", "ds", "forecast", "forecast-lo-80", "forecast-hi-80", "forecast-lo-95", "forecast-hi-95"]


def naive(**options) -> Forecast:
    return Forecast(model="seasonal-naive", **options)


@pytest.mark.parametrize("library", [*LIBRARIES, "polars lazy"])
def test_the_result_is_of_the_kind_of_the_input(library):
    frame = of_library(series(), library)
    result = naive().forecast(frame, 7)
    assert type(result) is type(frame)
    names = result.collect_schema().names() if library == "polars lazy" else list(as_pandas(result).columns)
    assert names == COLUMNS
    rows = as_pandas(result)
    assert list(rows["unique_id"]) == ["north"] * 7 + ["south"] * 7
    assert list(rows["ds"])[:7] == list(pd.date_range("2024-03-01", periods=7))


@pytest.mark.parametrize("model", ["theta", "auto"])
def test_libraries_give_equal_values(model):
    results = [as_pandas(Forecast(model=model).forecast(of_library(series(), library), 7)) for library in LIBRARIES]
    for other in results[1:]:
        pd.testing.assert_frame_equal(results[0], other, check_dtype=False)


def test_the_values_are_those_of_the_command_line(program, tmp_path, demand):
    import subprocess

    file = tmp_path / "demand.csv"
    demand.to_csv(file, index=False)
    command = [program, f"--csv={file}", "--target=demand", "-n7", "--model=theta", f"--out={tmp_path / 'run'}"]
    subprocess.run(command, check=True, capture_output=True)
    expected = pd.read_csv(tmp_path / "run/forecast.csv")
    result = Forecast(model="theta").forecast(demand, 7, time_col="date", target_col="demand")
    assert list(result["date"].dt.strftime("%Y-%m-%d")) == list(expected["date"])
    assert result.iloc[:, 1:].to_numpy().tolist() == expected.iloc[:, 1:].to_numpy().tolist()


def test_types_of_pandas_are_kept():
    frame = series().astype({"unique_id": "category", "ds": "datetime64[ns]"})
    result = naive().forecast(frame, 3)
    assert result.dtypes["unique_id"] == frame.dtypes["unique_id"]
    assert str(result.dtypes["ds"]) == "datetime64[ns]"
    assert str(naive().forecast(frame.astype({"ds": "datetime64[s]"}), 3).dtypes["ds"]) == "datetime64[s]"


@pytest.mark.parametrize("ids", [[2, 10, 1], [2**63 - 1, -5]])
@pytest.mark.parametrize("library", LIBRARIES)
def test_integer_ids_come_back_as_integers(library, ids):
    frame = of_library(series(names=tuple(ids)), library)
    result = as_pandas(naive().forecast(frame, 2))
    assert str(result.dtypes["unique_id"]) == "int64"
    assert result["unique_id"].tolist() == [name for name in sorted(ids) for _ in range(2)]
    assert [value // 100 for value in result["forecast"].iloc[::2]] == [1 + ids.index(name) for name in sorted(ids)]


def test_nullable_types_of_pandas_are_kept():
    frame = series(names=(1, 2)).astype({"unique_id": "Int32", "y": "Float64"})
    assert str(naive().forecast(frame, 2).dtypes["unique_id"]) == "Int32"
    arrow = series().astype({"unique_id": "string[pyarrow]", "ds": "timestamp[us][pyarrow]"})
    assert dict(naive().forecast(arrow, 2).dtypes.iloc[:2]) == dict(arrow.dtypes.iloc[:2])


def test_ids_stay_exactly_as_they_are():
    names = ("007", "7", " 7", "NA", "a,b", 'say "hi"', "Zürich", "(all)", "two\nlines", "x" * 300, "")
    frame = series(names=names)
    result = naive().forecast(frame, 2)
    assert sorted(result["unique_id"]) == sorted(name for name in names for _ in range(2))
    # each has the values of its own series, whose sizes differ
    first = result.drop_duplicates("unique_id").set_index("unique_id")["forecast"]
    assert [int(first[name] // 100) for name in names] == list(range(1, len(names) + 1))


def test_ids_that_are_null_are_a_series_of_their_own():
    frame = pl.from_pandas(series()).with_columns(
        unique_id=pl.when(pl.col("unique_id") == "north").then(None).otherwise(pl.col("unique_id"))
    )
    result = naive().forecast(frame, 1)
    assert result["unique_id"].to_list() == [None, "south"]


@pytest.mark.parametrize(
    ("of_ids", "to"),
    [
        (lambda name: dt.date(2024, 1, 1 if name == "north" else 2), pl.Date),
        (lambda name: name == "north", pl.Boolean),
        (lambda name: 0.5 if name == "north" else 1.0, pl.Float64),
    ],
)
def test_ids_of_other_types_are_kept(of_ids, to):
    frame = pl.from_pandas(series())
    frame = frame.with_columns(pl.Series("unique_id", [of_ids(name) for name in frame["unique_id"]], dtype=to))
    result = naive().forecast(frame, 1)
    assert result["unique_id"].dtype == to
    assert set(result["unique_id"]) == set(frame["unique_id"])


def test_types_of_polars_are_kept():
    frame = pl.from_pandas(series()).with_columns(
        pl.col("ds").cast(pl.Date), pl.col("unique_id").cast(pl.Enum(["north", "south"]))
    )
    result = naive().forecast(frame, 3)
    assert result.schema["ds"] == pl.Date
    assert result.schema["unique_id"] == frame.schema["unique_id"]
    assert result["ds"].to_list()[0] == dt.date(2024, 3, 1)
    milliseconds = frame.with_columns(pl.col("ds").cast(pl.Datetime("ms")))
    assert naive().forecast(milliseconds, 3).schema["ds"] == pl.Datetime("ms")


def test_types_of_arrow_are_kept():
    table = of_library(series(), "pyarrow")
    types = {"unique_id": pa.dictionary(pa.int8(), pa.large_string()), "ds": pa.timestamp("s"), "y": pa.float32()}
    table = pa.table({name: table.column(name).cast(kind) for name, kind in types.items()})
    result = naive().forecast(table, 3)
    assert result.schema.field("ds").type == pa.timestamp("s")
    assert result.column("unique_id").cast(pa.string()).to_pylist()[:3] == ["north"] * 3


def test_dates_as_objects_of_python_come_back_as_such():
    frame = series()
    frame["ds"] = frame["ds"].dt.date
    result = naive().forecast(frame, 2)
    assert list(result["ds"])[:2] == [dt.date(2024, 3, 1), dt.date(2024, 3, 2)]


def test_periods_of_pandas_come_back_as_periods():
    frame = pd.DataFrame(
        {"ds": pd.period_range("2015-01", periods=48, freq="M"), "y": [float(k % 12) for k in range(48)]}
    )
    result = naive().forecast(frame, 2)
    assert list(result["ds"]) == [pd.Period("2019-01", "M"), pd.Period("2019-02", "M")]


def test_times_as_text_stay_text():
    frame = series()
    frame["ds"] = frame["ds"].dt.strftime("%Y-%m-%d")
    result = naive().forecast(frame, 2)
    assert list(result["ds"])[:2] == ["2024-03-01", "2024-03-02"]


@pytest.mark.parametrize("first", [1, 1990])
def test_times_as_numbers_stay_numbers(first):
    frame = pd.DataFrame({"ds": range(first, first + 30), "y": [float(k % 5) for k in range(30)]})
    result = Forecast(model="naive").forecast(frame, 3)
    assert str(result.dtypes["ds"]) == "int64"
    assert list(result["ds"]) == [first + 30, first + 31, first + 32]


def test_numbers_that_are_dates_stay_numbers():
    frame = series(names=("only",))
    frame["ds"] = frame["ds"].dt.strftime("%Y%m%d").astype(int)
    assert list(naive().forecast(frame, 2)["ds"]) == [20240301, 20240302]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kolkata"])
@pytest.mark.parametrize("library", LIBRARIES)
def test_time_zones_are_kept(library, zone):
    # with the change to summer time in Berlin
    times = pd.date_range("2024-03-20", periods=24 * 14, freq="h", tz="UTC").tz_convert(zone)
    frame = pd.DataFrame({"ds": times, "y": [float(k % 24) for k in range(len(times))]})
    given = of_library(frame, library)
    result = naive().forecast(given, 24)
    if library == "polars":
        assert result.schema["ds"] == given.schema["ds"]
    elif library == "pandas":
        assert result.dtypes["ds"] == given.dtypes["ds"]
    else:
        assert result.schema.field("ds").type == given.schema.field("ds").type
    expected = pd.date_range(times[-1] + pd.Timedelta("1h"), periods=24, freq="h")
    assert list(as_pandas(result)["ds"].dt.tz_convert(zone)) == list(expected)


def test_days_of_a_time_zone_are_kept():
    times = pd.date_range("2024-03-01", periods=60, freq="D", tz="Europe/Berlin")
    frame = pd.DataFrame({"ds": times, "y": [float(k % 7) for k in range(60)]})
    result = naive().forecast(frame, 3)
    assert list(result["ds"]) == list(pd.date_range("2024-04-30", periods=3, freq="D", tz="Europe/Berlin"))


def test_missing_values_are_filled_and_warned_of():
    frame = series(names=("only",))
    frame.loc[10:12, "y"] = None
    results = []
    for library in LIBRARIES:
        forecast = naive()
        results.append(as_pandas(forecast.forecast(of_library(frame, library), 7)))
        assert forecast.record["data"]["repairs"] == {"empty value filled": 3}
    assert results[0]["forecast"].tolist() == results[1]["forecast"].tolist() == results[2]["forecast"].tolist()


def test_columns_keep_the_names_of_the_user():
    frame = series().rename(columns={"unique_id": "shop", "ds": "the day", "y": "sales, EUR"})
    forecast = naive(level=[80])
    result = forecast.forecast(frame, 2, id_col="shop", time_col="the day", target_col="sales, EUR")
    assert list(result.columns) == ["shop", "the day", "forecast", "forecast-lo-80", "forecast-hi-80"]
    folds = forecast.cross_validation(frame, 2, 2, id_col="shop", time_col="the day", target_col="sales, EUR")
    assert list(folds.columns)[:4] == ["shop", "the day", "cutoff", "sales, EUR"]


def test_a_column_with_the_name_of_a_result_is_read():
    frame = series().rename(columns={"y": "forecast", "ds": "actual"})
    result = naive(level=None).forecast(frame, 2, time_col="actual", target_col="forecast")
    assert list(result.columns) == ["unique_id", "actual", "forecast"]


def test_several_id_columns():
    frame = series().assign(item=lambda rows: rows["y"].lt(150).map({True: 1, False: 2}))
    frame = pd.concat([series().assign(item=1), series().assign(item=2)])
    result = naive().forecast(frame, 2, id_col=["unique_id", "item"])
    assert list(result.columns)[:3] == ["unique_id", "item", "ds"]
    assert result.drop_duplicates(["unique_id", "item"]).shape[0] == 4
    assert str(result.dtypes["item"]) == "int64"


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_dataframe_without_ids_is_one_series(library):
    frame = of_library(series(names=("only",)).drop(columns="unique_id"), library)
    result = as_pandas(naive(level=[50]).forecast(frame, 3))
    assert list(result.columns) == ["ds", "forecast", "forecast-lo-50", "forecast-hi-50"]
    assert len(result) == 3


def test_relations_of_duckdb():
    connection_frame = series()
    relation = duckdb.from_arrow(of_library(connection_frame, "pyarrow"))
    result = naive().forecast(relation, 2)
    assert type(result) is type(relation)
    expected = naive().forecast(connection_frame, 2)
    assert result.fetchall() == [tuple(row) for row in expected.itertuples(index=False)]


def test_rows_in_any_order_give_the_same():
    frame = series()
    mixed = frame.sample(frac=1, random_state=1)
    mixed = pd.concat([mixed[mixed["unique_id"] == "north"], mixed[mixed["unique_id"] == "south"]])
    pd.testing.assert_frame_equal(naive().forecast(frame, 7), naive().forecast(mixed, 7))


def test_the_dataframe_is_not_changed():
    frame = series()
    before = frame.copy()
    naive().forecast(frame, 2)
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"time_col": "when"}, "`df` has no column 'when' (the columns are: unique_id, ds, y)"),
        ({"target_col": "sales"}, "`df` has no column 'sales' (the columns are: unique_id, ds, y)"),
        ({"id_col": "shop"}, "`df` has no column 'shop' (the columns are: unique_id, ds, y)"),
        ({"target_col": "unique_id", "id_col": None}, "the column 'unique_id' of `df` has the type"),
        ({"target_col": "ds"}, "the column 'ds' has two roles"),
    ],
)
def test_wrong_columns_are_named(columns, message):
    with pytest.raises((DataError, UsageError)) as caught:
        naive().fit(series(), **columns)
    assert message in str(caught.value)
    assert caught.value.hint
    assert caught.value.exit_code in (2, 3)


@pytest.mark.parametrize("given", [[1, 2, 3], "demand.csv", None, {"y": [1]}])
def test_what_is_no_dataframe_is_refused(given):
    with pytest.raises(UsageError, match="`df` is no dataframe"):
        naive().fit(given)


def test_no_rows_and_no_values_are_refused():
    with pytest.raises(DataError, match="has no rows"):
        naive().fit(series().iloc[:0])
    with pytest.raises(DataError, match="has no value"):
        naive().fit(pa.table({"ds": [1, 2], "y": pa.nulls(2)}))
