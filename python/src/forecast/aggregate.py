"""One verdict over all series of a result, from the two scores of each series.

The larger of both scores of a series is its error. Let ``L`` be five times the median of the errors of all series. A
series with a larger error counts with the weight ``L / error``, any other one with the weight 1. The mean scores are

    mase = sum(weight * mase of the series) / number of series

and likewise for seasonal naive. ``skill = 1 - mase / seasonal_naive_mase``. This is the formula of the command line. It
needs two passes over the scores and one over those near the median, and none of them collects all series.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from forecast.partitions import BASELINE_MASE, ERROR, MASE

SCORES = (MASE, BASELINE_MASE, ERROR)
_MAX_ERROR_IN_MEDIANS = 5.0
# The errors are counted in buckets whose ends differ by a factor of 2 ** (1 / 64).
_BUCKETS_OF_DOUBLING = 64
# The bucket of errors of zero, of series without scores, and of series that failed.
_ZERO, _WITHOUT_SCORES, _FAILED = -(2**31), 2**31 - 2, 2**31 - 1
SUMMARY_IN_SQL = "bucket long, series long, won long"
SUMS_IN_SQL = "mase double, seasonal_naive_mase double"


@dataclass(frozen=True)
class AggregatedVerdict:
    """The comparison of a model with seasonal naive over all series of a result. ``str()`` is the sentence."""

    mase: float | None
    """The mean MASE of the model; no unit."""
    seasonal_naive_mase: float | None
    """The mean MASE of seasonal naive; no unit."""
    series: int
    """The number of series with both scores."""
    series_won: int
    """The number of series for which the model has the lower MASE."""
    series_without_scores: int
    """The number of series with a forecast whose history is too short to compare."""
    series_failed: int
    """The number of series without a forecast."""

    @property
    def skill(self) -> float | None:
        """1 - mase / seasonal_naive_mase; no unit, above 0 if the model is more accurate."""
        if self.mase is None or not self.seasonal_naive_mase:
            return None
        return 1.0 - self.mase / self.seasonal_naive_mase

    def __str__(self) -> str:
        """Return the sentence."""
        rest = "".join(
            f"; {count:,} {text}"
            for count, text in ((self.series_without_scores, "without scores"), (self.series_failed, "failed"))
            if count
        )
        skill = self.skill
        if skill is None:
            return f"no series can be compared with seasonal naive{rest}"
        size = "smaller" if skill >= 0 else "larger"
        return (
            f"the error is {abs(skill):.0%} {size} than that of seasonal naive (mean MASE {self.mase:.2f} against "
            f"{self.seasonal_naive_mase:.2f}, better in {self.series_won:,} of {self.series:,} series{rest})"
        )


def summaries(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Return the number of series, and of those that the model won, in each bucket of errors."""
    found: dict[int, list[int]] = {}
    for batch in batches:
        for model, baseline, failure in _rows(batch):
            counts = found.setdefault(_bucket(model, baseline, failure), [0, 0])
            counts[0] += 1
            counts[1] += int(model is not None and baseline is not None and model < baseline)
    buckets = sorted(found)
    columns = [buckets, [found[at][0] for at in buckets], [found[at][1] for at in buckets]]
    yield pa.RecordBatch.from_arrays([pa.array(own, pa.int64()) for own in columns], ["bucket", "series", "won"])


def merged(table: pa.Table) -> dict[int, tuple[int, int]]:
    """Return the counts of all partitions by their buckets."""
    counts: dict[int, tuple[int, int]] = {}
    for row in table.to_pylist():
        series, won = counts.get(row["bucket"], (0, 0))
        counts[row["bucket"]] = (series + row["series"], won + row["won"])
    return counts


def middle_bucket(counts: dict[int, tuple[int, int]]) -> int | None:
    """Return the bucket that has the median of the errors."""
    scored = _scored(counts)
    position = sum(series for series, _ in scored.values()) // 2
    for bucket in sorted(scored):
        series = scored[bucket][0]
        if position < series:
            return bucket
        position -= series
    return None


def in_bucket(bucket: int | None) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Return a function that keeps the errors in a bucket."""

    def errors(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        kept = [
            max(model, baseline)
            for batch in batches
            for model, baseline, failure in _rows(batch)
            if model is not None and baseline is not None and _bucket(model, baseline, failure) == bucket
        ]
        yield pa.RecordBatch.from_arrays([pa.array(kept, pa.float64())], ["error"])

    return errors


def limit(counts: dict[int, tuple[int, int]], middle: int | None, errors: pa.Table) -> float:
    """Return five times the median of all errors, from those in its bucket."""
    if middle is None or middle == _ZERO:
        return math.inf
    scored = _scored(counts)
    position = sum(series for series, _ in scored.values()) // 2
    position -= sum(series for bucket, (series, _) in scored.items() if bucket < middle)
    median: float = sorted(errors.column("error").to_pylist())[position]
    return _MAX_ERROR_IN_MEDIANS * median


def limited_sums(limit: float) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Return a function that adds up the scores, with less weight where an error is above the limit."""

    def sums(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        pairs = [
            (model, baseline, min(1.0, limit / max(model, baseline)) if max(model, baseline) > 0 else 1.0)
            for batch in batches
            for model, baseline, _ in _rows(batch)
            if model is not None and baseline is not None
        ]
        own = math.fsum(weight * model for model, _, weight in pairs)
        naive = math.fsum(weight * baseline for _, baseline, weight in pairs)
        yield pa.RecordBatch.from_arrays([pa.array([own]), pa.array([naive])], [MASE, BASELINE_MASE])

    return sums


def verdict_of(counts: dict[int, tuple[int, int]], sums: pa.Table) -> AggregatedVerdict:
    """Return the verdict from the sums of all partitions."""
    scored = _scored(counts)
    series = sum(count for count, _ in scored.values())
    means = [math.fsum(sums.column(name).to_pylist()) / series if series else None for name in (MASE, BASELINE_MASE)]
    without, failed = (counts.get(bucket, (0, 0))[0] for bucket in (_WITHOUT_SCORES, _FAILED))
    return AggregatedVerdict(means[0], means[1], series, sum(won for _, won in scored.values()), without, failed)


def _scored(counts: dict[int, tuple[int, int]]) -> dict[int, tuple[int, int]]:
    return {bucket: own for bucket, own in counts.items() if bucket not in (_WITHOUT_SCORES, _FAILED)}


def _rows(batch: pa.RecordBatch) -> Iterator[tuple[float | None, float | None, str | None]]:
    columns = [batch.column(name).to_pylist() for name in SCORES]
    return zip(*columns, strict=True)


def _bucket(model: float | None, baseline: float | None, failure: str | None) -> int:
    if failure is not None:
        return _FAILED
    if model is None or baseline is None:
        return _WITHOUT_SCORES
    error = max(model, baseline)
    return math.floor(math.log2(error) * _BUCKETS_OF_DOUBLING) if error > 0 else _ZERO
