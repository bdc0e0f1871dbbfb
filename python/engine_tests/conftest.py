"""Engines with several workers on this computer, which listen on its loopback address only."""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from pathlib import Path

import psutil
import pytest

from forecast import ForecastWarning
from forecast.program import VARIABLE, find

# before an engine is imported
os.environ |= {
    "PYSPARK_PYTHON": sys.executable,
    "SPARK_LOCAL_IP": "127.0.0.1",
    "RAY_USAGE_STATS_ENABLED": "0",
    # with 0, Ray takes the loopback address for that of a node
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    # the usual 15 lets other work of this computer delay the workers
    "RAY_worker_niceness": "0",
    # the functions of tests
    "PYTHONPATH": str(Path(__file__).parent),
}
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
RAY_MEMORY = 300 * 2**20


@pytest.fixture(autouse=True)
def quiet_notices():
    """Leave out what the driver tells of the data."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ForecastWarning)
        yield


@pytest.fixture(scope="module")
def nothing_left():
    """Fail if a process that a test started is there at the end."""
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    yield
    left = [process for process in psutil.Process().children(recursive=True) if process.pid not in before]
    _, alive = psutil.wait_procs(left, timeout=30)
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture(scope="module")
def spark(nothing_left):
    """Spark with two executors, which are processes of their own."""
    from pyspark.sql import SparkSession

    with tempfile.TemporaryDirectory() as folder:
        settings = {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.ui.enabled": "false",
            "spark.local.dir": folder,
            "spark.worker.cleanup.enabled": "true",
            "spark.sql.shuffle.partitions": "3",
            "spark.driver.memory": "512m",
            "spark.driver.extraJavaOptions": JAVA,
            "spark.executor.extraJavaOptions": JAVA,
            f"spark.executorEnv.{VARIABLE}": str(find()),
            "spark.executorEnv.PYTHONPATH": os.environ["PYTHONPATH"],
            # a killed executor is replaced at once
            "spark.task.maxFailures": "8",
            "spark.excludeOnFailure.enabled": "false",
        }
        os.environ["SPARK_WORKER_DIR"] = folder
        builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("forecast")
        for name, value in settings.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
        yield session
        session.stop()
        gateway = session.sparkContext._gateway
        gateway.shutdown()
        # the process of Java ends with its standard input
        gateway.proc.stdin.close()
        gateway.proc.wait(60)


@pytest.fixture(scope="module")
def cluster(nothing_left):
    """Ray with two nodes of one CPU each, the first of which has the driver."""
    import ray
    from ray.cluster_utils import Cluster

    def start() -> Cluster:
        node = {"num_cpus": 1, "object_store_memory": RAY_MEMORY, "include_dashboard": False}
        own = Cluster(initialize_head=True, head_node_args=node)
        own.add_node(num_cpus=1, object_store_memory=RAY_MEMORY)
        ray.init(address=own.address, log_to_driver=False)
        return own

    try:
        own = start()
    except (RuntimeError, TimeoutError, ConnectionError):
        # on a busy computer a node may start too late
        ray.shutdown()
        own = start()
    ray.data.DataContext.get_current().enable_progress_bars = False
    yield own
    ray.shutdown()
    own.shutdown()
