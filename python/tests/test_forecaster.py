"""The methods of ``Forecast``."""

from __future__ import annotations

import pickle
import shutil
import subprocess
import warnings
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import polars as pl
import pytest
from conftest import LIBRARIES, as_pandas, of_library, series

from forecast import DataError, Forecast, ForecastWarning, UsageError


def test_predict_trains_once_and_cuts_the_horizon(monkeypatch):
    forecast = Forecast(model="theta").fit(series())
    week = forecast.predict(7)
    calls = []
    monkeypatch.setattr(forecast._workspace.runner, "run", lambda *a: calls.append(a))
    three = forecast.predict(3)
    assert not calls
    expected = week.groupby("unique_id", sort=False).head(3).reset_index(drop=True)
    pd.testing.assert_frame_equal(three, expected)


def test_a_longer_horizon_trains_again():
    forecast = Forecast(model="theta").fit(series(), h=3)
    assert len(forecast.predict()) == 6
    assert len(forecast.predict(h=7)) == 14
    assert forecast.record["settings"]["horizon"] == 7


def test_fit_with_a_horizon_equals_predict_with_it():
    early = Forecast(model="theta").fit(series(), h=7).predict()
    late = Forecast(model="theta").fit(series()).predict(h=7)
    pd.testing.assert_frame_equal(early, late)


def test_levels_and_quantiles_name_the_columns():
    frame = series()
    assert list(Forecast(model="theta", level=None).forecast(frame, 1).columns)[2:] == ["forecast"]
    assert list(Forecast(model="theta", level=[90]).forecast(frame, 1).columns)[2:] == [
        "forecast",
        "forecast-lo-90",
        "forecast-hi-90",
    ]
    forecast = Forecast(model="theta", level=None, quantiles=[0.99])
    assert list(forecast.forecast(frame, 1).columns)[2:] == ["forecast", "forecast-q-0.99"]
    assert "forecast-lo-50" in forecast.predict(1, level=[50]).columns
    assert list(forecast.predict(1, quantiles=[0.05, 0.95]).columns)[3:] == ["forecast-lo-90", "forecast-hi-90"]


def test_other_levels_leave_the_median_as_it_is():
    forecast = Forecast(model="theta").fit(series(), h=7)
    usual, narrow = forecast.predict(), forecast.predict(level=[50])
    assert usual["forecast"].tolist() == narrow["forecast"].tolist()
    assert list(narrow.columns)[2:] == ["forecast", "forecast-lo-50", "forecast-hi-50"]
    inside = narrow["forecast-lo-50"].gt(usual["forecast-lo-80"]) & narrow["forecast-hi-50"].lt(usual["forecast-hi-80"])
    assert inside.all()


@pytest.mark.parametrize("freq", [None, "D", "daily", "1d", 1])
def test_the_frequency_has_names_of_several_libraries(freq):
    result = Forecast(freq=freq, model="naive").forecast(series(), 2)
    assert list(result["ds"])[:2] == list(pd.date_range("2024-03-01", periods=2))


@pytest.mark.parametrize(("freq", "first"), [("MS", "2024-03-01"), ("1mo", "2024-03-01"), ("W", "2024-03-04")])
def test_a_longer_frequency_aggregates(freq, first):
    # 9 weeks; with 60 days, an unfinished period is left out
    frame = series(days=70, names=("only",)) if freq == "W" else series(days=60, names=("only",))
    result = Forecast(freq=freq, model="naive", duplicates="sum", unfinished="drop").forecast(frame, 1)
    assert str(result["ds"].iloc[0].date()) >= first


def test_an_unknown_frequency_names_the_known_ones():
    with pytest.raises(UsageError) as caught:
        Forecast(freq="fortnightly").fit(series())
    assert "fortnightly" in str(caught.value) and "weekly" in str(caught.value)


