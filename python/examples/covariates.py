"""Covariates that are known in the future, and public holidays."""

from pathlib import Path

import pandas as pd

from forecast import Forecast

DATASETS = Path(__file__).parents[2] / "datasets"

df = pd.read_csv(DATASETS / "demand.csv", parse_dates=["date"])
df = df.rename(columns={"date": "ds", "demand": "y"}).assign(unique_id="Victoria").drop(columns="holiday").tail(150)
train, test = df.iloc[:-14], df.iloc[-14:]

without = Forecast(seed=1).forecast(train[["unique_id", "ds", "y"]], h=14)
f = Forecast(holidays="AU", seed=1).fit(train)
with_temperature = f.predict(h=14, X_df=test.drop(columns="y"))

for name, forecasts in (("without", without), ("with temperature and holidays", with_temperature)):
    error = (test["y"].to_numpy() - forecasts["forecast"]).abs().mean()
    print(f"{name}: mean absolute error {error:,.0f} MWh")
