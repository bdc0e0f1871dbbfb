"""The class ``Forecast``."""

from __future__ import annotations

import html
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from forecast import frames, saved
from forecast.errors import ProgramError, UsageError
from forecast.frames import Data, Kind
from forecast.options import (
    FORECASTING,
    Option,
    check_options,
    flags,
    names_flag,
    whole_steps,
)
from forecast.program import Runner
from forecast.results import Picture, Verdict
from forecast.runs import Fit, Run, Workspace
from forecast.settings import Settings, present
from forecast.tables import first_steps, folds_of, forecast_of, scores_of

BASELINE = "seasonal-naive"
_REPORT_HEIGHT = 640


class Forecast:
    """Forecasts the series of a dataframe, and says how good that is.

    A dataframe has one row for each series and time: the columns ``unique_id``, ``ds`` and ``y``, or others that the
    methods name. Without an id column, it is one series. Dataframes of pandas, Polars, PyArrow and other libraries that
    narwhals reads are taken; results are of the same kind.

    Args:
        freq: The step between times, as ``"daily"`` or an alias of pandas or Polars. By default it is found.
        level: Central intervals in percent; ``None`` for none.
        model: The model: ``"auto"``, an ensemble, or a single one such as ``"theta"`` or ``"lstm"``.
        quantiles: Single quantiles between 0 and 1, besides the intervals.
        covariates: Other columns that the model may use. Those of ``X_df`` are added, and are known in the future.
        holidays: The country whose public holidays the model may use, by its code, such as ``"AU"``.
        progress: Whether a bar of tqdm shows the progress; by default in terminals and notebooks.
        threads: The threads to compute on; the forecasts do not depend on it.
        **options: Further options of the command line, with underscores: ``duplicates="sum"``, ``season=[24, 168]``,
            ``budget="30s"``, ``seed=1``, ``hidden=64``, ``reconcile=True``,
            ``categories=["store_type"]`` for covariates that are words, also where they are numbers.

    Raises:
        UsageError: If an option is set by a method or another argument.
    """

    def __init__(
        self,
        freq: str | int | None = None,
        level: Sequence[float] | None = (80, 95),
        *,
        model: str = "auto",
        quantiles: Sequence[float] | None = None,
        covariates: Sequence[str] | None = None,
        holidays: str | None = None,
        progress: bool | None = None,
        threads: int | None = None,
        **options: Option,
    ) -> None:
        """Keep the settings. Nothing is run yet."""
        check_options(options)
        self.freq = freq
        self.level = level
        self.model = model
        self.quantiles = quantiles
        self.covariates = covariates
        self.holidays = holidays
        self.progress = progress
        self.threads = threads
        self.options = options
        self._start()

    def _start(self) -> None:
        """Begin without data and without runs."""
        self._lock = threading.RLock()
        self._workspace = Workspace(Runner(self.progress, self.threads))
        self._data: Data | None = None
        self._fit: Fit | None = None
        # the latest run, and its data
        self._latest: tuple[Run, Data] | None = None
        # the latest run with a verdict, and the kind of its dataframe
        self._judged: tuple[Run, Kind] | None = None

    def fit(
        self,
        df: Any,
        h: int | None = None,
        X_df: Any = None,
        *,
        id_col: str | Sequence[str] | None = "unique_id",
        time_col: str = "ds",
        target_col: str = "y",
    ) -> Forecast:
        """Read the series of a dataframe, and train the model if the horizon is known.

        A model learns for a number of steps. Without ``h``, the data are read and checked, and the first call of
        ``predict`` trains.

        Args:
            df: The dataframe.
            h: The number of steps to forecast.
            X_df: The values of covariates after the end of the series: ids, times, and columns that ``df`` has, too.
            id_col: The column or columns that identify the series; ``None`` for one series.
            time_col: The column with the times.
            target_col: The column to forecast.

        Raises:
            ForecastError: If the data cannot be read, or the model cannot be fitted to them.
        """
        with self._lock:
            data = frames.read(df, id_col, time_col, target_col, None)
            self._workspace.seen.clear()
            if h is None:
                columns = self._settings.own_covariates(data)
                arguments = [*self._settings.reading(data), *self._settings.covariate_flags(data, columns)]
                self._workspace.check(data, arguments, columns)
                self._data = data
                self._keep(None, None, None)
            else:
                self._train(data, whole_steps(h), X_df)
        return self

    def predict(
        self,
        h: int | None = None,
        X_df: Any = None,
        level: Sequence[float] | None = None,
        quantiles: Sequence[float] | None = None,
    ) -> Any:
        """Forecast the steps after the end of each series.

        The first call trains the model. So does a later one with a longer horizon, or with other covariates.

        Args:
            h: The number of steps; by default those that the model was trained for.
            X_df: The values of covariates after the end of the series.
            level: Central intervals in percent.
            quantiles: Single quantiles between 0 and 1. Without both, those of the constructor are forecast.

        Returns:
            A dataframe of the kind of that of ``fit``, with one row for each series and step: the ids, the time,
            ``forecast`` (the median), and the ends of the intervals, as in ``forecast-lo-80`` and ``forecast-hi-80``.

        Raises:
            ForecastError: If there are no data yet, or the model cannot forecast.
        """
        with self._lock:
            data, fit = self._fitted_data(), self._fit
            if h is None and fit is None:
                raise UsageError("the number of steps is missing", "give it, as in `predict(h=14)`")
            steps = whole_steps(h) if h is not None or fit is None else fit.h
            known = set() if X_df is None else set(self._known(data, X_df))
            needs_training = fit is None or steps > fit.h or (X_df is not None and known != set(fit.known))
            if fit is None or needs_training:
                fit = self._train(data, steps, X_df)
            table = fit.table
            levels = self._settings.levels(level, quantiles)
            if levels != self._settings.levels() or (X_df is not None and not needs_training):
                future = self._future(data, X_df) if X_df is not None else fit.future
                command = ["predict", f"--model={fit.run.folder}"]
                arguments = [*self._settings.reading(data), *levels, "--no-report"]
                run = self._workspace.run(command, data, arguments, fit.covariates, future)
                table = run.table("forecast", data)
                self._workspace.discard(run)
            return forecast_of(data, first_steps(table, fit.h, steps), bool(levels))

    def forecast(
        self,
        df: Any,
        h: int,
        X_df: Any = None,
        *,
        id_col: str | Sequence[str] | None = "unique_id",
        time_col: str = "ds",
        target_col: str = "y",
    ) -> Any:
        """Fit and forecast in one call; see ``fit`` and ``predict``."""
        with self._lock:
            self.fit(df, h, X_df, id_col=id_col, time_col=time_col, target_col=target_col)
            return self.predict(h)

    def cross_validation(
        self,
        df: Any,
        h: int,
        n_windows: int | None = None,
        step_size: int | None = None,
        *,
        refit: bool = False,
        models: Sequence[str] | None = None,
        known: Sequence[str] = (),
        id_col: str | Sequence[str] | None = "unique_id",
        time_col: str = "ds",
        target_col: str = "y",
    ) -> Any:
        """Forecast the past of each series from several cutoffs, each from the data before it.

        Args:
            df: The dataframe.
            h: The number of steps to forecast.
            n_windows: The number of cutoffs; by default up to five, fewer for a short history.
            step_size: The steps from one cutoff to the next; by default ``h``.
            refit: Whether networks are trained again at each cutoff. All other models always are.
            models: Models to compare; by default that of the constructor. Seasonal naive is always compared.
            known: Covariates to treat as known in the future. They are added to those of the constructor.
            id_col: The column or columns that identify the series; ``None`` for one series.
            time_col: The column with the times.
            target_col: The column to forecast.

        Returns:
            A dataframe of the same kind, with one row for each series, cutoff and step: the ids, the time, ``cutoff``,
            the actual value under its own name, and the columns of a forecast. With several models, each has columns
            with its name in place of ``forecast``. ``leaderboard`` and ``verdict`` have the scores.

        Raises:
            ForecastError: If the data cannot be read, or the history is too short.
        """
        with self._lock:
            data = frames.read(df, id_col, time_col, target_col, None)
            columns = list(dict.fromkeys([*self._settings.own_covariates(data), *present(data, known, "known")]))
            names = [self.model] if models is None else list(models)
            arguments = [
                *self._settings.reading(data),
                *self._settings.covariate_flags(data, columns),
                *names_flag("known", data.program_names(known)),
                *self._settings.levels(),
                *flags({"folds": n_windows, "step": step_size, "refit": refit}),
                *self._settings.others(without=FORECASTING),
                *names_flag("model", names),
                f"--horizon={whole_steps(h)}",
            ]
            run = self._workspace.run(["backtest"], data, arguments, columns)
            self._keep(self._fit, (run, data), (run, data.kind))
            table = run.table("backtest", data, ["cutoff", "model"])
            return folds_of(data, table, names, bool(self._settings.levels()))

    def update(self, new_rows: Any, X_df: Any = None) -> Any:
        """Add rows to the data, and forecast from the last of them without training.

        Rows that the data have already replace them where they differ. Warnings tell if errors have grown since the
        training, so that the model should be trained again.

        Args:
            new_rows: A dataframe with the columns of that of ``fit``.
            X_df: The values of covariates after the new rows.

        Returns:
            The forecast after the new rows, as of ``predict``.

        Raises:
            ForecastError: If no model was trained, or the rows cannot be added.
        """
        with self._lock:
            data, fit = self._fitted_data(), self._fit
            if fit is None:
                raise UsageError("no model was trained yet", "call `fit(df, h=14)` or `predict(h=14)` first")
            roles = data.roles
            new = frames.read(new_rows, roles.ids, roles.time, roles.target, fit.covariates, "new_rows", data)
            extended = data.extended(new)
            future = None if X_df is None else self._future(extended, X_df)
            command = ["update", f"--model={fit.run.folder}", "--save"]
            run = self._workspace.run(command, new, self._settings.levels(), fit.covariates, future, "new_rows")
            table = run.table("forecast", extended)
            self._data = extended
            self._keep(replace(fit, table=table, future=future), (run, extended), self._judged)
            return forecast_of(extended, table, bool(self._settings.levels()))

    @property
    def verdict(self) -> Verdict:
        """The comparison with seasonal naive of the latest training or cross validation.

        Raises:
            UsageError: If there was none yet.
        """
        verdict = self._judging_run()[0].verdict
        if verdict is None:
            raise UsageError("the latest run has no verdict", "call `fit(df, h=14)` first")
        return verdict

    @property
    def leaderboard(self) -> Any:
        """The scores of the models, the most accurate first, as a dataframe.

        After a cross validation, it has all scores of all models. After a training, it has the MASE of the model and of
        seasonal naive.

        Raises:
            UsageError: If there was neither yet.
        """
        run, kind = self._judging_run()
        scores = run.record.get("scores")
        if scores is None:
            verdict = self.verdict
            models = {self.model: verdict.mase, BASELINE: verdict.seasonal_naive_mase}
            by_error = sorted(models.items(), key=lambda item: (item[1] is None, item[1]))
            scores = [{"model": name, "mase": mase} for name, mase in by_error]
        return replace(kind, types={}).build(scores_of(scores))

    @property
    def failed(self) -> Any:
        """The series without a forecast in the latest run, with the reasons, as a dataframe.

        Raises:
            UsageError: If there was no run yet.
        """
        run, data = self._latest_run()
        if (run.folder / "failed.csv").is_file():
            table = run.table("failed", data, ["reason"], has_time=False)
        else:
            names = [*data.program_names(data.roles.ids), "reason"]
            table = pa.table({name: pa.array([], pa.string()) for name in names})
        return data.result(table, {}, {"reason": "reason"})

    @property
    def record(self) -> Mapping[str, Any]:
        """The record of the latest run, which has settings, versions, notices, ensemble weights and times.

        Raises:
            UsageError: If there was none yet.
        """
        return self._latest_run()[0].record

    def plot(
        self,
        format: str = "png",
        *,
        width: int | None = None,
        height: int | None = None,
        theme: str | None = None,
        title: str | None = None,
    ) -> Picture:
        """Draw the latest forecast, or the folds of the latest cross validation. A notebook shows the result.

        Args:
            format: ``"png"`` or ``"svg"``.
            width: The width in pixels.
            height: The height in pixels.
            theme: ``"light"`` or ``"dark"``.
            title: A title in place of what is shown.

        Raises:
            ForecastError: If there was no run yet, or an option has no such value.
        """
        with self._lock:
            run = self._latest_run()[0]
            options = {"format": format, "width": width, "height": height, "theme": theme, "title": title}
            with tempfile.TemporaryDirectory(prefix="forecast-", dir=self._workspace.folder) as folder:
                out = Path(folder) / "pictures"
                self._workspace.runner.run(["plot", str(run.folder), *flags(options), f"--out={out}"])
                picture = Run(out).picture()
                if picture is None:
                    raise ProgramError("the program drew no picture")
                return Picture(picture.read_bytes(), format)

    def report(self, path: str | Path | None = None) -> str:
        """Return the report of the latest run as one page of HTML, and write it to a file if a path is given.

        Raises:
            ForecastError: If there was no run yet.
        """
        with self._lock:
            page = (self._latest_run()[0].folder / "report.html").read_text("utf-8")
        if path is not None:
            Path(path).write_text(page, "utf-8")
        return page

    def save(self, path: str | Path) -> Path:
        """Write the data and the fitted model to a folder, which ``load`` and the command line read.

        Raises:
            UsageError: If no model was trained, or the folder exists and is no saved forecast.
        """
        with self._lock:
            data, fit = self._fitted_data(), self._fit
            if fit is None:
                raise UsageError("no model was trained yet", "call `fit(df, h=14)` or `predict(h=14)` first")
            return saved.save(Path(path), self._settings.arguments(), data, fit)

    @classmethod
    def load(cls, path: str | Path, *, progress: bool | None = None, threads: int | None = None) -> Forecast:
        """Return what ``save`` wrote to a folder.

        Raises:
            UsageError: If the folder has no saved forecast.
        """
        state = saved.load(Path(path))
        own = cls(**{**state.settings, "progress": progress, "threads": threads})
        own._adopt(state)
        return own

    def __getstate__(self) -> dict[str, Any]:
        """Return the settings, and the saved folder as bytes if a model was trained."""
        with self._lock:
            runtime = {"progress": self.progress, "threads": self.threads}
            content = None if self._data is None else saved.packed(self._settings.arguments(), self._data, self._fit)
            return {"settings": self._settings.arguments() | runtime, "content": content}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        """Take what ``__getstate__`` returned."""
        self.__init__(**state["settings"])  # type: ignore[misc]
        if state["content"] is not None:
            with saved.unpacked(state["content"]) as content:
                self._adopt(content)

    def __repr__(self) -> str:
        """Return the constructor call, without what has its default."""
        shown = [f"{name}={value!r}" for name, value in self._settings.arguments().items() if value is not None]
        return f"Forecast({', '.join(shown)})"

    def _repr_html_(self) -> str:
        """Return the report of the latest run for a notebook."""
        if self._latest is None or not (self._latest[0].folder / "report.html").is_file():
            return f"<code>{html.escape(repr(self))}</code>"
        page = html.escape(self.report(), quote=True)
        # the page of the report allows its own style and script only
        return (
            f'<iframe srcdoc="{page}" sandbox="allow-scripts" title="forecast" loading="lazy" '
            f'style="width: 100%; height: {_REPORT_HEIGHT}px; border: 0"></iframe>'
        )

    @property
    def _settings(self) -> Settings:
        return Settings(self.freq, self.level, self.model, self.quantiles, self.covariates, self.holidays, self.options)

    def _adopt(self, state: saved.State) -> None:
        self._data = state.data
        if state.fit is not None:
            run = self._workspace.adopt(state.fit.run.folder)
            self._keep(replace(state.fit, run=run), (run, state.data), (run, state.data.kind))
            self._workspace.seen.update(run.notices)

    def _train(self, data: Data, h: int, X_df: Any) -> Fit:
        """Fit the model to data, and forecast."""
        known: Sequence[str] = () if X_df is None else self._known(data, X_df)
        columns = list(dict.fromkeys([*self._settings.own_covariates(data), *known]))
        future = None if X_df is None else self._future(data, X_df)
        arguments = [
            *self._settings.reading(data),
            *self._settings.covariate_flags(data, columns),
            *self._settings.levels(),
            *self._settings.others(),
            f"--model={self.model}",
            f"--horizon={h}",
        ]
        run = self._workspace.run([], data, arguments, columns, future)
        fit = Fit(run, h, tuple(known), tuple(columns), run.table("forecast", data), future)
        self._data = data
        self._keep(fit, (run, data), (run, data.kind))
        return fit

    def _keep(self, fit: Fit | None, latest: tuple[Run, Data] | None, judged: tuple[Run, Kind] | None) -> None:
        """Set the current runs, and remove the folders of others."""
        earlier = self._runs()
        self._fit, self._latest, self._judged = fit, latest, judged
        for run in earlier - self._runs():
            self._workspace.discard(run)

    def _runs(self) -> set[Run]:
        """Return the runs whose folders are needed."""
        runs = [held[0] for held in (self._latest, self._judged) if held is not None]
        return {*runs, self._fit.run} if self._fit else {*runs}

    def _known(self, data: Data, X_df: Any) -> list[str]:
        """Return the covariates of a dataframe of the future, which are its columns besides ids and times."""
        roles = data.roles
        columns = [
            name for name in frames.columns_of(X_df, "X_df") if name not in (*roles.ids, roles.time, roles.target)
        ]
        if not columns:
            raise UsageError("`X_df` has no column besides ids and times", "leave it out, or add the covariates")
        return present(data, columns, "X_df")

    def _future(self, data: Data, X_df: Any) -> Data:
        known = self._known(data, X_df)
        return frames.read(X_df, data.roles.ids, data.roles.time, None, known, "X_df", data)

    def _fitted_data(self) -> Data:
        if self._data is None:
            raise UsageError("there are no data yet", "call `fit(df)` first")
        return self._data

    def _latest_run(self) -> tuple[Run, Data]:
        if self._latest is None:
            raise UsageError("nothing was forecast yet", "call `fit(df, h=14)` or `predict(h=14)` first")
        return self._latest

    def _judging_run(self) -> tuple[Run, Kind]:
        if self._judged is None:
            raise UsageError("nothing was forecast yet", "call `fit(df, h=14)` or `predict(h=14)` first")
        return self._judged
