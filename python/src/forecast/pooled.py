"""The folder of a pooled model on its way to the workers of an engine."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

# The pooled networks that the program contains.
PRETRAINED = "pretrained"


def archive(folder: Path) -> bytes:
    """Return a folder as an archive. The same files give the same bytes."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = tarfile.TarInfo(str(path.relative_to(folder)))
                entry.size = path.stat().st_size
                with path.open("rb") as file:
                    tar.addfile(entry, file)
    return content.getvalue()


def arguments(model: bytes | None, folder: str) -> list[str]:
    """Return the arguments that name a pooled model, which is written to a folder first if it is an archive."""
    if model is None:
        return []
    if model == PRETRAINED.encode():
        return [f"--pooled-model={PRETRAINED}"]
    with tarfile.open(fileobj=io.BytesIO(model)) as tar:
        tar.extractall(folder, filter="data")
    return [f"--pooled-model={folder}"]
