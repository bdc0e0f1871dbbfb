"""Intervals of several levels, single quantiles, and how often intervals cover the value."""

from pathlib import Path

import pandas as pd

from forecast import Forecast

DATASETS = Path(__file__).parents[2] / "datasets"

df = pd.read_csv(DATASETS / "weather.csv", parse_dates=["date"])
df = df.rename(columns={"date": "ds", "temp_max": "y"}).assign(unique_id="Seattle")[["unique_id", "ds", "y"]]

f = Forecast(model="theta", level=[50, 80, 99], quantiles=[0.9])
print(f.fit(df).predict(h=7).round(1).T)

folds = f.cross_validation(df, h=7, n_windows=8)
for level in (50, 80, 99):
    inside = folds["y"].between(folds[f"forecast-lo-{level}"], folds[f"forecast-hi-{level}"])
    print(f"{level} % interval: covers {inside.mean():.0%} of {len(folds)} values")
