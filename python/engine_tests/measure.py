"""Processor time, memory and duration of a forecast by the command line, as requests, by Spark and by Ray.

usage: measure.py {command,requests,spark,ray} FILE.parquet HORIZON [--frequency F] [--model M] [--series N]
                  [--partitions P] [--workers W]

FILE has the columns unique_id, ds and y. Without an option, all series are forecast. FORECAST_BINARY names the program.
`requests` is what one task of an engine does, without the engine: it sorts the rows, and sends each series to one
process.

It prints one object of JSON. Processor times of `spark` and `ray` are of all processes, and sampled each quarter of a
second. Those of `command` and `requests` are exact: of the program, and for `requests` also of this process, from
the rows in memory to those of the result.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import conftest  # noqa: F401 - it sets the variables of the engines before these are imported
import psutil
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from forecast import sampling
from forecast.driver import prepare
from forecast.partitions import forecast_partition
from forecast.program import VARIABLE, environment, find
from forecast.request import Request


class Watch:
    """The processor time and the largest memory of this process and all that it starts, by their kinds."""

    def __init__(self) -> None:
        self._seconds: dict[tuple[int, float], tuple[str, float]] = {}
        self._memory: dict[str, int] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(0.25):
            self._look()

    def _look(self) -> None:
        own = psutil.Process()
        for process in [own, *own.children(recursive=True)]:
            try:
                kind = _kind(process, own)
                seconds = sum(process.cpu_times()[:2])
                memory = process.memory_info().rss
                self._seconds[process.pid, process.create_time()] = (kind, seconds)
                self._memory[kind] = max(self._memory.get(kind, 0), memory)
            except psutil.Error:
                continue

    def stop(self) -> dict:
        self._look()
        self._stop.set()
        self._thread.join()
        sums: dict[str, float] = {}
        for kind, seconds in self._seconds.values():
            sums[kind] = sums.get(kind, 0.0) + seconds
        return {
            "cpu_seconds": {kind: round(own, 1) for kind, own in sorted(sums.items())},
            "cpu_seconds_all": round(sum(sums.values()), 1),
            "largest_process_mb": {kind: round(own / 1e6) for kind, own in sorted(self._memory.items())},
        }


def _kind(process: psutil.Process, own: psutil.Process) -> str:
    if process.pid == own.pid:
        return "driver"
    line = process.cmdline()
    name = Path(line[0]).name if line else process.name()
    if "serve" in line or str(find()) in line:
        return "program"
    if "java" in name:
        return "java"
    if line and line[0].startswith("ray::"):
        return "worker"
    return "worker" if "pyspark" in " ".join(line) else "engine"


def rows(file: str, series: int | None) -> pa.Table:
    """The rows of evenly spread series."""
    table = pq.read_table(file, columns=["unique_id", "ds", "y"])
    table = table.set_column(0, "unique_id", table["unique_id"].cast(pa.string()))
    if series is not None:
        ids = pc.unique(table["unique_id"])
        chosen = ids.take(pa.array(range(0, len(ids), max(1, len(ids) // series)), pa.int64()))
        table = table.filter(pc.is_in(table["unique_id"], value_set=chosen))
    return table


def by_command(file: str, arguments: argparse.Namespace) -> tuple[int, dict]:
    flags = [
        "--time=ds",
        "--target=y",
        "--id=unique_id",
        "--unfinished=keep",
        "--missing=none",
        "--out=-",
        "--format=arrow",
    ]
    options = [f"--horizon={arguments.horizon}", f"--model={arguments.model}", f"--threads={arguments.workers}"]
    frequency = [f"--frequency={arguments.frequency}"] if arguments.frequency else []
    command = [str(find()), f"--csv={file}", *flags, *options, *frequency]
    before, watch = _exact(), Watch()
    done = subprocess.run(command, capture_output=True, env=environment())
    memory = watch.stop()["largest_process_mb"]["program"]
    seconds = {"program": _difference(before, _exact())["program"]}
    figures = {"cpu_seconds": seconds, "largest_process_mb": {"program": memory}}
    with pa.ipc.open_stream(done.stdout) as reader:
        return reader.read_all().num_rows, figures


def by_requests(file: str, arguments: argparse.Namespace) -> tuple[int, dict]:
    """The rows of the result of one partition with all series, and the figures without those of the driver's sample."""
    options = {"freq": arguments.frequency, "level": (80, 95), "quantiles": None, "options": {"unfinished": "keep"}}
    networks = {"model": arguments.model, "pooled_model": None, "sample": 1000}
    table = pq.read_table(file)
    own = Request.checked(
        table.column_names, "unique_id", arguments.horizon, time="ds", target="y", **options, **networks
    )
    series = pc.count_distinct(table["unique_id"]).as_py()
    keys = pa.table({"unique_id": pc.unique(table["unique_id"])})
    chosen = keys.slice(0, own.series_to_sample)
    plan, model = prepare(own, sampling.rows_of(table, chosen), series, arguments.workers)
    before = _exact()
    ordered = table.sort_by([(name, "ascending") for name in plan.columns])
    count = sum(batch.num_rows for batch in forecast_partition(plan, ordered.to_batches(), arguments.workers, model))
    return count, {"cpu_seconds": _difference(before, _exact())}


