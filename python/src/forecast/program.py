"""Runs the program ``forecast`` as a process of its own, so that its libtorch meets no other in this process."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from forecast.errors import ProgramError, error_of_exit_code
from forecast.options import hint_in_python

VARIABLE = "FORECAST_BINARY"
# Where a wheel has the program. Its libraries are in `lib` next to it.
PACKAGED = Path(__file__).parent / "_program" / "forecast"

# Exit codes of a command with results: done, some series failed, no skill, interrupted.
_WITH_RESULTS = (0, 4, 5, 130)
# These variables of a process with other libraries would lead the loader astray.
_LOADER_VARIABLES = ("LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES")
_SECONDS_TO_END = 2.0
# A signal may be delivered to another thread, and then does not end a wait of this one. So no wait is longer.
_SECONDS_BETWEEN_LOOKS = 0.1


def find() -> Path:
    """Return the path of the program: that of the wheel, of ``FORECAST_BINARY``, or the first on the PATH.

    Raises:
        ProgramError: If there is none.
    """
    if PACKAGED.is_file():
        return PACKAGED
    named = os.environ.get(VARIABLE)
    if named:
        path = Path(named)
        if path.is_file() and os.access(path, os.X_OK):
            return path.absolute()
        raise ProgramError(
            f"{VARIABLE} names {named}, which is no program", f"set {VARIABLE} to the path of the program forecast"
        )
    for folder in os.get_exec_path():
        found = shutil.which("forecast", path=folder)
        # the command that the wheel installs is a script that would call this function again
        if found is not None and not _is_script(Path(found)):
            return Path(found).absolute()
    raise ProgramError(
        "the program forecast was not found",
        f"install a wheel that has it, set {VARIABLE} to its path, or put it on the PATH",
    )


def _is_script(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"#!"


def environment() -> dict[str, str]:
    """Return the environment of the program: that of this process without the variables of the loader."""
    return {name: value for name, value in os.environ.items() if name not in _LOADER_VARIABLES}


def cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class Finished:
    """A command that ended with results."""

    exit_code: int
    messages: list[str]
    """The lines on stderr."""


@dataclass
class Runner:
    """Runs commands of the program in a folder, and shows their progress.

    ``names`` maps paths to what a user calls them, for messages.
    """

    progress: bool | None = None
    threads: int | None = None
    names: dict[str, str] = field(default_factory=dict)

    def run(
        self, arguments: Sequence[str], send: Callable[[IO[bytes]], None] | None = None, stdout: IO[bytes] | None = None
    ) -> Finished:
        """Run a command and wait for it. ``send`` writes its standard input, in a thread of its own.

        ``stdout`` is a file that gets its standard output, which nobody reads otherwise.

        An exception in the meantime, such as that of Ctrl-C, ends the process and whatever it started.

        Raises:
            ForecastError: If the command fails; its class depends on the exit code.
        """
        threads = [] if self.threads is None else [f"--threads={self.threads}"]
        command = [str(find()), *arguments, *threads]
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL if send is None else subprocess.PIPE,
                stdout=subprocess.DEVNULL if stdout is None else stdout,
                stderr=subprocess.PIPE,
                env=environment(),
                # its own session: Ctrl-C in a terminal reaches this process only, which then ends the group
                start_new_session=True,
            )
        except OSError as error:
            raise ProgramError(
                f"the program {command[0]} cannot be started: {error.strerror}", "`forecast doctor` checks the computer"
            ) from error
        with _ended_group(process):
            if send is not None:
                threading.Thread(target=send, args=(process.stdin,), daemon=True).start()
            messages = self._messages(process)
            code = _exit_code(process)
        if code in _WITH_RESULTS and not _failed(messages):
            return Finished(code, messages)
        raise self._error(code, messages)

    def _messages(self, process: subprocess.Popen[bytes]) -> list[str]:
        """Read the lines on stderr until it is closed, and show the progress that they tell."""
        assert process.stderr is not None
        lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        threading.Thread(target=_forward, args=(process.stderr, lines), daemon=True).start()
        messages: list[str] = []
        with ProgressBar(self.progress) as bar:
            while True:
                try:
                    line = lines.get(timeout=_SECONDS_BETWEEN_LOOKS)
                except queue.Empty:
                    continue
                if line is None:
                    return messages
                text = line.decode("utf-8", "replace").rstrip("\n")
                if not bar.show(text):
                    messages.append(text)

    def _error(self, code: int, messages: list[str]) -> Exception:
        text = "\n".join(messages)
        found = re.search(r"^error: (.*?)(?:\nhint: (.*))?\Z", text, re.DOTALL | re.MULTILINE)
        if found is None:
            ending = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
            return ProgramError(f"the program {ending}: {text or 'it printed nothing'}", None, code)
        message, hint = self._named(found[1]), found[2]
        return error_of_exit_code(code, message, None if hint is None else hint_in_python(self._named(hint)))

    def _named(self, text: str) -> str:
        for path, name in self.names.items():
            text = text.replace(f"'{path}'", name).replace(path, name)
        return text


def _forward(stream: IO[bytes], lines: queue.SimpleQueue[bytes | None]) -> None:
    # a stream that is closed in the meantime has no further lines
    with contextlib.suppress(ValueError, OSError):
        for line in stream:
            lines.put(line)
    lines.put(None)


def _exit_code(process: subprocess.Popen[bytes]) -> int:
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(_SECONDS_BETWEEN_LOOKS)


def _failed(messages: list[str]) -> bool:
    return any(message.startswith("error: ") for message in messages)


@contextlib.contextmanager
def _ended_group(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """End the process and its children if the block raises anything, also Ctrl-C."""
    try:
        yield
    except BaseException:
        _signal_group(process, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_SECONDS_TO_END)
        _signal_group(process, signal.SIGKILL)
        process.wait()
        raise
    finally:
        if process.stderr is not None:
            process.stderr.close()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    # the group has the number of its first process, also after that has ended
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


_PROGRESS = re.compile(
    r"^(?P<label>[^:]+): (?:fold \d+/\d+, )?"
    r"(?:(?P<done>\d+) of (?P<all>\d+) candidates|epoch (?P<epoch>\d+)/(?P<epochs>\d+)|fitting)"
)
_WAITING = re.compile(r"^.*\(\d+ (?:s|min) so far\)$")


class ProgressBar:
    """A bar of tqdm for the lines of progress, if tqdm is installed and somebody may look at it."""

    def __init__(self, wanted: bool | None) -> None:
        """Plan a bar: always with ``True``, never with ``False``, and with ``None`` in a terminal or notebook."""
        self._wanted = (_is_watched() if wanted is None else wanted) and _tqdm() is not None
        self._bar: Any = None
        self._lock = threading.Lock()

    def __enter__(self) -> ProgressBar:
        """Return the bar, which is drawn at the first line of progress."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the bar."""
        if self._bar is not None:
            self._bar.close()

    def show(self, line: str) -> bool:
        """Show a line, and return whether it was one of progress."""
        if _WAITING.match(line) is None:
            return False
        if not self._wanted:
            return True
        found = _PROGRESS.match(line)
        with self._lock:
            if self._bar is None:
                self._bar = _tqdm()(total=None, leave=False)
            self._bar.set_description(found["label"] if found else line.split(" (")[0])
            if found and (found["done"] or found["epoch"]):
                done, total = int(found["done"] or found["epoch"]), int(found["all"] or found["epochs"])
                self._bar.total, self._bar.n = total, done
            self._bar.refresh()
        return True


def _tqdm() -> Any:
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    return tqdm


def _is_watched() -> bool:
    in_notebook = "ipykernel" in sys.modules
    return in_notebook or (sys.stderr is not None and sys.stderr.isatty())


def read_record(folder: Path) -> dict[str, Any]:
    """Return the object of ``run.json`` in the folder of a run."""
    record: dict[str, Any] = json.loads((folder / "run.json").read_text("utf-8"))
    return record
