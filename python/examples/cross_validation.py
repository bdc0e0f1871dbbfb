"""Forecasts of the past from several cutoffs, and their errors."""

from pathlib import Path

import polars as pl

from forecast import Forecast

DATASETS = Path(__file__).parents[2] / "datasets"

df = pl.read_csv(DATASETS / "demand.csv", try_parse_dates=True).select(
    unique_id=pl.lit("Victoria"), ds="date", y="demand"
)

f = Forecast(freq="1d", level=[90], model="theta")
folds = f.cross_validation(df, h=14, n_windows=4, step_size=7)

errors = folds.group_by("cutoff", maintain_order=True).agg(mae=(pl.col("y") - pl.col("forecast")).abs().mean())
print(errors)
print(f.leaderboard)
