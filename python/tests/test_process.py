"""The process of the program: how it is found, what it inherits, how it ends."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from conftest import series

from forecast import Forecast, ProgramError
from forecast.options import flags, frequency_name, hint_in_python
from forecast.program import ProgressBar, find


def script(path: Path, text: str) -> Path:
    path.write_text("#!/bin/sh\n" + textwrap.dedent(text))
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    return path


@pytest.fixture
def as_program(tmp_path, monkeypatch):
    """Takes a shell script for the program."""

    def use(text: str) -> Path:
        path = script(tmp_path / "program", text)
        monkeypatch.setattr("forecast.program.PACKAGED", tmp_path / "none")
        monkeypatch.setenv("FORECAST_BINARY", str(path))
        return path

    return use


def test_the_program_is_that_of_the_variable_or_on_the_path(tmp_path, monkeypatch, program):
    monkeypatch.setattr("forecast.program.PACKAGED", tmp_path / "none")
    monkeypatch.setenv("FORECAST_BINARY", str(tmp_path / "missing"))
    with pytest.raises(ProgramError, match="missing, which is no program") as caught:
        find()
    assert caught.value.hint
    monkeypatch.delenv("FORECAST_BINARY")
    (tmp_path / "scripts").mkdir()
    (tmp_path / "real").mkdir()
    script(tmp_path / "scripts/forecast", "exit 1")
    (tmp_path / "real/forecast").symlink_to(program)
    # the command of a wheel is a script, which is no program
    monkeypatch.setenv("PATH", f"{tmp_path / 'scripts'}:{tmp_path / 'real'}")
    assert find() == tmp_path / "real/forecast"
    monkeypatch.setenv("PATH", str(tmp_path / "scripts"))
    with pytest.raises(ProgramError, match="was not found"):
        find()
    monkeypatch.setattr("forecast.program.PACKAGED", program)
    assert find() == program


def test_libraries_of_this_process_do_not_reach_the_program(tmp_path, monkeypatch):
    # a library of this name in front of that of the program would end it
    (tmp_path / "libc10.so").write_bytes(b"no library")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    assert len(Forecast(model="gru", epochs=2).forecast(series(), 2)) == 4


def test_a_program_that_crashes_is_an_error(as_program):
    as_program("kill -SEGV $$")
    with pytest.raises(ProgramError, match="ended by SIGSEGV"):
        Forecast().fit(series())
    as_program("echo 'something odd' >&2; exit 9")
    with pytest.raises(ProgramError, match="exit code 9: something odd"):
        Forecast().fit(series())
    path = as_program("")
    path.write_text("no program")
    with pytest.raises(ProgramError, match="cannot be started"):
        Forecast().fit(series())


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_ctrl_c_ends_the_program_and_its_children(tmp_path):
    # the program starts a child that ignores signals; both write their numbers
    program = script(
        tmp_path / "program",
        """
        (trap '' INT TERM; echo $PPID >/dev/null; sh -c 'echo $PPID' >child; while :; do sleep 1; done) &
        echo $$ >parent
        while :; do sleep 1; done
        """,
    )
    code = textwrap.dedent(
        """
        import sys, tempfile
        sys.path[:0] = sys.argv[1:3]
        import forecast.program
        from forecast import Forecast
        from conftest import series
        forecast.program.PACKAGED = forecast.program.Path("none")
        f = Forecast()
        try:
            f.fit(series(), h=2)
        except KeyboardInterrupt:
            print("interrupted", flush=True)
            assert not list(f._workspace.folder.iterdir()), list(f._workspace.folder.iterdir())
        """
    )
    folders = [str(Path(__file__).parent), str(Path(sys.modules["forecast"].__file__).parents[1])]
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environment = {**os.environ, "FORECAST_BINARY": str(program), "TMPDIR": str(temporary)}
    process = subprocess.Popen(
        [sys.executable, "-c", code, *folders],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    pids = []
    for name in ("parent", "child"):
        path = tmp_path / name
        deadline = time.monotonic() + 60
        while not path.is_file() or not path.read_text().strip():
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        pids.append(int(path.read_text()))
    assert all(is_alive(pid) for pid in pids)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert out.strip() == "interrupted", err
    assert process.returncode == 0, err
    assert not any(is_alive(pid) for pid in pids)
    assert not list(temporary.iterdir())


def test_ctrl_c_ends_a_training(program, tmp_path):
    code = textwrap.dedent(
        """
        import sys, threading, time, os, signal
        sys.path[:0] = sys.argv[1:3]
        from pathlib import Path
        from forecast import Forecast
        from conftest import series
        f = Forecast(model="lstm", epochs=100000, hidden=128)
        def stop():
            while not any(child.read_text().strip() for child in Path("/proc/self/task").glob("*/children")):
                time.sleep(0.05)
            time.sleep(1)
            os.kill(os.getpid(), signal.SIGINT)
        threading.Thread(target=stop, daemon=True).start()
        try:
            f.fit(series(days=400), h=7)
        except KeyboardInterrupt:
            left = [child.read_text() for child in Path("/proc/self/task").glob("*/children")]
            print("interrupted", "".join(left).strip() or "alone", flush=True)
        """
    )
    folders = [str(Path(__file__).parent), str(Path(sys.modules["forecast"].__file__).parents[1])]
    environment = {**os.environ, "TMPDIR": str(tmp_path), "FORECAST_BINARY": str(program)}
    run = subprocess.run(
        [sys.executable, "-c", code, *folders], env=environment, capture_output=True, text=True, timeout=60
    )
    assert run.stdout.strip() == "interrupted alone", run.stderr
    assert not list(tmp_path.iterdir())


def test_no_temporary_folder_stays(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    forecast = Forecast(model="theta").fit(series(), h=2)
    forecast.predict(4)
    forecast.predict(level=[50])
    forecast.cross_validation(series(), 2, 2)
    forecast.plot("svg")
    # one folder, with the fit and the cross validation
    (folder,) = tmp_path.iterdir()
    assert len(list(folder.iterdir())) == 2
    with pytest.raises(ValueError):
        Forecast(model="no-such-model").fit(series(), h=2)
    del forecast
    import gc

    gc.collect()
    assert not list(tmp_path.iterdir())


def test_progress_is_shown_by_tqdm(as_program, capsys):
    as_program(
        """
        echo 'fitting auto: 3 of 40 candidates, 12 s left (10 s so far)' >&2
        echo 'fitting auto: fold 2/5, epoch 7/20 (20 s so far)' >&2
        echo 'error: stopped here' >&2
        echo 'hint: nothing to do' >&2
        exit 3
        """
    )
    with pytest.raises(ValueError) as caught:
        Forecast(progress=True).fit(series(), h=2)
    assert str(caught.value) == "stopped here\nhint: nothing to do"
    shown = capsys.readouterr().err
    assert "fitting auto" in shown and "3/40" in shown and "7/20" in shown
    with pytest.raises(ValueError):
        Forecast(progress=False).fit(series(), h=2)
    assert "fitting" not in capsys.readouterr().err


def test_lines_of_progress_are_told_from_messages():
    with ProgressBar(False) as bar:
        assert bar.show("fitting auto (10 s so far)")
        assert bar.show("checking seasonal-naive: fold 1/5, fitting, 3 min left (2 min so far)")
        assert not bar.show("notice: 3 of 40 candidates were left out")
        assert not bar.show("error: something (10 s so far) else")


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        ("`--duplicates sum`, `mean` or `last`", '`duplicates="sum"`, `mean` or `last`'),
        ("give `--folds 3`, or a smaller --horizon or --step", "give `n_windows=3`, or a smaller `h` or `step_size`"),
        ("choose a model: `--model auto`", 'choose a model: `model="auto"`'),
        ("name the ids: `--id store,item`", 'name the ids: `id_col="store,item"`'),
        ("`--level 50,80`", "`level=[50,80]`"),
        ("leave --seed out", "leave `seed` out"),
        ("`--target 'two words'`", '`target_col="two words"`'),
        ("nothing to change", "nothing to change"),
    ],
)
def test_hints_name_arguments_of_python(hint, expected):
    assert hint_in_python(hint) == expected


@pytest.mark.parametrize(
    ("freq", "name"),
    [
        (None, None),
        (1, None),
        ("D", "daily"),
        ("1d", "daily"),
        ("daily", "daily"),
        ("MS", "monthly"),
        ("ME", "monthly"),
        ("1mo", "monthly"),
        ("3ME", "quarterly"),
        ("QE-DEC", "quarterly"),
        ("W-SUN", "weekly"),
        ("YS", "yearly"),
        ("B", "business"),
        ("h", "hourly"),
        ("H", "hourly"),
        ("15min", "15min"),
        ("15T", "15min"),
        ("30m", "30min"),
        ("10s", "10s"),
        ("mon-sat", "mon-sat"),
        ("quarter-hourly", "quarter-hourly"),
    ],
)
def test_frequencies_by_their_aliases(freq, name):
    assert frequency_name(freq) == name


def test_options_as_flags():
    options = {
        "season": [24, 168],
        "reconcile": True,
        "explain": False,
        "seed": 3,
        "leave_out": ["a b"],
        "budget": None,
    }
    assert flags(options) == ["--season=24,168", "--reconcile", "--seed=3", "--leave-out=a b"]
    with pytest.raises(ValueError, match="has a comma"):
        flags({"leave_out": ["a,b"]})
