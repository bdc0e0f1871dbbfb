"""Puts the program and its libraries, from the archive of a release, into the wheel.

The archive is that of ``make dist``, whose path is in the variable ``FORECAST_ARCHIVE``. So the wheel has the program
that the tests of the archive ran. The libraries are next to the program.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VARIABLE = "FORECAST_ARCHIVE"
ARCHIVE_NAME = re.compile(r"forecast-(?P<version>.+)-(?P<machine>[^-]+)-linux\.tar\.zst")
INSIDE = "forecast/_program"
GLIBC = re.compile(r"Name: GLIBC_2\.(\d+)")


class ProgramHook(BuildHookInterface[Any]):
    """The build hook of the wheel."""

    _unpacked: Path | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Unpack the archive, and add its program to the files of the wheel. A link to the sources has none."""
        if version == "editable":
            return
        archive = Path(os.environ.get(VARIABLE, ""))
        named = ARCHIVE_NAME.fullmatch(archive.name)
        if named is None or not archive.is_file():
            sys.exit(f"error: {VARIABLE} names no archive of a release\nhint: `make wheel` makes both")
        if named["version"] != self.metadata.version:
            sys.exit(f"error: the archive has version {named['version']}, the package {self.metadata.version}")
        folder = self._unpacked = Path(tempfile.mkdtemp(prefix="forecast-wheel-"))
        # the archive has one folder
        subprocess.run(["tar", "--zstd", "-xf", archive, "-C", folder, "--strip-components=1"], check=True)
        files = [folder / "forecast", *sorted((folder / "lib").iterdir())]
        pages = [folder / "LICENSE-MIT", folder / "LICENSE-APACHE", *sorted((folder / "licences").iterdir())]
        build_data["force_include"] |= {str(file): f"{INSIDE}/{file.relative_to(folder)}" for file in files}
        build_data["force_include"] |= {str(page): f"{INSIDE}/licences/{page.name}" for page in pages}
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-manylinux_2_{needed_glibc(files)}_{named['machine']}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was unpacked."""
        if self._unpacked is not None:
            shutil.rmtree(self._unpacked)


def needed_glibc(files: list[Path]) -> int:
    """Return the minor version of the glibc that files ask for, by the versions of the symbols that they need."""
    command: list[str | Path] = ["readelf", "--version-info", "--wide", *files]
    shown = subprocess.run(
        command, check=True, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}
    ).stdout
    return max(int(minor) for minor in GLIBC.findall(shown))
