"""Forecasts of time series in dataframes, with intervals and a comparison with seasonal naive.

>>> f = Forecast()
>>> f.fit(df)  # columns unique_id, ds, y
>>> f.predict(h=14)  # the same kind of dataframe
>>> print(f.verdict)
"""

from importlib import metadata as _metadata

from forecast.errors import DataError, ForecastError, ForecastWarning, ProgramError, UsageError
from forecast.forecaster import Forecast
from forecast.results import Picture, Verdict

try:
    __version__ = _metadata.version("forecast")
except _metadata.PackageNotFoundError:  # a checkout on PYTHONPATH
    __version__ = "0+unknown"

__all__ = [
    "DataError",
    "Forecast",
    "ForecastError",
    "ForecastWarning",
    "Picture",
    "ProgramError",
    "UsageError",
    "Verdict",
]
