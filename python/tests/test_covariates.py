"""Covariates, their future, categories and holidays in the methods of ``Forecast``."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import LIBRARIES, as_pandas, of_library, series

from forecast import DataError, Forecast, ForecastError, UsageError

# long enough for a covariate to be found, and no longer
BUDGET = "4s"


def covariate_series() -> tuple[pd.DataFrame, pd.DataFrame]:
    """A series that follows a covariate, and the future values of the covariate."""
    generator = np.random.default_rng(7)
    price = generator.normal(size=114)
    times = pd.date_range("2024-01-01", periods=114, freq="D")
    y = 50 + 20 * price + 3 * (np.arange(114) % 7) + generator.normal(scale=0.5, size=114)
    frame = pd.DataFrame({"unique_id": "shop", "ds": times, "y": y, "price": price})
    return frame.iloc[:100], frame.iloc[100:].drop(columns="y")


def covariate_actual() -> np.ndarray:
    """The values that belong to the future rows."""
    _, future = covariate_series()
    return 50 + 20 * future["price"].to_numpy() + 3 * (np.arange(100, 114) % 7)


@pytest.mark.parametrize("library", LIBRARIES)
def test_known_covariates_improve_the_forecast(library):
    past, future = covariate_series()
    actual = covariate_actual()
    without = np.full(14, past["y"].mean())
    forecast = Forecast().fit(of_library(past, library))
    given = as_pandas(forecast.predict(14, X_df=of_library(future, library)))["forecast"].to_numpy()
    assert not any("future.arrow" in path for path in forecast._workspace.runner.names)
    assert abs(given - actual).mean() < 0.5 * abs(without - actual).mean()
    assert forecast.record["data"]["covariates"][0]["name"] == "price"
    # other values of the future need no training
    folder = forecast._fit.run.folder
    other = as_pandas(forecast.predict(14, X_df=of_library(future.assign(price=-future["price"]), library)))
    assert forecast._fit.run.folder == folder
    assert abs(other["forecast"].to_numpy() - given).mean() > 5


def test_covariates_that_are_missing_are_named():
    past, future = covariate_series()
    with pytest.raises(UsageError, match="names 'price'"):
        Forecast().fit(past.drop(columns="price")).predict(14, X_df=future)
    with pytest.raises(UsageError, match="no column besides ids and times"):
        Forecast().fit(past).predict(14, X_df=future.drop(columns="price"))
    with pytest.raises(DataError, match="`X_df` has no column 'ds'"):
        Forecast().fit(past).predict(14, X_df=future.drop(columns="ds"))
    with pytest.raises(ForecastError) as caught:
        Forecast().forecast(past, 20, X_df=future)
    assert "price" in str(caught.value)
    with pytest.raises(UsageError) as caught:
        Forecast(model="theta").forecast(past, 14, X_df=future)
    assert 'model="auto"' in caught.value.hint


def test_holidays_are_those_of_a_country(demand):
    forecast = Forecast(holidays="AU", budget=BUDGET)
    forecast.forecast(demand, 7, time_col="date", target_col="demand")
    assert any(
        "AU" in covariate["name"] or "holiday" in str(covariate) for covariate in forecast.record["data"]["covariates"]
    )


def test_cross_validation_with_a_covariate_that_is_known():
    past, _ = covariate_series()
    forecast = Forecast(budget=BUDGET)
    blind = forecast.cross_validation(past, 7, 2)
    knowing = forecast.cross_validation(past, 7, 2, known=["price"])
    errors = [(rows["y"] - rows["forecast"]).abs().mean() for rows in (blind, knowing)]
    assert errors[1] < 0.5 * errors[0]


@pytest.mark.parametrize("name", ["promotion", "forecast", "promotion, planned"])
@pytest.mark.parametrize("as_text", [False, True])
def test_categories_are_covariates_under_any_name(name, as_text):
    past = series(40, ("north",)).assign(**{name: [day * 5 % 3 for day in range(40)]})
    forecast = Forecast(categories=name if as_text else [name]).fit(past, 2)
    (covariate,) = forecast.record["data"]["covariates"]
    assert covariate["name"] == {"forecast": "forecast 2"}.get(name, name.replace(",", ""))
    assert covariate["kind"] == {"category": ["0", "1", "2"]}
    # data that are only read are checked, too
    forecast.fit(past)
    with pytest.raises(UsageError, match="`categories` names"):
        forecast.fit(past.drop(columns=name))


def test_covariates_of_all_libraries_give_equal_values():
    past, future = covariate_series()
    past, future = past.tail(40), future.head(2).assign(weekday=["x", "y"])
    past = past.assign(weekday=["x", "y"] * 20)
    results = [
        as_pandas(Forecast().forecast(of_library(past, library), 2, of_library(future, library)))
        for library in LIBRARIES
    ]
    for other in results[1:]:
        pd.testing.assert_frame_equal(results[0], other, check_dtype=False)
