"""COPY INTO a stage: the rows of a query as files."""

from __future__ import annotations

import gzip
import io
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from fakesnow.fakes import FakeSnowflakeConnection
from snowflake.connector.errors import ProgrammingError

from stage_syntax import Tokens, boolean, invalid
from stages import Stages
from statements import Answer

OPTIONS = {"file_format", "overwrite", "single", "max_file_size", "include_query_id", "detailed_output", "header"}
# Rows of a file; Snowflake's threads write several.
ROWS = 50_000


def _csv(table: pa.Table, fmt: dict[str, Any], header: bool) -> bytes:
    quote, delimiter = fmt["field_optionally_enclosed_by"], fmt["field_delimiter"]

    def field(value: Any) -> str:
        if value is None:
            return "" if quote else (fmt["null_if"] or ["\\N"])[0]
        text = format(value, "f") if isinstance(value, Decimal) else str(value).lower() if isinstance(value, bool) else str(value)
        return quote + text.replace(quote, quote * 2) + quote if quote else text

    columns = [column.to_pylist() for column in table.columns]
    lines = [delimiter.join(field(name) for name in table.column_names)] if header else []
    lines += [delimiter.join(field(value) for value in row) for row in zip(*columns, strict=True)]
    return ("\n".join(lines) + "\n").encode()


def _parquet(table: pa.Table, header: bool) -> bytes:
    for column in table.schema:
        if pa.types.is_timestamp(column.type) and column.type.tz:
            raise ProgrammingError(msg=f"Error encountered when unloading to PARQUET: TIMESTAMP_TZ and LTZ types are not supported for unloading to Parquet. value: {column.name}",
                                   errno=1391, sqlstate="0A000")
    named = table if header else table.rename_columns([f"_COL_{i}" for i in range(table.num_columns)])
    out = io.BytesIO()
    pq.write_table(named, out, compression="snappy")
    return out.getvalue()


def run_unload(stages: Stages, conn: FakeSnowflakeConnection, sql: str, user: str) -> Answer:
    tokens = Tokens(sql)
    tokens.expect("copy", "into")
    store, path, stage = stages.place(conn, tokens.stage(), user)
    tokens.expect("from")
    if tokens.peek() is not None and tokens.peek().text == "(":
        start, end = tokens.group()
        query = sql[start:end]
    else:
        query = f"select * from {tokens.name()}"
    options = tokens.options()
    tokens.end()
    if unknown := options.keys() - OPTIONS:
        raise invalid(f"invalid parameter '{next(iter(unknown)).upper()}'", 1423)
    fmt = stages.format_of(conn, options.get("file_format"), stage)
    header, overwrite, single = (boolean(options.get(key, "false")) for key in ("header", "overwrite", "single"))
    cursor = conn.cursor()
    cursor.execute(query)
    table = cursor._arrow_table  # noqa: SLF001
    kind = fmt["type"]
    packed = kind == "csv" and str(fmt["compression"]).lower() in ("auto", "gzip")
    suffix = ".snappy.parquet" if kind == "parquet" else f".{kind}" + (".gz" if packed else "")
    if not overwrite and store.list(path):
        raise ProgrammingError(msg=f"Files already existing at the unload destination: @{path}. Use overwrite option to force unloading.", errno=1030, sqlstate="58030")
    size = table.num_rows if single else ROWS
    written = 0
    for part, at in enumerate(range(0, max(table.num_rows, 1), max(size, 1))):
        if table.num_rows == 0:
            break
        piece = table.slice(at, size)
        data = _parquet(piece, header) if kind == "parquet" else _csv(piece, fmt, header)
        data = gzip.compress(data) if packed else data
        name = path if single else f"{path}{'' if path.endswith('/') or path == '' else '_'}{'data_' if path.endswith('/') or path == '' else ''}0_0_{part}{suffix}"
        store.write(name, data)
        written += len(data)
    return Answer(["rows_unloaded", "input_bytes", "output_bytes"], [(table.num_rows, written, written)], {"rows_unloaded", "input_bytes", "output_bytes"})
