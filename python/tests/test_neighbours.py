"""The package next to others in one process: PyTorch, and the kernel of a notebook."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import nbformat
import pytest
from nbclient import NotebookClient

CODE = """
import pandas as pd
{before}
from forecast import Forecast
df = pd.DataFrame({{"ds": pd.date_range("2024-01-01", periods=60), "y": [float(k % 7) for k in range(60)]}})
print(len(Forecast(model="gru", epochs=2).forecast(df, 3)))
{after}
print(float(torch.ones(3).sum()))
print(len(Forecast(model="gru", epochs=2).forecast(df, 3)))
"""


@pytest.mark.parametrize("place", ["before", "after"])
def test_torch_is_imported_before_or_after(place):
    lines = {"before": "", "after": ""} | {place: "import torch; torch.set_num_threads(1)"}
    run = subprocess.run([sys.executable, "-c", CODE.format(**lines)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == ["3", "3.0", "3"]


def cell(text: str):
    return nbformat.v4.new_code_cell(textwrap.dedent(text).strip())


def test_a_notebook_shows_the_report_and_pictures():
    book = nbformat.v4.new_notebook()
    book.cells = [
        cell(
            """
            import pandas as pd
            from forecast import Forecast
            df = pd.DataFrame({"ds": pd.date_range("2024-01-01", periods=60), "y": [float(k % 7) for k in range(60)]})
            f = Forecast(model="theta").fit(df, h=7)
            f
            """
        ),
        cell("f.plot()"),
        cell("f.plot('svg')"),
        cell("f.predict()"),
        cell("f.fit(df, h=0)"),
    ]
    client = NotebookClient(book, timeout=120, kernel_name="python3", allow_errors=True)
    client.execute()
    first, png, svg, rows, failed = [
        [output for output in cell.outputs if "data" in output or "ename" in output] for cell in book.cells
    ]
    assert "<iframe srcdoc=" in first[-1]["data"]["text/html"]
    assert "image/png" in png[-1]["data"]
    assert "<svg" in svg[-1]["data"]["image/svg+xml"]
    assert "2024-03-07" in rows[-1]["data"]["text/plain"]
    assert failed[-1]["ename"] == "UsageError" and "hint" in failed[-1]["evalue"]


def test_an_interrupted_cell_ends_the_program():
    book = nbformat.v4.new_notebook()
    book.cells = [
        cell(
            """
            import pandas as pd, os, random, signal, threading, time
            from pathlib import Path
            from forecast import Forecast
            noise = random.Random(0)
            values = [noise.random() for _ in range(4000)]
            df = pd.DataFrame({"ds": pd.date_range("2000-01-01", periods=4000), "y": values})
            def programs():
                files = Path("/proc").glob("[0-9]*/stat")
                texts = []
                for file in files:
                    try:
                        texts.append(file.read_text())
                    except OSError:
                        pass
                return [text for text in texts if text.rsplit(")", 1)[1].split()[1] == str(os.getpid())]
            def interrupt():
                while not programs():
                    time.sleep(0.05)
                time.sleep(1)
                os.kill(os.getpid(), signal.SIGINT)
            threading.Thread(target=interrupt, daemon=True).start()
            Forecast(model="lstm", epochs=100_000, hidden=512).fit(df, h=7)
            """
        ),
        cell("print('left:', len(programs()))"),
    ]
    client = NotebookClient(book, timeout=120, kernel_name="python3", allow_errors=True)
    client.execute()
    assert "KeyboardInterrupt" in [output.get("ename") for output in book.cells[0].outputs], book.cells[0].outputs
    assert book.cells[1].outputs[-1]["text"].strip() == "left: 0"
