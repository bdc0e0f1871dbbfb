"""The folder of a saved forecast: that of a run, with the data and what is known of the dataframe."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.ipc

from forecast import transport
from forecast.errors import UsageError
from forecast.frames import Data, Kind, Labels, Roles
from forecast.runs import Fit, Run

# The version of what this module writes; it grows if a member is removed or changes its meaning.
VERSION = 1
# In the folder of the run, next to the files of the program.
_FOLDER = "dataframe"
_STATE = "dataframe.json"


@dataclass(frozen=True)
class State:
    """What a folder has: settings, data, and the fit unless nothing was trained."""

    settings: dict[str, Any]
    data: Data
    fit: Fit | None


def save(path: Path, settings: dict[str, Any], data: Data, fit: Fit) -> Path:
    """Write a folder, which replaces an earlier one of the same kind at the end.

    Raises:
        UsageError: If there is a file or folder that is none of those.
    """
    if path.exists() and not (path / _FOLDER / _STATE).is_file():
        raise UsageError(f"{path} exists and is no saved forecast, so it is not replaced", "choose another folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".forecast-", dir=path.parent) as staging:
        new, old = Path(staging) / "new", Path(staging) / "old"
        write(new, settings, data, fit)
        if path.exists():
            path.rename(old)
        try:
            new.rename(path)
        except BaseException:
            # the temporary folder is removed, and the earlier one must not be removed with it
            if old.exists():
                old.rename(path)
            raise
    return path


def load(path: Path) -> State:
    """Read a folder that ``save`` wrote.

    Raises:
        UsageError: If it was not.
    """
    if not (path / _FOLDER / _STATE).is_file():
        raise UsageError(f"{path} has no saved forecast", "give the folder that `save` wrote")
    return read(path)


def packed(settings: dict[str, Any], data: Data, fit: Fit | None) -> bytes:
    """Return what ``save`` would write, as bytes."""
    content = io.BytesIO()
    with tempfile.TemporaryDirectory(prefix="forecast-") as folder:
        write(Path(folder) / "saved", settings, data, fit)
        with tarfile.open(fileobj=content, mode="w") as archive:
            archive.add(Path(folder) / "saved", "saved")
    return content.getvalue()


@contextlib.contextmanager
def unpacked(content: bytes) -> Iterator[State]:
    """Read what ``packed`` returned. Its files are there during the block only."""
    with tempfile.TemporaryDirectory(prefix="forecast-") as folder:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            archive.extractall(folder, filter="data")
        yield read(Path(folder) / "saved")


def write(folder: Path, settings: dict[str, Any], data: Data, fit: Fit | None) -> None:
    """Write a new folder."""
    if fit is None:
        folder.mkdir()
    else:
        shutil.copytree(fit.run.folder, folder)
    own = folder / _FOLDER
    own.mkdir(exist_ok=True)
    transport.write(data.table, own / "data.arrow")
    # the types of the dataframe, in a table without rows
    transport.write(data.kind.schema.empty_table(), own / "types.arrow")
    for number, name in enumerate(data.roles.ids):
        labels = data.labels[name]
        transport.write(pa.table({"value": labels.values, "text": labels.texts}), own / f"ids-{number}.arrow")
    state: dict[str, Any] = {
        "version": VERSION,
        "settings": settings,
        "library": data.kind.library,
        "lazy": data.kind.is_lazy,
        "ids": list(data.roles.ids),
        "time": data.roles.time,
        "target": data.roles.target,
        "names": dict(data.names),
        "covariates": list(data.covariates),
    }
    if fit is not None:
        transport.write(fit.table, own / "forecast.arrow")
        state["fit"] = {"h": fit.h, "known": list(fit.known), "covariates": list(fit.covariates)}
        if fit.future is not None:
            transport.write(fit.future.table, own / "future.arrow")
            state["fit"]["future"] = list(fit.future.covariates)
    (own / _STATE).write_text(json.dumps(state, indent=2, ensure_ascii=False), "utf-8")


def read(folder: Path) -> State:
    """Read a folder that ``write`` wrote."""
    own = folder / _FOLDER
    state = json.loads((own / _STATE).read_text("utf-8"))
    if state["version"] != VERSION:
        raise UsageError(f"{folder} was saved by a later version of forecast", "install that version")
    schema = _read(own / "types.arrow").schema
    roles = Roles(tuple(state["ids"]), state["time"], state["target"])
    labels = {}
    for number, name in enumerate(roles.ids):
        table = _read(own / f"ids-{number}.arrow").combine_chunks()
        labels[name] = Labels(_array(table, "value"), _array(table, "text"))
    data = Data(
        table=_read(own / "data.arrow"),
        roles=roles,
        kind=Kind.of_schema(state["library"], state["lazy"], schema),
        names=state["names"],
        labels=labels,
        time_type=schema.field(roles.time).type,
        covariates=tuple(state["covariates"]),
    )
    return State(state["settings"], data, _fit(folder, state, data))


def _fit(folder: Path, state: dict[str, Any], data: Data) -> Fit | None:
    fit = state.get("fit")
    if fit is None:
        return None
    own, future = folder / _FOLDER, None
    if "future" in fit:
        roles = Roles(data.roles.ids, data.roles.time, "")
        table, covariates = _read(own / "future.arrow"), tuple(fit["future"])
        future = Data(table, roles, data.kind, data.names, data.labels, data.time_type, covariates)
    table = _read(own / "forecast.arrow")
    return Fit(Run(folder), fit["h"], tuple(fit["known"]), tuple(fit["covariates"]), table, future)


def _array(table: pa.Table, name: str) -> pa.Array:
    column = table.column(name)
    return column.chunk(0) if column.num_chunks else pa.array([], column.type)


def _read(path: Path) -> pa.Table:
    # into memory, because the folder may be removed
    with pa.OSFile(str(path), "rb") as file:
        return pa.ipc.open_file(pa.BufferReader(file.read_buffer())).read_all()
