"""Arrow tables as the JSON row sets that Snowflake sends: every value is a text or null."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa

NANOS = 1_000_000_000


def _seconds(nanos: int) -> str:
    """Seconds since 1970 with nine digits of fraction, negative ones too."""
    sign = "-" if nanos < 0 else ""
    whole, rest = divmod(abs(nanos), NANOS)
    return f"{sign}{whole}.{rest:09d}"


def _nanos(column: pa.ChunkedArray) -> list[int | None]:
    unit = {"s": NANOS, "ms": 1_000_000, "us": 1_000, "ns": 1}[column.type.unit]
    return [None if v is None else v * unit for v in column.cast(pa.int64()).to_pylist()]


def _text(value: Any, sf_type: str) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex().upper()
    if isinstance(value, Decimal):
        return format(value, "f")
    if sf_type == "real" and isinstance(value, float):
        return repr(value) if value != int(value) or abs(value) > 1e15 else str(int(value))
    return str(value)


def _finite_text(value: Any, sf_type: str) -> str | None:
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return {"nan": "NaN", "inf": "inf", "-inf": "-inf"}[str(value)]
    return _text(value, sf_type)


def column_texts(column: pa.ChunkedArray, sf_type: str) -> list[str | None]:
    if pa.types.is_date(column.type):
        days = column.cast(pa.date32()).cast(pa.int32()).to_pylist()
        return [None if day is None else str(day) for day in days]
    if pa.types.is_timestamp(column.type):
        zone = " 1440" if column.type.tz else ""
        return [None if n is None else _seconds(n) + zone for n in _nanos(column)]
    if pa.types.is_time(column.type):
        return [None if n is None else _seconds(n) for n in _nanos(column)]
    return [_finite_text(value, sf_type) for value in column.to_pylist()]


def to_rowset(table: pa.Table, rowtype: list[dict]) -> list[list[str | None]]:
    columns = [column_texts(column, info["type"]) for column, info in zip(table.columns, rowtype, strict=True)]
    return [list(row) for row in zip(*columns, strict=True)]


def texts_table(names: list[str], rows: list[tuple], numbers: frozenset[str] | set[str] = frozenset()) -> tuple[list[dict], list[list[str | None]]]:
    """Row type and rows of an answer whose columns are text, those of `numbers` whole numbers."""
    text = {"type": "text", "byteLength": 16777216, "length": 16777216, "scale": None, "precision": None}
    number = {"type": "fixed", "byteLength": None, "length": None, "scale": 0, "precision": 38}
    rowtype = [
        {"name": name, "database": "", "schema": "", "table": "", "nullable": True, "collation": None, **(number if name in numbers else text)}
        for name in names
    ]
    return rowtype, [[None if value is None else str(value) for value in row] for row in rows]
