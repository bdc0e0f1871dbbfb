"""What a run says besides its dataframes: the verdict, and pictures."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Verdict:
    """The comparison of a model with seasonal naive on folds of the past. ``str()`` is the sentence.

    Without a comparison, for example because the history is too short, only the sentence says why.
    """

    sentence: str
    """The verdict in a sentence."""
    beats_seasonal_naive: bool = False
    """Whether the model is more accurate, and this is unlikely to be chance."""
    claim: str | None = None
    """What the test supports: better, worse, equal, or not sure."""
    skill: float | None = None
    """1 - mase / seasonal_naive_mase; no unit, above 0 if the model is more accurate."""
    expected_skill: float | None = None
    """The skill to expect of later forecasts: that of the past, shrunk toward a usual one."""
    skill_interval_95: tuple[float, float] | None = None
    """The 95 % confidence interval of the skill."""
    p_value: float | None = None
    """The probability of such a difference between models that are equally accurate."""
    mase: float | None = None
    """The mean MASE of the model; no unit."""
    seasonal_naive_mase: float | None = None
    """The mean MASE of seasonal naive; no unit."""
    independent_periods: int = 0
    """The number of independent periods that the test counts."""
    series: int = 0
    """The number of compared series."""
    series_won: int = 0
    """The number of series for which the model has the lower MASE."""
    series_left_out: int = 0
    """The number of series that do not count, because they ended long before the others."""
    folds: int = 0
    """The largest number of folds of a series."""
    points: int = 0
    """The number of forecast values that were compared with actual ones."""

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Verdict:
        """Make a verdict of that in ``run.json``."""
        known = {field.name: record[field.name] for field in fields(cls) if field.name in record}
        if known.get("skill_interval_95") is not None:
            low, high = known["skill_interval_95"]
            known["skill_interval_95"] = (low, high)
        return cls(**known)

    def __str__(self) -> str:
        """Return the sentence."""
        return self.sentence


@dataclass(frozen=True)
class Picture:
    """A picture as PNG or SVG, which notebooks show."""

    content: bytes
    format: str
    """``png`` or ``svg``."""

    def save(self, path: str | Path) -> Path:
        """Write the picture to a file, and return its path."""
        path = Path(path)
        path.write_bytes(self.content)
        return path

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Return the picture for a notebook."""
        if self.format == "svg":
            return {"image/svg+xml": self.content.decode("utf-8")}
        return {"image/png": base64.b64encode(self.content).decode("ascii")}

    def __repr__(self) -> str:
        """Return the format and the size."""
        return f"Picture(format={self.format!r}, {len(self.content):,} bytes)"
