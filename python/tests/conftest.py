"""Data in dataframes of several libraries."""

from __future__ import annotations

import warnings
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from forecast import ForecastWarning
from forecast.program import find

DATASETS = Path(__file__).parents[2] / "datasets"
# The libraries whose dataframes have to give equal values.
LIBRARIES = ["pandas", "polars", "pyarrow"]


@pytest.fixture(autouse=True, scope="session")
def program():
    """Fail at once, with the reason, where there is no program."""
    return find()


@pytest.fixture(autouse=True)
def quiet_notices():
    """Leave out what the program tells of the data, except in tests that ask for it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ForecastWarning)
        yield


def of_library(frame: pd.DataFrame, library: str):
    """The rows of a dataframe of pandas in another library."""
    if library == "pandas":
        return frame
    if library == "polars":
        return pl.from_pandas(frame)
    if library == "polars lazy":
        return pl.from_pandas(frame).lazy()
    if library == "pyarrow":
        return pa.Table.from_pandas(frame, preserve_index=False)
    raise AssertionError(library)


def as_pandas(frame) -> pd.DataFrame:
    """The rows of any dataframe in pandas, for comparisons of values."""
    if isinstance(frame, pl.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, pl.DataFrame):
        frame = frame.to_arrow()
    return frame.to_pandas() if isinstance(frame, pa.Table) else frame


def series(days: int = 60, names: tuple = ("north", "south"), start: str = "2024-01-01") -> pd.DataFrame:
    """Daily series with a weekly pattern, one for each name, in the columns unique_id, ds and y."""
    times = pd.date_range(start, periods=days, freq="D").astype("datetime64[ns]")
    parts = []
    for number, name in enumerate(names):
        values = [100.0 * (number + 1) + 10 * (day % 7) + (day * 7919 % 13) / 10 for day in range(days)]
        parts.append(pd.DataFrame({"unique_id": [name] * days, "ds": times, "y": values}))
    return pd.concat(parts, ignore_index=True)


@pytest.fixture
def demand() -> pd.DataFrame:
    """Daily demand for electricity: date, demand, temperature, holiday."""
    return pd.read_csv(DATASETS / "demand.csv", parse_dates=["date"])
