"""Several models on the same folds, side by side."""

from pathlib import Path

import pandas as pd

from forecast import Forecast

DATASETS = Path(__file__).parents[2] / "datasets"

df = pd.read_csv(DATASETS / "prices.csv", parse_dates=["date"])
df = df.rename(columns={"date": "ds", "price": "y"}).assign(unique_id="gasoline").tail(260)

f = Forecast(freq="W", level=[80])
folds = f.cross_validation(df, h=4, n_windows=5, models=["naive", "drift", "theta", "ets"])

print(folds[["ds", "cutoff", "y", "naive", "drift", "theta", "ets"]].head())
print(f.leaderboard[["model", "mase", "mae", "coverage_80"]])
print(f.verdict)
