"""A forecaster with the interface of sktime, for its pipelines, tuning and evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sktime.forecasting.base import BaseForecaster, ForecastingHorizon

from forecast.forecaster import Forecast
from forecast.options import Option

# Models that use covariates.
_WITH_COVARIATES = ("auto", "global")


class SktimeForecaster(BaseForecaster):  # type: ignore[misc]
    """Forecasts one series with the program, as a forecaster of sktime.

    Args:
        model: The model: ``"auto"``, an ensemble, or a single one such as ``"theta"``.
        season: Steps after which the pattern repeats; by default those of the calendar, or those found in the values.
        options: Further options of :class:`forecast.Forecast`.

    Examples:
    >>> from sktime.datasets import load_airline
    >>> from forecast.sktime import SktimeForecaster
    >>> forecaster = SktimeForecaster("theta").fit(load_airline(), fh=[1, 2, 3])
    >>> y_pred = forecaster.predict()
    """

    _tags = {  # noqa: RUF012 (sktime reads it from the class)
        "authors": "the authors of forecast",
        "python_dependencies": ["pandas", "pyarrow", "narwhals"],
        "capability:exogenous": True,
        "capability:categorical_in_X": False,
        "capability:insample": False,
        "capability:pred_int": True,
        "capability:pred_int:insample": False,
        "capability:missing_values": True,
        "y_inner_mtype": "pd.Series",
        "X_inner_mtype": "pd.DataFrame",
        "requires-fh-in-fit": True,
        "X-y-must-have-same-index": True,
    }

    def __init__(
        self,
        model: str = "auto",
        season: int | Sequence[int] | None = None,
        options: Mapping[str, Option] | None = None,
    ) -> None:
        """Keep the settings."""
        self.model = model
        self.season = season
        self.options = options
        super().__init__()
        if model not in _WITH_COVARIATES:
            self.set_tags(**{"capability:exogenous": False})

    def _fit(self, y: pd.Series, X: pd.DataFrame | None, fh: Any) -> SktimeForecaster:
        # the last value is one to forecast from, whether its period has ended or not
        settings: dict[str, Any] = {
            "no_report": True,
            "unfinished": "keep",
            "season": self.season,
            **(self.options or {}),
        }
        forecast = Forecast(level=None, model=self.model, progress=False, **settings)
        self._horizon = int(self._steps(fh).max())
        frame = _frame(y.index).assign(y=y.to_numpy(dtype=float))
        if X is None or X.shape[1] == 0:
            self._forecast = forecast.fit(frame, h=self._horizon, id_col=None)
        else:
            # the future values of covariates are known in `predict`, where the model is trained
            frame = frame.assign(**_columns(X))
            self._forecast = forecast.fit(frame, id_col=None)
        return self

    def _predict(self, fh: Any, X: pd.DataFrame | None) -> pd.Series:
        rows = self._forecast.predict(self._horizon, X_df=self._future(X))
        values = rows["forecast"].to_numpy()[self._steps(fh) - 1]
        return pd.Series(values, index=fh.to_absolute_index(self.cutoff), name=self._y.name)

    def _predict_quantiles(self, fh: Any, X: pd.DataFrame | None, alpha: list[float]) -> pd.DataFrame:
        # each with its mirror image, so that both are the ends of an interval
        wanted = sorted({round(share, 10) for one in alpha for share in (one, 1 - one)})
        rows = self._forecast.predict(self._horizon, X_df=self._future(X), quantiles=wanted)
        columns = pd.MultiIndex.from_product([self._get_varnames(), alpha])
        values = [rows[_quantile_column(share)].to_numpy()[self._steps(fh) - 1] for share in alpha]
        return pd.DataFrame(np.column_stack(values), index=fh.to_absolute_index(self.cutoff), columns=columns)

    def _steps(self, fh: Any) -> np.ndarray[Any, np.dtype[np.int64]]:
        return np.asarray(fh.to_relative(self.cutoff).to_numpy(), dtype=np.int64)

    def _future(self, X: pd.DataFrame | None) -> pd.DataFrame | None:
        if X is None or X.shape[1] == 0:
            return None
        steps = ForecastingHorizon(range(1, self._horizon + 1)).to_absolute_index(self.cutoff)
        # steps that are not asked for may have no row
        return _frame(steps).assign(**_columns(X.reindex(steps).ffill().bfill()))

    @classmethod
    def get_test_params(cls, parameter_set: str = "default") -> list[dict[str, Any]]:
        """Return settings for the tests of sktime."""
        return [{"model": "theta"}, {"model": "naive", "options": {"spikes": "keep"}}]


def _frame(index: pd.Index[Any]) -> pd.DataFrame:
    """Return a dataframe with the times of an index."""
    times = index.to_timestamp() if isinstance(index, pd.PeriodIndex) else index
    return pd.DataFrame({"ds": times})


def _columns(X: pd.DataFrame) -> dict[str, Any]:
    return {str(name): X[name].to_numpy() for name in X.columns}


def _quantile_column(share: float) -> str:
    if round(share, 10) == 0.5:
        return "forecast"
    side = "lo" if share < 0.5 else "hi"
    return f"forecast-{side}-{round(abs(1 - 2 * share) * 100, 8):g}"
