"""A recurrent network: trained for a horizon, saved by its settings and seed."""

from pathlib import Path

import pandas as pd

from forecast import Forecast

DATASETS = Path(__file__).parents[2] / "datasets"

df = pd.read_csv(DATASETS / "demand.csv", parse_dates=["date"])
df = df.rename(columns={"date": "ds", "demand": "y"}).assign(unique_id="Victoria")[["unique_id", "ds", "y"]]

f = Forecast(freq="D", model="gru", hidden=16, epochs=20, seed=1)
f.fit(df, h=12)
forecasts = f.predict()

print(forecasts.head())
print(f"{f.record['training']['epochs']} epochs: {f.record['training']['sentence']}")
