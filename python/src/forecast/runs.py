"""Runs of the program: their commands, their folders, and what is read from these."""

from __future__ import annotations

import functools
import itertools
import re
import shutil
import tempfile
import warnings
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from forecast import transport
from forecast.errors import ForecastWarning, ProgramError
from forecast.frames import Data
from forecast.program import Finished, Runner, read_record
from forecast.results import Verdict

# What an update adds is no surprise.
_EXPECTED = re.compile(r"^\d+ new values? after ")


@dataclass(frozen=True)
class Run:
    """The folder of a run."""

    folder: Path

    @cached_property
    def record(self) -> dict[str, Any]:
        """The object of ``run.json``."""
        return read_record(self.folder)

    @property
    def verdict(self) -> Verdict | None:
        """The comparison with seasonal naive, if the run made one."""
        verdict = self.record.get("verdict")
        return None if verdict is None else Verdict.of(verdict)

    @property
    def notices(self) -> list[str]:
        """What a user should know about the data, the fit and the forecast."""
        record = self.record
        notices = [*record["data"]["notices"], *record["notices"]]
        if record["interrupted"]:
            notices.append("the program was interrupted: these are the results of the best model so far")
        return [notice for notice in notices if not _EXPECTED.match(notice)]

    def table(self, name: str, data: Data, texts: Sequence[str] = (), has_time: bool = True) -> pa.Table:
        """Return a table of the run. Ids, times and the columns of ``texts`` are text."""
        time = [data.roles.time] if has_time else []
        return transport.read(self.folder, name, [*data.program_names([*data.roles.ids, *time]), *texts])

    def picture(self) -> Path | None:
        """The path of the picture of a forecast or of folds."""
        for name in ("forecast", "folds"):
            for ending in ("png", "svg"):
                path = self.folder / f"{name}.{ending}"
                if path.is_file():
                    return path
        return None


@dataclass(frozen=True)
class Fit:
    """A fitted model, and its latest forecast."""

    run: Run
    """The run that fitted the model."""
    h: int
    """The number of steps that it was trained for."""
    known: tuple[str, ...]
    """The covariates that are known in the future."""
    covariates: tuple[str, ...]
    """All covariates."""
    table: pa.Table
    """The forecast, with ids and times as text."""
    future: Data | None = None
    """The values of the covariates after the end of the series."""


@dataclass(eq=False)
class Workspace:
    """A temporary folder, and the program that reads and writes in it."""

    runner: Runner
    seen: set[str] = field(default_factory=set)
    """The notices that were warned of."""
    _numbers: Any = field(default_factory=itertools.count)

    @cached_property
    def folder(self) -> Path:
        """The folder, which is removed with this object, or at the end of the process."""
        folder = Path(tempfile.mkdtemp(prefix="forecast-"))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return folder

    def new_folder(self) -> Path:
        """Return a new folder inside."""
        folder = self.folder / str(next(self._numbers))
        folder.mkdir()
        return folder

    def run(
        self,
        command: Sequence[str],
        data: Data,
        arguments: Sequence[str],
        columns: Sequence[str],
        future: Data | None = None,
        argument: str = "df",
    ) -> Run:
        """Run a command on data, and return its run. Its notices become warnings.

        Args:
            command: The words of the command, and its arguments without a file.
            data: The data to read.
            arguments: Further arguments.
            columns: The columns of the data that the command needs, besides ids, times and target.
            future: The future rows, if there are any.
            argument: What the user calls the data.

        Raises:
            ForecastError: If the command fails. Nothing of it stays.
        """
        folder = self.new_folder()
        future_path = folder / "future.arrow"
        try:
            out = folder / "run"
            flags = [f"--csv={transport.STDIN}"]
            if future is not None:
                transport.write(_columns(future, columns), future_path)
                self.runner.names[str(future_path)] = "`X_df`"
                flags.append(f"--future={future_path}")
            finished = self._sent(data, columns, [*command, *flags, *arguments, f"--out={out}"], argument)
            if future is not None:
                future_path.unlink()
            if not (out / "run.json").is_file():
                raise ProgramError("the program was interrupted before it had results", None, finished.exit_code)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        finally:
            self.runner.names.pop(str(future_path), None)
        run = Run(out)
        self.warn([*run.notices, *self._failures(run)])
        return run

    def check(self, data: Data, arguments: Sequence[str], columns: Sequence[str]) -> None:
        """Read data without a forecast.

        Raises:
            ForecastError: If they cannot be read.
        """
        self._sent(data, columns, ["inspect", f"--csv={transport.STDIN}", *arguments], "df")

    def adopt(self, folder: Path) -> Run:
        """Return a copy of the folder of a run, inside of this one."""
        own = self.new_folder() / "run"
        shutil.copytree(folder, own)
        return Run(own)

    def discard(self, run: Run) -> None:
        """Remove the folder of a run that is no longer needed."""
        shutil.rmtree(run.folder.parent, ignore_errors=True)

    def warn(self, notices: Sequence[str]) -> None:
        """Warn of notices, each once, at the line of the user's code."""
        new = [notice for notice in dict.fromkeys(notices) if notice not in self.seen]
        self.seen.update(new)
        for notice in new:
            warnings.warn(notice, ForecastWarning, stacklevel=_stack_level())

    def _sent(self, data: Data, columns: Sequence[str], command: Sequence[str], argument: str) -> Finished:
        """Run a command with data at its standard input."""
        self.runner.names[transport.STDIN_IN_MESSAGES] = f"`{argument}`"
        return self.runner.run(command, functools.partial(transport.send, _columns(data, columns)))

    def _failures(self, run: Run) -> list[str]:
        count = run.record["data"]["failed_series"]
        if not count:
            return []
        verb = "series has" if count == 1 else "series have"
        return [f"{count} {verb} no forecast: `failed` lists them with the reasons"]


def _columns(data: Data, covariates: Sequence[str]) -> pa.Table:
    """Return the columns of ids, times, the target, and those covariates that the data have."""
    roles = [*data.roles.ids, data.roles.time, *([data.roles.target] if data.roles.target else [])]
    names = data.program_names([*roles, *(column for column in covariates if column in data.covariates)])
    return data.table.select(names)


def _stack_level() -> int:
    """Return the level of the first frame outside of this package, as ``warnings.warn`` counts it."""
    import inspect

    package = str(Path(__file__).parent)
    frame, level = inspect.currentframe(), 0
    while frame is not None and frame.f_code.co_filename.startswith(package):
        frame, level = frame.f_back, level + 1
    # one frame is that of this function
    return level
