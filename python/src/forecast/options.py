"""Options of the command line as keyword arguments: their names, their values, and hints that name them."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from forecast.errors import UsageError

Option: TypeAlias = "str | int | float | bool | Sequence[str | int | float] | None"

# Options that a method or another argument sets.
RESERVED = {
    "csv": "the dataframe is the first argument of a method",
    "frame": "the dataframe is the first argument of a method",
    "id": "name the columns with `id_col` of the method",
    "time": "name the column with `time_col` of the method",
    "target": "name the column with `target_col` of the method",
    "future": "give the dataframe of the future as `X_df`",
    "horizon": "give the number of steps as `h` of the method",
    "until": "give the number of steps as `h` of the method",
    "frequency": "give it as `freq`",
    "folds": "give it as `n_windows` of `cross_validation`",
    "step": "give it as `step_size` of `cross_validation`",
    "refit": "give it to `cross_validation`",
    "known": "give it to `cross_validation`",
    "wide": "give a dataframe with one row for each series and time",
    "sheet": "a dataframe has no sheets",
    "out": "`save` writes a folder",
    "format": "`plot` has it",
    "json": "`record` has the object",
    "save": "`save` writes a folder",
}

# Options on how data are read. Every command that reads data has them.
READING = {
    "encoding",
    "season",
    "dates",
    "decimal",
    "zone",
    "duplicates",
    "gaps",
    "leave_out",
    "missing",
    "bad_rows",
    "spikes",
    "unfinished",
}
# Options of a forecast of the future. A backtest has none of them.
FORECASTING = {
    "anomalies",
    "explain",
    "reconcile",
    "require_skill",
    "resume",
    "sensitivity",
    "threshold",
    "total",
}

_FREQUENCIES = {
    "D": "daily",
    "B": "business",
    "W": "weekly",
    "M": "monthly",
    "MS": "monthly",
    "ME": "monthly",
    "BMS": "monthly",
    "BME": "monthly",
    "Q": "quarterly",
    "QS": "quarterly",
    "QE": "quarterly",
    "BQS": "quarterly",
    "BQE": "quarterly",
    "Y": "yearly",
    "A": "yearly",
    "YS": "yearly",
    "YE": "yearly",
    "AS": "yearly",
    "BYS": "yearly",
    "BYE": "yearly",
    "H": "hourly",
    "T": "minutely",
    "MIN": "minutely",
    "S": "secondly",
}
_POLARS_UNITS = {"d": "daily", "w": "weekly", "mo": "monthly", "q": "quarterly", "y": "yearly"}
_SHORT_UNITS = {"h": "h", "t": "min", "m": "min", "min": "min", "s": "s", "l": "ms", "ms": "ms"}


def frequency_name(freq: str | int | None) -> str | None:
    """Return the name of a frequency on the command line, from a name or an alias of pandas or Polars.

    A number, as StatsForecast takes for integer times, names no frequency: steps of integers are always found.
    """
    if freq is None or isinstance(freq, int):
        return None
    alias = freq.split("-")[0]
    named = _FREQUENCIES.get(alias) or _FREQUENCIES.get(alias.upper() if len(alias) == 1 else alias)
    if named is not None and alias != "m":
        return named
    length = re.fullmatch(r"(\d+)\s*([A-Za-z]+)", alias)
    if length is None:
        return freq
    count, unit = int(length[1]), length[2]
    if unit in ("MS", "ME", "QS", "QE", "YS", "YE", "M", "Q", "Y", "A", "D", "W", "B"):
        return _multiple(freq, count, _FREQUENCIES[unit])
    if unit in _POLARS_UNITS:
        return _multiple(freq, count, _POLARS_UNITS[unit])
    short = _SHORT_UNITS.get(unit.lower())
    return f"{count}{short}" if short is not None else freq


def _multiple(freq: str, count: int, name: str) -> str:
    months = {"monthly": 1, "quarterly": 3, "yearly": 12}
    names = {1: "monthly", 3: "quarterly", 12: "yearly"}
    if count == 1:
        return name
    if names.get(count * months.get(name, 0)):
        return names[count * months[name]]
    raise UsageError(
        f"the frequency {freq!r} has no name: it is {count} steps of the frequency {name}",
        "leave `freq` out: the frequency is then found in the times",
    )


def check_options(options: Mapping[str, Option]) -> None:
    """Refuse options that a method or another argument sets."""
    for name in options:
        if name in RESERVED:
            raise UsageError(f"`{name}` is no option of Forecast", RESERVED[name])


def whole_steps(h: object) -> int:
    """The number of steps `h`, or why it is none."""
    try:
        steps = operator.index(h)  # type: ignore[arg-type]
    except TypeError:
        steps = 0
    if steps < 1:
        raise UsageError(f"the number of steps is {h!r}", "give a whole number from 1, as in `h=14`")
    return steps


def flags(options: Mapping[str, Option], only: Iterable[str] | None = None) -> list[str]:
    """Return options as arguments of the command line, or those of them that ``only`` names."""
    arguments: list[str] = []
    for name, value in options.items():
        if value is None or value is False or (only is not None and name not in only):
            continue
        flag = "--" + name.replace("_", "-")
        if value is True:
            arguments.append(flag)
        else:
            arguments.append(f"{flag}={_text(name, value)}")
    return arguments


def names_flag(flag: str, names: Sequence[str]) -> list[str]:
    """Return the flag with a list of names, or nothing without names."""
    return [f"--{flag}={','.join(names)}"] if names else []


def names_of(value: Option) -> tuple[str, ...]:
    """Return the names of an option, which may be one name or several."""
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, int | float):
        raise UsageError(f"{value!r} is no list of names", "name the columns, as in `covariates=['price']`")
    return tuple(str(name) for name in value)


def _text(name: str, value: Option) -> str:
    if isinstance(value, str | int | float):
        return str(value)
    assert value is not None
    items = [str(item) for item in value]
    if any("," in item for item in items):
        raise UsageError(f"an item of `{name}` has a comma, which separates items", "leave the item out, or rename it")
    return ",".join(items)


_ARGUMENT_NAMES = {"frequency": "freq", "id": "id_col", "time": "time_col", "target": "target_col", "horizon": "h"}
_ARGUMENT_NAMES |= {"folds": "n_windows", "step": "step_size", "future": "X_df"}
_NUMBER = re.compile(r"[0-9.]+")


def hint_in_python(hint: str) -> str:
    """Return a hint with keyword arguments in place of flags: ``duplicates="sum"`` for ``--duplicates sum``."""

    def argument(match: re.Match[str]) -> str:
        flag, value = match[1].replace("-", "_"), match[2]
        name = _ARGUMENT_NAMES.get(flag, flag)
        if value is None:
            return f"`{name}`"
        value = value.strip("'")
        shown = value if _NUMBER.fullmatch(value) else f'"{value}"'
        if name == "level" and "," in value:
            shown = f"[{value}]"
        return f"`{name}={shown}`"

    hint = re.sub(r"`--([a-z-]+)(?:[ =]('[^']*'|[^ `]+))?`", argument, hint)
    return re.sub(r"(?<![`\w-])--([a-z][a-z-]*)(?:=([^ ,;`]+))?", argument, hint)
