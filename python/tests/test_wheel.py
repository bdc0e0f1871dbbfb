"""The wheel: built from the archive of a release, installed where nothing else is, and used there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
import venv
import zipfile
from pathlib import Path

import pytest
from conftest import DATASETS

PACKAGE = Path(__file__).parents[1]
# The size in bytes that the wheel may have.
MAX_SIZE = 130_000_000

# without the compilers, the toolchain and the libtorch of this computer
CLEAN = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}


@pytest.fixture(scope="module")
def archive() -> Path:
    path = os.environ.get("FORECAST_ARCHIVE")
    if not path:
        pytest.skip("FORECAST_ARCHIVE names no archive of a release; `make test-python` makes one")
    return Path(path)


@pytest.fixture(scope="module")
def wheel(archive, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=PACKAGE, check=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory) -> Path:
    """A new environment with the wheel and Polars, in a folder with a space and an umlaut."""
    folder = tmp_path_factory.mktemp("clean") / "neue Umgebung für Tests"
    venv.create(folder, with_pip=True)
    python = folder / "bin/python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", wheel, "polars"], check=True)
    return python


def run(python: Path, code: str, **variables: str) -> str:
    code = textwrap.dedent(code)
    command = [python, "-W", "error", "-c", code]
    done = subprocess.run(command, env=CLEAN | variables, cwd=DATASETS, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_wheel_has_the_program_its_libraries_and_licences(wheel):
    with zipfile.ZipFile(wheel) as content:
        files = {entry.filename: entry for entry in content.infolist()}
    assert (files["forecast/_program/forecast"].external_attr >> 16) & 0o111
    assert "forecast/_program/lib/libtorch_cpu.so" in files
    assert {"LICENSE-MIT", "crates.txt", "libtorch.txt"} <= {Path(name).name for name in files if "licences/" in name}
    assert "forecast/py.typed" in files
    assert re.fullmatch(r"forecast-[\d.]+-py3-none-manylinux_2_\d+_\w+\.whl", wheel.name), wheel.name
    size = wheel.stat().st_size
    assert size <= MAX_SIZE, f"{wheel.name} has {size / 1e6:.0f} MB"


def test_three_lines_forecast_in_a_clean_environment(python):
    code = """
        import polars as pl
        from forecast import Forecast
        df = pl.read_csv("demand.csv", try_parse_dates=True)
        f = Forecast().fit(df, time_col="date", target_col="demand")
        print(f.predict(h=3))
        print(f.verdict)
        import forecast, forecast.program
        assert forecast.program.find() == forecast.program.PACKAGED, forecast.program.find()
        assert forecast.__version__[0].isdigit()
    """
    out = run(python, code)
    assert "2015-01-03" in out and "seasonal naive" in out


def test_the_command_of_the_wheel_is_the_program(python):
    command = python.parent / "forecast"
    done = subprocess.run([command, "--version"], env=CLEAN, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("forecast ")
    done = subprocess.run([command, "--nonsense"], env=CLEAN, capture_output=True, text=True)
    assert done.returncode == 2 and "--nonsense" in done.stderr


def test_libraries_of_the_environment_do_not_matter(python, tmp_path):
    (tmp_path / "libc10.so").write_bytes(b"no library")
    code = """
        import polars as pl
        from forecast import Forecast
        df = pl.DataFrame({"ds": range(40), "y": [k % 7 + k * 7919 % 13 / 10 for k in range(40)]})
        print(Forecast(model="gru", epochs=2).forecast(df, h=3).height)
    """
    assert run(python, code, LD_LIBRARY_PATH=str(tmp_path)) == "3"
