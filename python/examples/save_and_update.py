"""A model that is saved, loaded in another place, and forecasts from newer rows without training."""

import tempfile
import warnings
from pathlib import Path

import pandas as pd

from forecast import Forecast, ForecastWarning

DATASETS = Path(__file__).parents[2] / "datasets"

df = pd.read_csv(DATASETS / "demand.csv", parse_dates=["date"])
df = df.rename(columns={"date": "ds", "demand": "y"}).assign(unique_id="Victoria")[["unique_id", "ds", "y"]]
old, new = df[df["ds"] < "2014-12-01"], df[df["ds"] >= "2014-12-01"]

with tempfile.TemporaryDirectory() as folder:
    Forecast(model="theta").fit(old, h=7).save(Path(folder) / "kept")
    f = Forecast.load(Path(folder) / "kept")

print(f.predict().head(3))
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always", ForecastWarning)
    print(f.update(new).head(3))
print("\n".join(str(warning.message) for warning in caught))
