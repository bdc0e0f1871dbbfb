"""Many series in a DataFrame of Spark, forecast by its executors."""

from pathlib import Path

from pyspark.sql import SparkSession

from forecast.spark import forecast, verdict

DATASETS = Path(__file__).parents[3] / "datasets"

spark = SparkSession.builder.getOrCreate()
sdf = spark.read.csv(str(DATASETS / "tourism.csv"), header=True, inferSchema=True).where("state = 'Tasmania'")

ids = ["state", "region", "purpose"]
result = forecast(sdf, h=4, by=ids, time_col="quarter", target_col="trips", model="theta").cache()

result.select(*ids, "quarter", "forecast", "forecast-lo-80", "error").show(4)
print(verdict(result))
