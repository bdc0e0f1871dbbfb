"""Many series in a dataset of Ray, forecast by its workers."""

from pathlib import Path

import ray

from forecast.ray import forecast, verdict

DATASETS = Path(__file__).parents[3] / "datasets"

ds = ray.data.read_csv(str(DATASETS / "tourism.csv")).filter(expr="state == 'Tasmania'")

ids = ["state", "region", "purpose"]
result = forecast(ds, h=4, by=ids, time_col="quarter", target_col="trips", model="theta", partitions=4).materialize()

print(result.select_columns([*ids, "quarter", "forecast", "error"]).take(2))
print(verdict(result))
