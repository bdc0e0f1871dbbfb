"""The data of the tests, and their forecast by the command line on one machine."""

from __future__ import annotations

import json
import subprocess
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from forecast.arrow_columns import column_name
from forecast.driver import command_line, prepare
from forecast.partitions import Plan, future_rows
from forecast.program import environment, find
from forecast.request import Request

H = 7
# The rows of a very long series, and the number of short ones with it.
LONG, SHORT_SERIES = 10_000_000, 10_000
KEYS = ["store", "item"]
ROLES = {"time_col": "day", "target_col": "sales"}
VERY_LONG = pa.schema({"unique_id": pa.string(), "ds": pa.timestamp("us"), "y": pa.float64()})


def panel(series: int = 120, days: int = 70) -> pa.Table:
    """Daily series of several stores and items in no order."""
    columns: dict[str, list] = {"store": [], "item": [], "day": [], "sales": []}
    for at in range(series):
        for day in range(days):
            columns["store"].append(f"s{at % 5}")
            columns["item"].append(at // 5)
            columns["day"].append(19_000 + day)
            columns["sales"].append(100.0 + at + 10 * ((day + at) % 7) + (day * 7919 + at * 104_729) % 13 / 10)
    table = pa.table(
        columns, schema=pa.schema({"store": pa.string(), "item": pa.int64(), "day": pa.int32(), "sales": pa.float64()})
    )
    order = pa.array([row * 7919 % 10_007 for row in range(table.num_rows)])
    table = table.take(pc.array_sort_indices(order))
    return table.set_column(2, "day", table["day"].cast(pa.date32()))


def write_very_long(folder: Path, minutes: int = 40) -> Path:
    """Write a file with one very long series of minutes and many short ones."""
    rows = SHORT_SERIES * minutes
    at = pa.array(range(rows), pa.int64())
    short = pc.divide(at, minutes)
    names = pc.binary_join_element_wise("s", short.cast(pa.string()), "")
    parts = [("long", pa.array(range(LONG), pa.int64())), (names, pc.subtract(at, pc.multiply(short, minutes)))]
    file = folder / "very_long.parquet"
    with pq.ParquetWriter(file, VERY_LONG) as writer:
        for name, minute in parts:
            id = pa.repeat(pa.scalar(name), len(minute)) if isinstance(name, str) else name
            time = pc.multiply(minute, 60_000_000).cast(pa.timestamp("us"))
            y = pc.subtract(minute, pc.multiply(pc.divide(minute, 60), 60)).cast(pa.float64())
            writer.write_table(pa.table([id, time, y], schema=VERY_LONG), row_group_size=1_000_000)
    return file


def with_covariates(series: int = 4, months: int = 40, h: int = 3) -> tuple[pa.Table, pa.Table]:
    """Monthly series with prices, promotions and the weather, and the future of prices and promotions."""
    rows, future = [], []
    for at in range(series):
        for month in range(months + h):
            day = date(2015 + month // 12, month % 12 + 1, 1)
            price = 8.0 + (month * 7 + at) % 5 / 2
            promotion = ["none", "leaflet", "display"][(month * 5 + at) % 3] if at else None
            if month < months:
                sales = 100.0 + 9 * at - 4 * price + 12 * (promotion == "leaflet") + 5 * (month % 12 == 11) + month % 4
                rows.append((f"m{at}", day, sales, price, promotion, month * 3 % 7))
            else:
                future.append((price, f"m{at}", promotion, day))
    own = [("id", pa.string()), ("day", pa.date32()), ("y", pa.float64())]
    others = [("price", pa.float64()), ("promotion", pa.string()), ("weather", pa.int64())]
    table = pa.table([list(column) for column in zip(*rows, strict=True)], schema=pa.schema([*own, *others]))
    names = ["price", "id", "promotion", "day"]
    types = [pa.float32(), pa.string(), pa.string(), pa.date32()]
    after = pa.table(
        [list(column) for column in zip(*future, strict=True)], schema=pa.schema(zip(names, types, strict=True))
    )
    return table, after


def check_very_long(rows: pa.Table) -> None:
    """Check the forecast of two steps of the file of `write_very_long`."""
    assert rows.num_rows == 2 * (SHORT_SERIES + 1)
    assert rows["error"].null_count == rows.num_rows
    long = rows.filter(pc.equal(rows["unique_id"], "long")).sort_by("ds")
    first = LONG * 60_000_000
    assert long["ds"].cast(pa.int64()).to_pylist() == [first, first + 60_000_000]
    assert long["forecast"].to_pylist() == [LONG % 60, LONG % 60 + 1]


def failing(table: pa.Table) -> pa.Table:
    """The same series, of which one has no value, and one has two values on one day."""
    is_empty = pc.and_(pc.equal(table["store"], "s1"), pc.equal(table["item"], 3))
    empty = pc.if_else(is_empty, pa.scalar(None, pa.float64()), table["sales"])
    table = table.set_column(3, "sales", empty)
    is_double = pc.and_(pc.equal(table["store"], "s2"), pc.equal(table["item"], 2))
    double = table.filter(is_double).slice(0, 1)
    return pa.concat_tables([table, double.set_column(3, "sales", pa.array([1e6]))])


def failing_times(table: pa.Table) -> tuple[pa.Table, pa.Table]:
    """The same series at whole numbers of type float, once as they are, and once with a fraction in a time of one."""
    number = table["day"].cast(pa.int32()).cast(pa.float64())
    is_failing = pc.and_(pc.equal(table["store"], "s3"), pc.equal(table["item"], 1))
    half = pc.if_else(pc.and_(is_failing, pc.equal(number, 19_040.0)), pc.add(number, 0.5), number)
    return table.set_column(2, "day", number), table.set_column(2, "day", half)


def by_series(table: pa.Table) -> pa.Table:
    """A result in the order of its series and times, in one chunk."""
    return table.sort_by([(name, "ascending") for name in [*KEYS, "day"]]).combine_chunks()


def values(table: pa.Table) -> pa.Table:
    """The columns of a forecast, with ids and times."""
    names = [name for name in table.column_names if name in (*KEYS, "day") or name.startswith("forecast")]
    return by_series(table).select(names)


def check_failures(good: pa.Table, rows: pa.Table) -> None:
    """Check that the two series of `failing` have one row each, with the reason, and that all others are the same."""
    failed = {(row["store"], row["item"]): row for row in rows.to_pylist() if row["error"] is not None}
    assert sorted(failed) == [("s1", 3), ("s2", 2)]
    assert "no value" in failed["s1", 3]["error"]
    assert "several" in failed["s2", 2]["error"]
    assert all(row["day"] is None and row["forecast"] is None for row in failed.values())
    rest = rows.filter(pc.is_null(rows["error"]))
    assert rest.num_rows + len(failed) == rows.num_rows == good.num_rows - 2 * H + 2
    is_other = [(row["store"], row["item"]) not in failed for row in by_series(good).to_pylist()]
    assert by_series(rest).equals(by_series(good).filter(pa.array(is_other)))


def on_one_machine(table: pa.Table, plan: Plan) -> tuple[pa.Table, dict]:
    """The forecast and the verdict of the command line, from one file of all series."""
    rows, record = by_command(table, plan)
    return rows.set_column(1, "item", rows["item"].cast(pa.int64())), record["verdict"]


def by_command(table: pa.Table, plan: Plan, model: str | None = None) -> tuple[pa.Table, dict]:
    """The forecast and the record of the command line, with ids as text."""
    command = [str(find()), "--csv=-", "--out=-", "--format=arrow", *command_line(plan, model)]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    done = subprocess.run(command, input=sink.getvalue(), capture_output=True, env=environment())
    with pa.ipc.open_stream(done.stdout) as reader:
        rows, metadata = reader.read_all(), reader.schema.metadata
    assert b"forecast.run" in metadata, metadata
    first = len(plan.ids) + 1
    names = [*rows.column_names[:first], *(column_name(name) for name in rows.column_names[first:])]
    return rows.rename_columns(names), json.loads(metadata[b"forecast.run"])


def request(roles=(*KEYS, "day", "sales"), by=KEYS, h=H, columns=None, future=None, **others) -> Request:
    """A request for columns, of which `roles` are ids, time and target. Any other option is one of the user."""
    own = {"freq": None, "level": (80, 95), "quantiles": None, "model": "theta", "pooled_model": None, "sample": 10}
    chosen = {name: others.pop(name, value) for name, value in own.items()}
    own_columns = roles if columns is None else columns
    return Request.checked(own_columns, by, h, future, time=roles[-2], target=roles[-1], options=others, **chosen)


def check_covariates(rows: pa.Table, table: pa.Table, future: pa.Table) -> None:
    """Check that a result is that of the command line, from one file with the future rows."""
    options = {"model": "auto", "pooled_model": "pretrained"}
    own = request(table.column_names[:3], "id", 3, table.column_names, future.column_names, **options)
    plan, _ = prepare(own, table, 4, 1, future)

    def expected(future: pa.Table) -> pa.Table:
        all_rows = pa.concat_tables([table.select(plan.columns), future_rows(future, table.schema, plan.columns)])
        return by_command(all_rows, plan, "pretrained")[0].combine_chunks()

    names = expected(future).column_names
    assert rows.select(names).combine_chunks().equals(expected(future))
    # a wrong future would be seen
    other = future.set_column(0, "price", pc.multiply(future["price"], 2.0))
    for name in sorted(set(rows["id"].to_pylist())):
        is_own = pc.equal(rows["id"], name)
        assert not rows.filter(is_own)["forecast"].equals(expected(other).filter(is_own)["forecast"]), name


def plan_of(request, table: pa.Table) -> Plan:
    """The plan that the driver makes from all series."""
    return prepare(request, table, 0, 1)[0]


def examples() -> Path:
    return Path(__file__).parents[1] / "examples" / "engines"
