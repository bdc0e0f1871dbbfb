"""The command ``forecast`` of the wheel: becomes the program."""

from __future__ import annotations

import os
import sys

from forecast.errors import ForecastError
from forecast.program import environment, find


def main() -> None:
    """Run the program with the arguments of this process, in place of this process."""
    try:
        program = str(find())
    except ForecastError as error:
        sys.exit(f"error: {error}")
    os.execve(program, ["forecast", *sys.argv[1:]], environment())


if __name__ == "__main__":
    main()
