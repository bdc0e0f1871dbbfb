"""Counts that are mostly zero, where a forecast is a small number and its interval matters."""

import random

import pyarrow as pa

from forecast import Forecast

random.seed(3)
days, items = 120, ["bolt", "nut", "washer"]
rows = [(item, day, random.choice([0, 0, 0, 0, 1, 2, 5])) for item in items for day in range(1, days + 1)]
item, day, sold = zip(*rows, strict=True)
df = pa.table({"unique_id": pa.array(item), "ds": pa.array(day), "y": pa.array(sold)})

f = Forecast(model="croston", level=[90])
forecasts = f.forecast(df, h=7)

print(forecasts.slice(0, 3).to_pylist())
print(f.verdict)
