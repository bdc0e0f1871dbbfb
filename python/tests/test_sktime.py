"""The forecaster with the interface of sktime."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sktime.datasets import load_airline
from sktime.forecasting.model_evaluation import evaluate
from sktime.split import ExpandingWindowSplitter
from sktime.utils.estimator_checks import check_estimator

from forecast import Forecast
from forecast.sktime import SktimeForecaster

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning")
# Each check fits the model several times, so that all of them take minutes.
CHECKS = [
    "test_cutoff",
    "test_fh_attribute",
    "test_fit_predict",
    "test_predict_series_name_preserved",
    "test_set_params",
    "test_class_has_doctest_example",
    "test_clone",
    "test_persistence_via_pickle",
]


def test_it_forecasts_as_the_package_does():
    y = load_airline()
    own = SktimeForecaster("theta").fit(y, fh=[1, 2, 5])
    frame = pd.DataFrame({"ds": y.index.to_timestamp(), "y": y.to_numpy()})
    expected = Forecast(model="theta", level=[80]).forecast(frame, 5)
    forecast = own.predict()
    assert list(forecast.index) == [y.index[-1] + step for step in (1, 2, 5)]
    assert forecast.tolist() == expected["forecast"].iloc[[0, 1, 4]].tolist()
    interval = own.predict_interval(coverage=0.8)
    assert interval.iloc[:, 0].tolist() == expected["forecast-lo-80"].iloc[[0, 1, 4]].tolist()
    assert interval.iloc[:, 1].tolist() == expected["forecast-hi-80"].iloc[[0, 1, 4]].tolist()


def test_covariates_are_those_of_the_horizon():
    generator = np.random.default_rng(3)
    times = pd.period_range("2024-01-01", periods=64, freq="D")
    X = pd.DataFrame({"price": generator.normal(size=64)}, index=times)
    y = 50 + 20 * X["price"] + generator.normal(scale=0.5, size=64)
    forecast = SktimeForecaster("auto").fit(y[:60], X=X[:60], fh=[1, 2, 4]).predict(X=X[60:])
    actual = y.loc[forecast.index]
    assert (forecast - actual).abs().mean() < 0.5 * (actual - y[:60].mean()).abs().mean()


def test_evaluation_of_sktime():
    y = load_airline()
    splitter = ExpandingWindowSplitter(fh=[1, 2, 3], initial_window=130, step_length=6)
    scores = evaluate(SktimeForecaster("theta"), splitter, y)
    assert len(scores) == 2 and scores.iloc[:, 0].between(0, 1).all()


def test_the_checks_of_sktime_pass():
    results = check_estimator(SktimeForecaster("naive"), tests_to_run=CHECKS, verbose=False)
    failed = {name: result for name, result in results.items() if result != "PASSED"}
    assert not failed and len(results) > 10
