"""Many series in one dataframe of Polars, which several columns identify."""

from pathlib import Path

import polars as pl

from forecast import Forecast

DATASETS = Path(__file__).parents[2] / "datasets"

df = pl.read_csv(DATASETS / "tourism.csv").filter(pl.col("state") == "Victoria")

f = Forecast(model="theta")
forecasts = f.forecast(df, h=8, id_col=["state", "region", "purpose"], time_col="quarter", target_col="trips")

print(forecasts.head())
print(f"{forecasts.n_unique(['region', 'purpose'])} series, {f.record['data']['frequency']}")
