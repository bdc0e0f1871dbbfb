"""Saved forecasts: their folders, and copies by pickle."""

from __future__ import annotations

import pickle
import subprocess
from pathlib import Path

import pandas as pd
import pytest
from conftest import LIBRARIES, as_pandas, of_library, series

from forecast import Forecast, UsageError


@pytest.mark.parametrize("library", [*LIBRARIES, "polars lazy"])
def test_a_saved_forecast_is_loaded_as_it_was(library, tmp_path):
    frame = of_library(series(names=(3, 5)), library)
    forecast = Forecast(model="theta", level=[80], duplicates="sum").fit(frame, h=7)
    forecast.save(tmp_path / "kept")
    loaded = Forecast.load(tmp_path / "kept")
    assert repr(loaded) == repr(forecast)
    result = loaded.predict()
    assert type(result) is type(forecast.predict())
    pd.testing.assert_frame_equal(as_pandas(result), as_pandas(forecast.predict()))
    assert loaded.verdict == forecast.verdict
    pd.testing.assert_frame_equal(as_pandas(loaded.predict(9)), as_pandas(forecast.predict(9)))
    loaded.save(tmp_path / "kept")
    later = series(days=70, names=(3, 5))
    pd.testing.assert_frame_equal(
        as_pandas(Forecast.load(tmp_path / "kept").update(of_library(later, library))),
        as_pandas(forecast.update(of_library(later, library))),
    )


def test_the_command_line_reads_a_saved_forecast(program, tmp_path):
    Forecast(model="theta").fit(series(), h=7).save(tmp_path / "kept")
    command = [program, "plot", tmp_path / "kept", f"--out={tmp_path / 'pictures'}"]
    subprocess.run(command, check=True, capture_output=True)
    assert (tmp_path / "pictures/forecast.png").is_file()


def test_folders_of_others_are_not_replaced(tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own/letter.txt").write_text("dear")
    forecast = Forecast(model="theta").fit(series(), h=7)
    with pytest.raises(UsageError, match="not replaced"):
        forecast.save(tmp_path / "own")
    assert (tmp_path / "own/letter.txt").read_text() == "dear"
    with pytest.raises(UsageError, match="has no saved forecast"):
        Forecast.load(tmp_path / "own")


def test_a_save_that_fails_leaves_the_earlier_folder(tmp_path, monkeypatch):
    forecast = Forecast(model="theta").fit(series(), h=7)
    kept = forecast.save(tmp_path / "kept")
    rename = Path.rename

    def interrupted(path, target):
        if path.name == "new":
            raise KeyboardInterrupt
        return rename(path, target)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "rename", interrupted)
        forecast.save(kept)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert len(Forecast.load(kept).predict()) == 14


def test_copies_by_pickle_work_without_the_original():
    forecast = Forecast(model="theta").fit(series(), h=7)
    expected = forecast.predict()
    content = pickle.dumps(forecast)
    del forecast
    copy = pickle.loads(content)
    pd.testing.assert_frame_equal(copy.predict(), expected)
    assert len(copy.predict(9)) == 18
    assert repr(pickle.loads(pickle.dumps(Forecast(level=[50])))) == repr(Forecast(level=[50]))
