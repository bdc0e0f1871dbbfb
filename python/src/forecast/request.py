"""What a user asks of an engine, whatever the engine is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forecast import sampling
from forecast.errors import DataError, UsageError
from forecast.options import Option, check_options, names_of, whole_steps
from forecast.partitions import is_result_column

# The models that learn from many series, and so need a pooled model to be given.
POOLING = ("auto",)
# The series that show how data are to be read, and those that a pooled model is trained on.
SERIES_TO_INSPECT = 200
_WITHOUT_PARTITIONS = {
    "reconcile": "sums over series need all of them: forecast first, then sum",
    "resume": "the engine tries a partition again",
    "budget": "forecasts would depend on the speed of the workers",
    "require_skill": "filter the result by its columns `mase` and `seasonal_naive_mase`",
}


@dataclass(frozen=True)
class Request:
    """What a user asks for, whatever the engine is."""

    h: int
    ids: tuple[str, ...]
    time: str
    target: str
    freq: str | int | None
    level: Sequence[float] | None
    quantiles: Sequence[float] | None
    model: str
    pooled_model: str | Path | None
    sample: int
    options: Mapping[str, Option]
    covariates: tuple[str, ...] = ()
    """Other columns that the model uses."""
    categories: tuple[str, ...] = ()
    """Those of them that are words by request, also where they are numbers."""
    known: tuple[str, ...] = ()
    """Those of them whose future is given."""

    @property
    def columns(self) -> list[str]:
        """The columns that are read."""
        return [*self.ids, self.time, self.target, *self.covariates]

    @property
    def future_columns(self) -> list[str]:
        """The columns that are read of the future rows."""
        return [*self.ids, self.time, *self.known]

    @classmethod
    def checked(
        cls,
        columns: Sequence[str],
        by: str | Sequence[str],
        h: Any,
        future: Sequence[str] | None = None,
        **others: Any,
    ) -> Request:
        """Make a request for a dataset of these columns, and for future rows with other ones.

        Raises:
            UsageError: If the arguments do not make sense.
            DataError: If a column is missing.
        """
        ids = (by,) if isinstance(by, str) else tuple(by)
        options = dict(others.pop("options"))
        roles = (*ids, others["time"], others["target"])
        known = () if future is None else tuple(name for name in future if name not in roles)
        if future is not None and not known:
            raise UsageError("`X_df` has no column besides ids and times", "leave it out, or add the covariates")
        categories = names_of(options.pop("categories", None))
        covariates = dict.fromkeys([*names_of(options.pop("covariates", None)), *categories, *known])
        own = cls(
            whole_steps(h),
            ids,
            options=options,
            covariates=tuple(covariates),
            categories=categories,
            known=known,
            **others,
        )
        check_options(own.options)
        for name in own.options:
            if name in _WITHOUT_PARTITIONS:
                raise UsageError(f"`{name}` has no meaning for partitions", _WITHOUT_PARTITIONS[name])
        for name in own.future_columns if future is not None else ():
            if name not in (future or ()):
                raise DataError(
                    f"`X_df` has no column {name!r}", "give it the ids and the times of the steps to forecast"
                )
        wanted = own.columns
        if not ids:
            raise UsageError("`by` names no column", "name the id columns, as in `by=['unique_id']`")
        for name in wanted:
            if name not in columns:
                raise DataError(
                    f"the data have no column {name!r} (the columns are: {', '.join(columns)})",
                    "name the columns, as in `by=['store'], time_col='date', target_col='sales'`",
                )
            if wanted.count(name) > 1:
                raise UsageError(f"the column {name!r} has two roles", "name a column for each role")
            if "," in name and name in own.covariates:
                raise UsageError(f"the covariate {name!r} has a comma in its name", "rename it")
            if is_result_column(name):
                raise UsageError(f"the column {name!r} has the name of a column of the result", "rename it")
            if sampling.is_sample_column(name):
                raise UsageError(f"the column {name!r} has the name of a column of the sample", "rename it")
        for name, is_given in (("pooled_model", own.pooled_model is not None), ("X_df", future is not None)):
            if is_given and own.model not in POOLING:
                raise UsageError(
                    f"`{name}` has no effect on {own.model}, which is fitted to each series",
                    "leave it out, or give `model='auto'`",
                )
        return own

    @property
    def series_to_sample(self) -> int:
        """The number of series that the driver needs."""
        trains = self.model in POOLING and self.pooled_model is None
        return max(self.sample, SERIES_TO_INSPECT) if trains else SERIES_TO_INSPECT