@pytest.mark.parametrize("library", LIBRARIES)
def test_cross_validation(library):
    frame = series()
    forecast = Forecast(model="theta", level=[80])
    result = as_pandas(forecast.cross_validation(of_library(frame, library), h=5, n_windows=3))
    assert list(result.columns) == ["unique_id", "ds", "cutoff", "y", "forecast", "forecast-lo-80", "forecast-hi-80"]
    assert len(result) == 2 * 3 * 5
    north = result[result["unique_id"] == "north"]
    assert sorted(set(north["cutoff"])) == [pd.Timestamp(f"2024-02-{day}") for day in (14, 19, 24)]
    actual = frame.set_index(["unique_id", "ds"])["y"]
    assert [actual[key] for key in zip(result["unique_id"], result["ds"], strict=True)] == result["y"].tolist()
    assert (result["ds"] > result["cutoff"]).all()
    scores = as_pandas(forecast.leaderboard)
    assert set(scores["model"]) == {"theta", "seasonal-naive"}
    error = (result["y"] - result["forecast"]).abs().mean()
    assert scores.set_index("model").loc["theta", "mae"] == pytest.approx(error, rel=1e-4)


def test_cross_validation_compares_models():
    forecast = Forecast(level=[80])
    result = forecast.cross_validation(
        series(), 7, n_windows=2, step_size=3, models=["theta", "naive", "seasonal-naive"]
    )
    assert list(result.columns) == ["unique_id", "ds", "cutoff", "y"] + [
        f"{model}{part}" for model in ("theta", "naive", "seasonal-naive") for part in ("", "-lo-80", "-hi-80")
    ]
    assert forecast.leaderboard["mase"].is_monotonic_increasing
    assert len(forecast.leaderboard) == 3
    assert "seasonal naive" in str(forecast.verdict)


def test_cross_validation_refuses_more_folds_than_the_history_has():
    with pytest.raises(UsageError) as caught:
        Forecast(model="theta").cross_validation(series(), 14, n_windows=50)
    assert "n_windows=" in caught.value.hint


def test_the_verdict_and_the_leaderboard_of_a_fit(demand):
    forecast = Forecast(model="theta").fit(demand, h=7, time_col="date", target_col="demand")
    verdict = forecast.verdict
    assert str(verdict) == verdict.sentence and "theta" in verdict.sentence
    assert verdict.folds == 5 and verdict.points == 35
    assert verdict.skill == pytest.approx(1 - verdict.mase / verdict.seasonal_naive_mase)
    board = forecast.leaderboard
    assert dict(zip(board["model"], board["mase"], strict=True)) == {
        "theta": verdict.mase,
        "seasonal-naive": verdict.seasonal_naive_mase,
    }


@pytest.mark.parametrize("library", LIBRARIES)
def test_update_forecasts_from_the_new_rows(library):
    frame = series(days=90)
    early, late = frame[frame["ds"] < "2024-03-20"], frame[frame["ds"] >= "2024-03-20"]
    forecast = Forecast(model="theta").fit(of_library(early, library), h=7)
    before = as_pandas(forecast.predict())
    updated = forecast.update(of_library(late, library))
    assert type(updated) is type(of_library(early, library))
    updated = as_pandas(updated)
    assert before["ds"].iloc[0] == pd.Timestamp("2024-03-20")
    assert updated["ds"].iloc[0] == pd.Timestamp("2024-03-31")
    assert as_pandas(forecast.predict()).equals(updated)
    # the data have the new rows, too
    other = as_pandas(forecast.predict(level=[50]))
    assert other["ds"].tolist() == updated["ds"].tolist()
    assert other["forecast"].tolist() == updated["forecast"].tolist()
    longer = as_pandas(forecast.predict(h=9))
    whole = as_pandas(Forecast(model="theta").forecast(of_library(frame, library), 9))
    pd.testing.assert_frame_equal(longer, whole)


