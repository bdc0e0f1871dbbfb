"""The scripts of examples/ and the code of the pages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1]
EXAMPLES = sorted((PACKAGE / "examples").glob("*.py"))


def run(code: list, **options) -> str:
    done = subprocess.run([sys.executable, *code], capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_there_are_ten_examples():
    assert len(EXAMPLES) >= 10


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs(example, tmp_path):
    # somewhere else than in the checkout
    out = run([example], cwd=tmp_path)
    assert len(out.splitlines()) >= 2
    assert not list(tmp_path.iterdir())


def test_the_code_of_the_readme_runs():
    (code,) = re.findall(r"```python\n(.*?)```", (PACKAGE / "README.md").read_text("utf-8"), re.DOTALL)
    out = run(["-c", code], cwd=PACKAGE.parent, env=os.environ | {"COLUMNS": "200"})
    assert "seasonal naive" in out


def test_the_arguments_that_the_pages_name_exist():
    import inspect

    from forecast import Forecast

    known = set()
    for method in (Forecast.__init__, Forecast.fit, Forecast.predict, Forecast.cross_validation):
        known |= set(inspect.signature(method).parameters)
    pages = (PACKAGE / "README.md", PACKAGE.parent / "docs/python.md")
    text = " ".join(page.read_text("utf-8") for page in pages)
    for method in re.findall(r"\bf\.(\w+)\b(?!\")", text):
        assert hasattr(Forecast, method), method
    calls = re.findall(r"`f\.(?:fit|predict|forecast|cross_validation)\((.*?)\)`", text)
    for name in re.findall(r"(\w+)=", " ".join(calls)):
        assert name in known, name
