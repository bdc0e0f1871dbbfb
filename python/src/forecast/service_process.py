"""One process of the program as a service: a series in each request, its forecast in each response."""

from __future__ import annotations

import contextlib
import json
import queue
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Any

import pyarrow as pa
import pyarrow.ipc

from forecast import program
from forecast.errors import ForecastError, ProgramError, error_of_exit_code
from forecast.options import hint_in_python

_OPTIONS, _RUN, _ERROR = b"forecast.options", b"forecast.run", b"forecast.error"
# The lines on stderr that are kept for the error of a program that ends early.
_KEPT_LINES = 20
_SECONDS_TO_END = 10.0


@dataclass(frozen=True)
class Response:
    """The forecast of one series, or why there is none."""

    table: pa.Table
    """The rows of the forecast: a time, ``forecast``, and the ends of the intervals; no column after a failure."""
    record: Mapping[str, Any]
    """The object of ``--json``: the verdict, notices and repairs; empty after a failure."""
    error: ForecastError | None = None
    """Why there is no forecast."""
    is_usage: bool = False
    """Whether the options do not make sense, at least for this series."""


class ServiceProcess:
    """A process of ``forecast serve --stdin``, which gives a response to each request, in the order of the requests.

    Requests are written by the thread of the caller, and responses are read by another one. So neither process waits
    for the other. As a context manager it ends the process, whatever happens.

    Args:
        options: The options of each request, as those of the command line, without dashes.
        arguments: Further arguments of ``forecast serve``.
    """

    def __init__(self, options: Mapping[str, Any], arguments: Sequence[str] = ()) -> None:
        """Start the process."""
        self._metadata = {_OPTIONS: json.dumps(options).encode("utf-8")}
        command = [str(program.find()), "serve", "--stdin", *arguments]
        self._responses: queue.SimpleQueue[Response | None] = queue.SimpleQueue()
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self._sent = 0
        self._received = 0
        self._unreadable: Exception | None = None
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=program.environment(),
                start_new_session=True,
            )
        except OSError as error:
            raise ProgramError(
                f"the program {command[0]} cannot be started: {error.strerror}", "`forecast doctor` checks the computer"
            ) from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._stdin: IO[bytes] = self._process.stdin
        self._threads = [
            threading.Thread(target=self._read_responses, args=(self._process.stdout,), daemon=True),
            threading.Thread(target=self._read_lines, args=(self._process.stderr,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> ServiceProcess:
        """Return the process."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End the process: by the end of its standard input, or at once if the block raised anything."""
        if kind is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                self._process.send_signal(signal.SIGKILL)
        with contextlib.suppress(OSError):
            self._stdin.close()
        try:
            self._process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for thread in self._threads:
            thread.join(_SECONDS_TO_END)
        for stream in (self._process.stdout, self._process.stderr):
            assert stream is not None
            stream.close()

    def send(self, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
        """Send the rows of a series, in parts of any number.

        Raises:
            ProgramError: If the process has ended, or a response cannot be read.
        """
        self._sent += 1
        schema = schema.with_metadata(self._metadata)
        try:
            with pa.ipc.new_stream(self._stdin, schema) as writer:
                for batch in batches:
                    writer.write_batch(batch.replace_schema_metadata(self._metadata))
            self._stdin.flush()
        except (BrokenPipeError, ConnectionError) as error:
            raise self._early_end() from self._unreadable or error

    def responses(self) -> Iterator[Response]:
        """Return the responses that are there already.

        Raises:
            ProgramError: If the process has ended, or a response cannot be read.
        """
        while True:
            try:
                response = self._responses.get_nowait()
            except queue.Empty:
                return
            yield self._checked(response)

    def last_responses(self) -> Iterator[Response]:
        """End the requests, and return the responses to all that are left.

        Raises:
            ProgramError: If the process ends before it has responded to all of them, or a response cannot be read.
        """
        with contextlib.suppress(OSError):
            self._stdin.close()
        while self._received < self._sent:
            yield self._checked(self._responses.get())

    def _checked(self, response: Response | None) -> Response:
        if response is None:
            # a later call fails alike
            self._responses.put(None)
            raise self._early_end() from self._unreadable
        self._received += 1
        return response

    def _early_end(self) -> ProgramError:
        code = self._process.wait()
        for thread in self._threads:
            thread.join(_SECONDS_TO_END)
        if self._unreadable is not None:
            reason = f"{type(self._unreadable).__name__}: {self._unreadable}"
            return ProgramError(
                f"the response of the program after {self._received} series cannot be read ({reason})",
                "install the program and the package in the same version",
            )
        ending = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        text = "\n".join(self._lines) or "it printed nothing"
        return ProgramError(f"the program {ending} after {self._received} series: {text}", None, max(code, 1))

    def _read_responses(self, stdout: IO[bytes]) -> None:
        try:
            while True:
                with pa.ipc.open_stream(stdout) as reader:
                    metadata, table = reader.schema.metadata or {}, reader.read_all()
                self._responses.put(_response(metadata, table))
        except Exception as error:
            # a stream that is cut is that of a process that ends, which the missing response tells
            is_cut = isinstance(error, (pa.ArrowInvalid, OSError)) and self._ends()
            if not is_cut:
                self._unreadable = error
                # nothing reads its output from here on, so it would wait
                self._process.kill()
        finally:
            self._responses.put(None)

    def _ends(self) -> bool:
        """Return whether the process ends within a few seconds."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_SECONDS_TO_END)
        return self._process.returncode is not None

    def _read_lines(self, stderr: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError):
            for line in stderr:
                self._lines.append(line.decode("utf-8", "replace").rstrip("\n"))


def _response(metadata: Mapping[bytes, bytes], table: pa.Table) -> Response:
    if _ERROR in metadata:
        error = json.loads(metadata[_ERROR])
        hint = None if error["hint"] is None else hint_in_python(error["hint"])
        own = error_of_exit_code(int(error["exit_code"]), str(error["message"]), hint)
        return Response(table, {}, own, error["kind"] == "usage")
    return Response(table, json.loads(metadata[_RUN]))