def test_update_of_an_update_and_revised_values():
    frame = series(days=90, names=("only",))
    forecast = Forecast(model="theta").fit(frame.iloc[:80], h=3)
    forecast.update(frame.iloc[80:85])
    with pytest.warns(ForecastWarning, match="1 earlier value"):
        forecast.update(frame.iloc[84:].assign(y=lambda rows: rows["y"] + 1))
    assert forecast._data.table.num_rows == 90
    values = forecast._data.table.column("y").to_pylist()
    assert values[84] == frame["y"].iloc[84] + 1 and values[83] == frame["y"].iloc[83]


def test_update_needs_a_model():
    with pytest.raises(UsageError, match="no data"):
        Forecast().update(series())
    with pytest.raises(UsageError, match="no model was trained"):
        Forecast(model="theta").fit(series()).update(series())


def test_pictures_and_the_report(tmp_path):
    forecast = Forecast(model="theta").fit(series(), h=7)
    picture = forecast.plot()
    assert picture.content.startswith(b"\x89PNG")
    assert picture.save(tmp_path / "a.png").read_bytes() == picture.content
    drawn = forecast.plot("svg", width=800, title="Zürich & co")
    assert b"<svg" in drawn.content and "Zürich &amp; co" in drawn.content.decode()
    assert set(drawn._repr_mimebundle_()) == {"image/svg+xml"}
    page = forecast.report(tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text("utf-8") == page
    assert page.lower().startswith("<!doctype html")
    shown = forecast._repr_html_()
    assert shown.startswith("<iframe srcdoc=") and "sandbox" in shown
    assert Forecast(model="theta")._repr_html_().startswith("<code>Forecast(")
    forecast.cross_validation(series(), 7, 2)
    assert forecast.plot().content != picture.content
    with pytest.raises(UsageError, match="theme"):
        forecast.plot(theme="pink")


def test_errors_have_text_hint_and_exit_code():
    twice = pd.concat([series(), series().assign(y=1.0)])
    with pytest.raises(DataError) as caught:
        Forecast().fit(twice)
    error = caught.value
    assert error.exit_code == 3
    assert error.message.startswith("`df`")
    assert 'duplicates="sum"' in error.hint and "--" not in error.hint
    assert str(error) == f"{error.message}\nhint: {error.hint}"
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.message, copy.hint, copy.exit_code) == (error.message, error.hint, 3)


def test_options_are_those_of_the_command_line():
    assert len(Forecast(model="naive", duplicates="mean").forecast(pd.concat([series(), series()]), 1)) == 2
    with pytest.raises(UsageError, match="wrong-option"):
        Forecast(wrong_option=1).fit(series(), h=1)
    with pytest.raises(UsageError, match="`horizon` is no option of Forecast"):
        Forecast(horizon=7)
    with pytest.raises(UsageError, match="no-such-model"):
        Forecast(model="no-such-model").fit(series(), h=1)
    with pytest.raises(UsageError, match="the number of steps is 0"):
        Forecast().fit(series()).predict(0)
    with pytest.raises(UsageError, match="the number of steps is missing"):
        Forecast().fit(series()).predict()


def test_sums_of_a_hierarchy_are_in_the_result():
    frame = series(names=(1, 2)).rename(columns={"unique_id": "shop"})
    result = Forecast(model="theta", reconcile=True).forecast(frame, 2, id_col="shop")
    assert list(result["shop"]) == ["(all)", "(all)", "1", "1", "2", "2"]
    by_shop = result.set_index(["shop", "ds"])["forecast"].unstack("shop")
    assert by_shop["(all)"].to_numpy() == pytest.approx((by_shop["1"] + by_shop["2"]).to_numpy(), rel=1e-6)


def test_notices_become_warnings_at_the_line_of_the_caller():
    frame = series(days=91, names=("only",))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        forecast = Forecast("monthly", model="naive", duplicates="sum").fit(frame)
        forecast.predict(2)
        forecast.predict(3)
    texts = [str(warning.message) for warning in caught if warning.category is ForecastWarning]
    assert texts == ["91 rows aggregated by their sum, monthly"]
    assert all(warning.filename == __file__ for warning in caught if warning.category is ForecastWarning)


