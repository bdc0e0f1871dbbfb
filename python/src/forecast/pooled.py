"""The folder of a pooled model on its way to the workers of an engine."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

# The pooled networks that the program contains.
PRETRAINED = "pretrained"
# What the folder of a run has of its model: the folder of the model, and the record of how the sample was read.
_MODEL, _RECORD = "model", "run.json"


@dataclass(frozen=True)
class PooledModel:
    """A pooled model for workers, which share no disk with the driver."""

    archive: bytes | None = None
    """The files of the folder of the model; ``None`` for the networks that the program contains."""

    @classmethod
    def of(cls, folder: Path) -> PooledModel:
        """Return the model of a folder, which may also be that of the run that saved it.

        Of the folder of a run, only the model and the record are taken. The same files give the same bytes.
        """
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        if (folder / _MODEL).is_dir():
            files = [path for path in files if path == folder / _RECORD or folder / _MODEL in path.parents]
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            for path in files:
                # without the time of the file
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix())
                archive.writestr(entry, path.read_bytes())
        return cls(content.getvalue())

    def arguments(self, folder: str) -> list[str]:
        """Return the arguments that name the model. An archive is written to ``folder`` first."""
        if self.archive is None:
            return [f"--pooled-model={PRETRAINED}"]
        with zipfile.ZipFile(io.BytesIO(self.archive)) as archive:
            archive.extractall(folder)
        return [f"--pooled-model={folder}"]
