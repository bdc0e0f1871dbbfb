"""The settings of ``Forecast``, and the flags of the command line that stand for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from forecast.errors import UsageError
from forecast.frames import Data
from forecast.options import READING, Option, flags, frequency_name, names_flag, names_of


@dataclass(frozen=True)
class Settings:
    """What the constructor of ``Forecast`` takes, without what concerns the computer only."""

    freq: str | int | None
    level: Sequence[float] | None
    model: str
    quantiles: Sequence[float] | None
    covariates: Sequence[str] | None
    holidays: str | None
    options: Mapping[str, Option]

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        lists = {"level": self.level, "quantiles": self.quantiles, "covariates": self.covariates}
        plain = {"freq": self.freq, "model": self.model, "holidays": self.holidays}
        return plain | {name: None if own is None else list(own) for name, own in lists.items()} | dict(self.options)

    def reading(self, data: Data) -> list[str]:
        """Return the flags that say how data are read."""
        roles = data.roles
        time, target = data.program_names([roles.time, roles.target])
        ids = names_flag("id", data.program_names(roles.ids))
        freq = flags({"frequency": frequency_name(self.freq)})
        return [f"--time={time}", f"--target={target}", *ids, *freq, *flags(self.options, READING)]

    def others(self, without: Set[str] = frozenset()) -> list[str]:
        """Return the flags of the options that say neither how data are read nor name columns, without those named."""
        omitted = READING | without | {"categories"}
        return flags({name: own for name, own in self.options.items() if name not in omitted})

    def levels(self, level: Sequence[float] | None = None, quantiles: Sequence[float] | None = None) -> list[str]:
        """Return the flags of the levels that are given, or else of those of the settings."""
        if level is None and quantiles is None:
            level, quantiles = self.level, self.quantiles
        return flags({"level": level or None, "quantiles": quantiles or None})

    def own_covariates(self, data: Data) -> list[str]:
        """Return the covariates of the settings. Those that are words by request are covariates, too.

        Raises:
            UsageError: If the data have no such column.
        """
        names = present(data, self.covariates or (), "covariates")
        return list(dict.fromkeys([*names, *present(data, self._categories(), "categories")]))

    def covariate_flags(self, data: Data, columns: Sequence[str]) -> list[str]:
        """Return the flags that make columns, or the holidays of a country, covariates."""
        names = names_flag("covariates", data.program_names(columns))
        words = names_flag("categories", data.program_names(self._categories()))
        return [*names, *words, *flags({"holidays": self.holidays})]

    def _categories(self) -> tuple[str, ...]:
        return names_of(self.options.get("categories"))


def present(data: Data, columns: Sequence[str], argument: str) -> list[str]:
    """Return the covariates that an argument names, if the data have them.

    Raises:
        UsageError: If one is missing.
    """
    missing = [name for name in columns if name not in data.covariates]
    if missing:
        others = ", ".join(data.covariates) or "none"
        raise UsageError(
            f"`{argument}` names {missing[0]!r}, but `df` has no such column of numbers or text (there are: {others})",
            "add the column to `df`, with its values of the past",
        )
    return list(columns)
