"""Networks that were trained on other series before, and forecast without training."""

from pathlib import Path

import polars as pl

from forecast import Forecast

DATASETS = Path(__file__).parents[2] / "datasets"

df = (
    pl.read_csv(DATASETS / "tourism.csv")
    .group_by("state", "quarter", maintain_order=True)
    .agg(pl.col("trips").sum())
    .rename({"state": "unique_id", "quarter": "ds", "trips": "y"})
)

f = Forecast(freq="quarterly", model="pretrained")
print(f.forecast(df, h=8).head())
print(f.verdict)
