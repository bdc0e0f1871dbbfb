"""A process of the program that gives no response, or none that can be read."""

from __future__ import annotations

import sys
import textwrap

import pyarrow as pa
import pytest

from forecast import ProgramError
from forecast.service_process import ServiceProcess

ROWS = pa.record_batch({"t": pa.array([1, 2, 3]), "y": pa.array([1.0, 2.0, 3.0])})


@pytest.fixture
def as_program(tmp_path, monkeypatch):
    """Takes a script of Python for the program. It has the streams `stdin` and `stdout` and the function `respond`."""

    def use(text: str) -> None:
        begin = """
            import sys, time
            import pyarrow as pa, pyarrow.ipc
            stdin, stdout = sys.stdin.buffer, sys.stdout.buffer

            def respond(metadata):
                schema = pa.schema([("t", pa.int64())], metadata=metadata)
                with pa.ipc.new_stream(stdout, schema) as writer:
                    writer.write_table(schema.empty_table())
                stdout.flush()
        """
        path = tmp_path / "program"
        path.write_text(f"#!{sys.executable}\n{textwrap.dedent(begin)}\n{textwrap.dedent(text)}")
        path.chmod(0o755)
        monkeypatch.setattr("forecast.program.PACKAGED", tmp_path / "none")
        monkeypatch.setenv("FORECAST_BINARY", str(path))

    return use


@pytest.mark.parametrize(
    ("metadata", "cause"),
    [({}, KeyError), ({"forecast.run": "no JSON"}, ValueError), ({"forecast.error": "{}"}, KeyError)],
)
def test_a_response_that_cannot_be_read_is_an_error_of_the_caller(as_program, metadata, cause):
    as_program(f"respond({metadata!r})\nstdin.read()\ntime.sleep(600)")
    with ServiceProcess({}) as process:
        process.send(ROWS.schema, [ROWS])
        with pytest.raises(ProgramError, match="cannot be read") as raised:
            list(process.last_responses())
        assert isinstance(raised.value.__cause__, cause)
        with pytest.raises(ProgramError, match="cannot be read"):
            list(process.last_responses())


def test_requests_do_not_wait_after_a_response_that_cannot_be_read(as_program):
    # it reads no request, so that the pipe is full soon
    as_program("respond({})\ntime.sleep(600)")
    with ServiceProcess({}) as process, pytest.raises(ProgramError, match="cannot be read") as raised:
        process.send(ROWS.schema, [ROWS] * 10_000)
    assert isinstance(raised.value.__cause__, KeyError)


def test_output_that_is_no_stream_is_an_error(as_program, monkeypatch):
    monkeypatch.setattr("forecast.service_process._SECONDS_TO_END", 0.5)
    # a message of four bytes, which are no header
    as_program("stdout.write(b'\\xff\\xff\\xff\\xff\\x04\\0\\0\\0none')\nstdout.flush()\ntime.sleep(600)")
    with ServiceProcess({}) as process, pytest.raises(ProgramError, match="cannot be read"):
        process.send(ROWS.schema, [ROWS])
        list(process.last_responses())


@pytest.mark.parametrize("cut", ["", "stdout.write(b'\\xff\\xff\\xff\\xff\\x10')"])
def test_a_process_that_ends_early_tells_why(as_program, cut):
    as_program(f"respond({{'forecast.run': '{{}}'}})\n{cut}\nstdout.flush()\nstdin.read()\nsys.exit('no memory')")
    with ServiceProcess({}) as process:
        for _ in range(2):
            process.send(ROWS.schema, [ROWS])
        with pytest.raises(ProgramError, match=r"ended with exit code 1 after 1 series: no memory"):
            list(process.last_responses())
