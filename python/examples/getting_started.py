"""One series: fit, predict, and the verdict on the model."""

from pathlib import Path

import pandas as pd

from forecast import Forecast

DATASETS = Path(__file__).parents[2] / "datasets"

df = pd.read_csv(DATASETS / "prices.csv", parse_dates=["date"])
df = df.rename(columns={"date": "ds", "price": "y"}).assign(unique_id="gasoline")

f = Forecast(freq="W", level=[95], model="ets")
f.fit(df)
forecasts = f.predict(h=13)

print(forecasts.head())
print(f.verdict)