def test_series_without_a_forecast_are_warned_of():
    frame = series()
    frame.loc[frame["unique_id"] == "south", "y"] = None
    with pytest.warns(ForecastWarning, match="1 series has no forecast"):
        forecast = Forecast(model="theta").fit(frame, h=2)
    assert set(forecast.predict()["unique_id"]) == {"north"}
    failed = forecast.failed
    assert list(failed["unique_id"]) == ["south"] and len(failed["reason"].iloc[0]) > 5


def test_the_failures_of_a_cross_validation_are_those_of_its_own_data():
    forecast = Forecast(model="theta")
    forecast.cross_validation(series(), 7, 2)
    assert list(forecast.failed.columns) == ["unique_id", "reason"] and len(forecast.failed) == 0
    # the data of the fit have other columns, and the cross validation is the latest run
    forecast.fit(series(), h=2)
    other = series().rename(columns={"unique_id": "shop", "ds": "day", "y": "sold"})
    other.loc[other["shop"] == "south", "sold"] = None
    forecast.cross_validation(other, 7, 2, id_col="shop", time_col="day", target_col="sold")
    failed = forecast.failed
    assert list(failed.columns) == ["shop", "reason"] and list(failed["shop"]) == ["south"]
    forecast.predict(3)
    assert list(forecast.failed.columns) == ["unique_id", "reason"] and len(forecast.failed) == 0


def test_a_cross_validation_has_the_options_that_are_not_of_a_forecast_alone():
    frame = series()
    # a backtest writes no sums of a hierarchy
    forecast = Forecast(model="theta", no_report=True, reconcile=True)
    forecast.cross_validation(frame, 7, 2)
    assert "<iframe" not in forecast._repr_html_()
    with pytest.raises(UsageError, match="bugdet"):
        Forecast(model="theta", bugdet="5s").cross_validation(frame, 7, 2)


def test_two_threads_at_once():
    frames = {name: series(names=(name,)) for name in ("a", "b", "c", "d")}
    alone = {name: Forecast(model="theta").forecast(frame, 7) for name, frame in frames.items()}
    with ThreadPoolExecutor(2) as pool:
        together = dict(
            zip(
                frames, pool.map(lambda frame: Forecast(model="theta").forecast(frame, 7), frames.values()), strict=True
            )
        )
    for name in frames:
        pd.testing.assert_frame_equal(alone[name], together[name])
    shared = Forecast(model="theta").fit(frames["a"])
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(shared.predict, [3, 7, 5, 7]))
    assert [len(rows) for rows in results] == [3, 7, 5, 7]
    # the first steps of a longer forecast are those of a shorter one, for this model
    pd.testing.assert_frame_equal(results[0], results[1].head(3))


def test_paths_with_spaces_and_umlauts(program, tmp_path, monkeypatch):
    folder = tmp_path / "mein Ordner für Prognosen"
    folder.mkdir()
    shutil.copy(program, folder / "forecast")
    monkeypatch.setenv("FORECAST_BINARY", str(folder / "forecast"))
    monkeypatch.setattr("forecast.program.PACKAGED", folder / "none")
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    forecast = Forecast(model="theta").fit(series(names=("Köln Süd",)), h=2)
    assert (forecast._workspace.folder).parent == folder
    assert set(forecast.predict()["unique_id"]) == {"Köln Süd"}
    forecast.save(folder / "gemerkt für später")
    assert len(Forecast.load(folder / "gemerkt für später").predict()) == 2


def test_frames_of_polars_need_no_pandas():
    frame = pl.from_pandas(series())
    code = (
        "import sys, pickle\n"
        "class NoPandas:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'pandas': raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, NoPandas())\n"
        "from forecast import Forecast\n"
        "frame = pickle.load(sys.stdin.buffer)\n"
        "print(Forecast(model='theta').forecast(frame, 2).height)\n"
    )
    import sys

    run = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(frame), capture_output=True)
    assert run.stdout.strip() == b"4", run.stderr.decode()
