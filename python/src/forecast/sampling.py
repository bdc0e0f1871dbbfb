"""A sample of the series of a larger dataset: those whose ids have the lowest hashes.

The hash is SHA-256 of the ids as texts, joined by the unit separator U+001F. So the sample depends neither on the
partitions nor on the engine, and a larger sample contains a smaller one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from forecast.arrow_columns import decoded

ROWS, HASH, SERIES = "forecast_rows", "forecast_hash", "forecast_series"
_ID = "forecast_id_"
# A sample has no more rows than these, but at least one series.
MAX_ROWS = 2_000_000


def id_column(at: int) -> str:
    """Return the name of an id column of a sample that is joined with the rows."""
    return f"{_ID}{at}"


def is_sample_column(name: str) -> bool:
    """Return whether a column of a sample has this name."""
    return name in (ROWS, HASH, SERIES) or name.startswith(_ID)


def candidates(batches: Iterable[pa.RecordBatch], ids: Sequence[str], size: int) -> Iterator[pa.RecordBatch]:
    """Return the series of one partition that may be in a sample.

    Args:
        batches: One row for each series: the ids, and the number of rows in the last column.
        ids: The id columns.
        size: The number of series of the sample.

    Returns:
        Those with the lowest hashes: the ids, the number of rows, the hash, and the number of series of the partition
        in the first row.
    """
    kept: pa.Table | None = None
    series = 0
    for batch in batches:
        series += batch.num_rows
        rows = pa.table([*batch.columns, _hashes(batch, ids)], names=[*ids, ROWS, HASH])
        kept = _lowest(rows if kept is None else pa.concat_tables([kept, rows]), size)
    if kept is not None and kept.num_rows:
        counts = pa.array([series, *[0] * (kept.num_rows - 1)], pa.int64())
        yield from kept.append_column(SERIES, counts).combine_chunks().to_batches()


def choose(table: pa.Table, ids: Sequence[str], size: int) -> tuple[pa.Table, int]:
    """Return the ids of a sample from the candidates of all partitions, and the number of all series."""
    series = pc.sum(table.column(SERIES)).as_py() or 0
    lowest = _lowest(table, size)
    rows, kept = 0, 0
    for count in lowest.column(ROWS).to_pylist():
        rows += count
        if kept and rows > MAX_ROWS:
            break
        kept += 1
    return lowest.slice(0, kept).select(list(ids)), series


def _lowest(table: pa.Table, size: int) -> pa.Table:
    return table.take(pc.sort_indices(table, [(HASH, "ascending")])).slice(0, size)


def _hashes(batch: pa.RecordBatch, ids: Sequence[str]) -> pa.Array:
    columns = [decoded(batch.column(name)).cast(pa.string()).to_pylist() for name in ids]
    texts = ("\x1f".join("" if text is None else text for text in key) for key in zip(*columns, strict=True))
    return pa.array([hashlib.sha256(text.encode("utf-8")).hexdigest() for text in texts], pa.string())


def rows_of(table: pa.Table, chosen: pa.Table) -> pa.Table:
    """Return the rows of the series that were chosen. Missing ids are equal to missing ids."""
    return table.filter(is_chosen(table, chosen))


def is_chosen(table: pa.Table, chosen: pa.Table) -> pa.ChunkedArray:
    """Return whether each row is one of a series that was chosen."""
    keys = _joined(table, chosen.column_names)
    return pc.is_in(keys, value_set=_joined(chosen, chosen.column_names))


def _joined(table: pa.Table, ids: Sequence[str]) -> pa.Array:
    texts = [pc.fill_null(decoded(table.column(name)).cast(pa.string()), "\x1e") for name in ids]
    joined = pc.binary_join_element_wise(*texts, "\x1f")
    return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined
