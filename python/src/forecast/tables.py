"""The dataframes of results, from the tables of the program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from forecast.arrow_columns import column_name
from forecast.errors import ProgramError
from forecast.frames import Data

_FIRST_SCORES = ["model", "mase", "crps", "mae", "rmse", "smape", "wape", "pinball"]


def forecast_of(data: Data, table: pa.Table, has_levels: bool) -> Any:
    """Return the dataframe of a forecast: ids, times, the median, and the levels if there are some."""
    ids, time = data.program_names(data.roles.ids), data.names[data.roles.time]
    values = [name for name in table.column_names if name not in (*ids, time)]
    if not has_levels:
        # the program always forecasts some
        values = ["forecast"]
    return data.result(table, {time: data.roles.time}, {name: column_name(name) for name in values})


def first_steps(table: pa.Table, of: int, steps: int) -> pa.Table:
    """Return the first steps of each series. Rows of a series follow one another, as many for each."""
    if steps >= of:
        return table
    of_one = [True] * steps + [False] * (of - steps)
    return table.filter(pa.array(of_one * (table.num_rows // of), pa.bool_()))


def folds_of(data: Data, table: pa.Table, models: Sequence[str], has_levels: bool) -> Any:
    """Return the dataframe of a backtest, with the columns of each model next to one another.

    Raises:
        ProgramError: If the models have different folds.
    """
    roles, time = data.roles, data.names[data.roles.time]
    keys = [*data.program_names(roles.ids), time, "cutoff", "actual"]
    parts = {name: table.filter(pc.equal(table.column("model"), name)) for name in models}
    parts = {name: part for name, part in parts.items() if part.num_rows > 0}
    values = [name for name in table.column_names if name not in (*keys, "model", "fold", "step")]
    if not has_levels:
        values = ["forecast"]
    key_rows = next(iter(parts.values())).select(keys)
    rows, names = key_rows, {"actual": roles.target}
    for model, part in parts.items():
        if not part.select(keys).equals(key_rows):
            raise ProgramError(f"the folds of {model} differ from those of other models")
        for name in values:
            shown = column_name(name)
            own = f"{model}/{name}"
            rows = rows.append_column(own, part.column(name))
            names[own] = shown if len(models) == 1 else model + shown.removeprefix("forecast")
    return data.result(rows, {time: roles.time, "cutoff": "cutoff"}, names)


def scores_of(scores: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Return the scores of models as a table, the usual measures first."""
    columns = dict.fromkeys(name for row in [dict.fromkeys(_FIRST_SCORES), *scores] for name in row)
    columns = {name: None for name in columns if name != "why" and any(name in row for row in scores)}
    return pa.table({name: [row.get(name) for row in scores] for name in columns})
