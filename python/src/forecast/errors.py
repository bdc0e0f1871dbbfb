"""The exceptions and warnings of the package."""

from __future__ import annotations


class ForecastError(Exception):
    """A command that failed, or arguments that do not make sense.

    Attributes:
        message: What is wrong.
        hint: What resolves it; ``None`` if nothing is known.
        exit_code: The exit code of the command line: 1 for a failure, 2 for usage, 3 for data, 130 for an interrupt.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str | None = None, exit_code: int | None = None) -> None:
        """Make an error of a message, a hint and an exit code, by default that of the class."""
        super().__init__(message, hint)
        self.message = message
        self.hint = hint
        if exit_code is not None:
            self.exit_code = exit_code

    def __str__(self) -> str:
        """Return the message, and the hint in a second line."""
        return self.message if self.hint is None else f"{self.message}\nhint: {self.hint}"

    def __reduce__(self) -> tuple[type[ForecastError], tuple[str, str | None, int]]:
        """Return what the error is made of, so that it passes between processes."""
        return type(self), (self.message, self.hint, self.exit_code)


class UsageError(ForecastError, ValueError):
    """Arguments that do not make sense, or a call that comes too early."""

    exit_code = 2


class DataError(ForecastError, ValueError):
    """Data that cannot be read or understood."""

    exit_code = 3


class ProgramError(ForecastError, RuntimeError):
    """Any other failure, such as a full disk, or a program that cannot be started."""


class ForecastWarning(UserWarning):
    """What a user should know about the data, the fit or the forecast."""


def error_of_exit_code(code: int, message: str, hint: str | None) -> ForecastError:
    """Return the exception that belongs to an exit code of the command line."""
    kinds: dict[int, type[ForecastError]] = {UsageError.exit_code: UsageError, DataError.exit_code: DataError}
    return kinds.get(code, ProgramError)(message, hint, code)