def _exact() -> dict[str, float]:
    """The processor time of this process and of the programs that have ended."""
    kinds = {"python": resource.RUSAGE_SELF, "program": resource.RUSAGE_CHILDREN}
    usage = {kind: resource.getrusage(who) for kind, who in kinds.items()}
    return {kind: own.ru_utime + own.ru_stime for kind, own in usage.items()}


def _difference(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    return {kind: round(after[kind] - before[kind], 2) for kind in after}


def options(arguments: argparse.Namespace) -> dict:
    return {"model": arguments.model, "freq": arguments.frequency, "partitions": arguments.partitions}


def by_spark(file: str, arguments: argparse.Namespace, steps: dict) -> int:
    from pyspark.sql import SparkSession

    from forecast.spark import forecast

    begun = time.monotonic()
    builder = SparkSession.builder.master(f"local-cluster[{arguments.workers},1,1024]").config(
        "spark.ui.enabled", "false"
    )
    for name in ("spark.driver.host", "spark.driver.bindAddress"):
        builder = builder.config(name, "127.0.0.1")
    builder = builder.config("spark.sql.shuffle.partitions", str(arguments.partitions))
    session = builder.config(f"spark.executorEnv.{VARIABLE}", str(find())).getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    session.range(10).count()
    steps["start"] = time.monotonic() - begun
    result = forecast(session.read.parquet(file), arguments.horizon, **options(arguments))
    steps["sample"] = time.monotonic() - begun - steps["start"]
    with tempfile.TemporaryDirectory() as folder:
        result.write.mode("overwrite").parquet(folder)
        return session.read.parquet(folder).count()


def by_ray(file: str, arguments: argparse.Namespace, steps: dict) -> int:
    import ray
    from ray.cluster_utils import Cluster

    from forecast.ray import forecast

    begun = time.monotonic()
    node = {"num_cpus": 1, "object_store_memory": 2**30, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=node)
    for _ in range(arguments.workers - 1):
        cluster.add_node(num_cpus=1, object_store_memory=2**30)
    ray.init(address=cluster.address, log_to_driver=False)
    ray.data.DataContext.get_current().enable_progress_bars = False
    steps["start"] = time.monotonic() - begun
    result = forecast(ray.data.read_parquet(file), arguments.horizon, **options(arguments))
    steps["sample"] = time.monotonic() - begun - steps["start"]
    with tempfile.TemporaryDirectory() as folder:
        result.write_parquet(folder)
        count = sum(pq.read_metadata(path).num_rows for path in Path(folder).glob("*.parquet"))
    steps["_end"] = lambda: (ray.shutdown(), cluster.shutdown())
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", choices=["command", "requests", "spark", "ray"])
    parser.add_argument("file")
    parser.add_argument("horizon", type=int)
    parser.add_argument("--frequency")
    parser.add_argument("--model", default="theta")
    parser.add_argument("--series", type=int)
    parser.add_argument("--partitions", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "rows.parquet")
        table = rows(arguments.file, arguments.series)
        pq.write_table(table, file)
        size = table.num_rows
        del table
        begun, steps = time.monotonic(), {}
        if arguments.engine in ("command", "requests"):
            count, figures = {"command": by_command, "requests": by_requests}[arguments.engine](file, arguments)
            seconds = time.monotonic() - begun
        else:
            watch = Watch()
            count = {"spark": by_spark, "ray": by_ray}[arguments.engine](file, arguments, steps)
            seconds = time.monotonic() - begun
            figures = watch.stop()
            steps.pop("_end", lambda: None)()
    asked = {name: own for name, own in vars(arguments).items() if name != "file" and own is not None}
    steps = {name: round(own, 1) for name, own in steps.items()}
    print(
        json.dumps(
            {**asked, "rows": size, "rows_of_result": count, "seconds": round(seconds, 1), "of_it": steps, **figures}
        )
    )


if __name__ == "__main__":
    main()
    sys.stdout.flush()
