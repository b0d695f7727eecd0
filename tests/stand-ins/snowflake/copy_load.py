"""COPY INTO a table: files of a stage into rows, by Snowflake's rules for errors, for what was loaded before and for its answer."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from fakesnow.fakes import FakeSnowflakeConnection
from snowflake.connector.errors import ProgrammingError

from file_rows import Broken, FileRows, csv_rows, json_rows, parquet_table, unpack
from stage_syntax import Tokens, boolean, invalid, syntax_error
from stages import Staged, Stages
from statements import Answer, fold, parts, quoted, rows_of

OPTIONS = {
    "files", "pattern", "file_format", "validation_mode", "on_error", "size_limit", "purge", "return_failed_only",
    "match_by_column_name", "include_metadata", "enforce_length", "truncatecolumns", "force", "load_uncertain_files", "load_mode",
}
NAMES = ["file", "status", "rows_parsed", "rows_loaded", "error_limit", "errors_seen", "first_error", "first_error_line",
         "first_error_character", "first_error_column_name"]
ERROR_NAMES = ["ERROR", "FILE", "LINE", "CHARACTER", "BYTE_OFFSET", "CATEGORY", "CODE", "SQL_STATE", "COLUMN_NAME",
               "ROW_NUMBER", "ROW_START_LINE", "REJECTED_RECORD"]
LIMIT = 1_000


@dataclass
class Column:
    name: str
    type: str
    nullable: bool


@dataclass
class Copy:
    """A COPY INTO statement, read."""

    table: tuple[str, str, str]
    columns: list[str] | None
    stage: str
    exprs: str | None = None
    alias: str = ""
    options: dict[str, Any] = field(default_factory=dict)


@dataclass
class Loads:
    """What each table has loaded, by the table's number in the catalog, which renames keep; and the errors of each COPY."""

    history: dict[int, dict[str, dict[str, Any]]] = field(default_factory=dict)
    errors: dict[str, list[tuple]] = field(default_factory=dict)
    last: dict[int, str] = field(default_factory=dict)


def read_copy(conn: FakeSnowflakeConnection, sql: str) -> Copy:
    tokens = Tokens(sql)
    tokens.expect("copy", "into")
    table, columns = parts(conn, tokens.name()), None
    if tokens.peek() is not None and tokens.peek().text == "(":
        start, end = tokens.group()
        columns = [fold(one.strip()) for one in re.findall(r'"(?:[^"]|"")*"|[^,\s]+', sql[start:end])]
    tokens.expect("from")
    if tokens.peek() is not None and tokens.peek().text == "(":
        start, end = tokens.group()
        inner = Tokens(sql[start:end])
        inner.expect("select")
        depth, first = 0, inner.peek()
        while (token := inner.peek()) is not None and not (depth == 0 and token.text.lower() == "from"):
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            inner.next()
        if first is None or token is None:
            raise syntax_error(token, sql)
        exprs = inner.sql[first.start: token.start]
        inner.expect("from")
        stage, alias = inner.stage(), ""
        if inner.word("as") or inner.peek() is not None:
            alias = inner.name()
        inner.end()
        copy = Copy(table, columns, stage, exprs.strip(), alias)
    else:
        copy = Copy(table, columns, tokens.stage())
    copy.options = tokens.options()
    tokens.end()
    if unknown := copy.options.keys() - OPTIONS:
        raise invalid(f"invalid parameter '{next(iter(unknown)).upper()}'", 1423)
    return copy


def describe(conn: FakeSnowflakeConnection, table: tuple[str, str, str]) -> list[Column]:
    rows = conn.cursor().execute(f"describe table {quoted(table)}").fetchall()
    return [Column(row[0], row[1], row[3] == "Y") for row in rows]


def table_number(conn: FakeSnowflakeConnection, table: tuple[str, str, str]) -> int:
    found = rows_of(conn, "select table_oid from duckdb_tables() where database_name = ? and schema_name = ? and table_name = ?", list(table))
    if not found:
        raise ProgrammingError(msg=f"SQL compilation error:\nTable '{'.'.join(table)}' does not exist or not authorized.", errno=2003, sqlstate="42S02")
    return found[0][0]


def _limit_of(on_error: str) -> tuple[str, float]:
    """How the copy ends for a file with so many errors: (kind, limit)."""
    value = on_error.lower()
    if value in ("abort_statement", "continue"):
        return value, 0
    if found := re.fullmatch(r"skip_file(?:_(\d+)(%)?)?", value):
        return ("skip_percent" if found[2] else "skip_file"), float(found[1] or 1)
    raise invalid(f"invalid value [{on_error.upper()}] for parameter 'ON_ERROR'")


def cast_sql(expression: str, type_: str) -> str:
    """A text as a column's type, null where that does not go."""
    kind = type_.upper()
    if kind.startswith("BOOLEAN"):
        return (f"case when lower({expression}) in ('true','t','yes','y','on','1') then true "
                f"when lower({expression}) in ('false','f','no','n','off','0') then false end")
    duck = {"VARIANT": "json", "OBJECT": "json", "ARRAY": "json", "FLOAT": "double", "BINARY": "blob", "TIMESTAMP_NTZ": "timestamp",
            "TIMESTAMP_TZ": "timestamptz", "TIMESTAMP_LTZ": "timestamptz", "DATE": "date", "TIME": "time", "VARCHAR": "varchar"}
    base = re.match(r"\w+", kind)[0]
    if base == "NUMBER":
        return f"try_cast({expression} as decimal{kind.removeprefix('NUMBER')})"
    if base == "BINARY":
        return f"try(unhex({expression}))"
    return f"try_cast({expression} as {duck.get(base, base.lower())})"


def complaint(value: str, type_: str) -> tuple[str, int, str]:
    base = re.match(r"\w+", type_.upper())[0]
    if base in ("NUMBER", "FLOAT"):
        return f"Numeric value '{value}' is not recognized", 100038, "22018"
    if base == "BOOLEAN":
        return f"Boolean value '{value}' is not recognized", 100037, "22018"
    if base in ("VARIANT", "OBJECT", "ARRAY"):
        return f"Error parsing JSON: {value}", 100069, "22P02"
    return f"{base.split('_')[0].capitalize()} '{value}' is not recognized", 100040 if base == "DATE" else 100035, "22007"


class Loading:
    """The rows of one file on their way into the table."""

    def __init__(self, conn: FakeSnowflakeConnection, copy: Copy, columns: list[Column], fmt: dict[str, Any]) -> None:
        self.conn, self.copy, self.fmt, self.all = conn, copy, fmt, columns
        by_name = {column.name: column for column in columns}
        names = copy.columns if copy.columns is not None else [column.name for column in columns]
        for name in names:
            if name not in by_name:
                raise invalid(f"invalid identifier '{name}'", 904)
        self.targets = [by_name[name] for name in names]
        self.duck = conn._duck_conn  # noqa: SLF001

    def rows(self, data: bytes) -> FileRows:
        raw = unpack(data, self.fmt["compression"] if self.fmt["type"] != "parquet" else "none")
        if self.fmt["type"] == "csv":
            return csv_rows(raw, self.fmt)
        return json_rows(raw, self.fmt)

    def file(self, file: Staged, data: bytes, at: str) -> tuple[list[str], FileRows]:
        """Puts the good rows of a file into a DuckDB table `at`; gives its columns and what was read."""
        match = str(self.copy.options.get("match_by_column_name", "none")).lower()
        if match not in ("none", "case_sensitive", "case_insensitive"):
            raise invalid(f"invalid value [{match}] for parameter 'MATCH_BY_COLUMN_NAME'")
        if match != "none" and self.copy.exprs is not None:
            raise invalid("MATCH_BY_COLUMN_NAME copy option is not supported with copy transform.", 2019)
        if self.fmt["type"] == "parquet":
            return self.parquet(file, data, at, match)
        got = self.rows(data)
        if self.fmt["type"] == "json":
            if self.copy.exprs is None and match == "none":
                if len(self.targets) != 1 or not re.match("VARIANT|OBJECT|ARRAY", self.targets[0].type):
                    raise invalid("JSON file format can produce one and only one column of type variant, object, or array. "
                                  "Load data into separate columns using the MATCH_BY_COLUMN_NAME copy option or copy with transformation.", 2019)
                return self.checked(got, self.targets, at)
            if match != "none":
                return self.named_json(got, match, at)
        elif match != "none":
            if got.header is None:
                raise invalid("MATCH_BY_COLUMN_NAME with CSV files needs the file format option PARSE_HEADER = TRUE", 2019)
            return self.named_csv(got, match, at)
        if self.copy.exprs is not None:
            return self.transformed(file, got, at)
        return self.checked(got, self.targets, at)

    def stage(self, got: FileRows, width: int) -> str:
        """The texts of a file as a DuckDB relation: c1 ... cn, row_number, line_number."""
        name = f"staged_{uuid.uuid4().hex}"
        columns = {f"c{i + 1}": pa.array([row[i] if i < len(row) else None for row in got.rows], pa.string()) for i in range(width)}
        columns |= {"row_number": pa.array([n for n, _ in got.numbers], pa.int64()), "line_number": pa.array([n for _, n in got.numbers], pa.int64())}
        self.duck.register(name, pa.table(columns))
        return name

    def checked(self, got: FileRows, targets: list[Column], at: str) -> tuple[list[str], FileRows]:
        """Fields to columns in order, each cast; rows that do not fit are moved to `broken`."""
        width = len(targets)
        if self.fmt["type"] == "csv":
            strict, fitting = self.fmt["error_on_column_count_mismatch"], FileRows(broken=got.broken, parsed=got.parsed)
            for row, number, record in zip(got.rows, got.numbers, got.records, strict=True):
                if len(row) != width and strict:
                    got.broken.append(Broken(number[0], number[1], (
                        f"Number of columns in file ({len(row)}) does not match that of the corresponding table ({width}), "
                        "use file format option error_on_column_count_mismatch=false to ignore this error"), 100080, "22000", record,
                        len(record) + 1, self.column_name(width, targets)))
                    continue
                fitting.rows.append(row)
                fitting.numbers.append(number)
                fitting.records.append(record)
            got = fitting
        staged = self.stage(got, width)
        bad: dict[int, Broken] = {}
        records = dict(zip([n for n, _ in got.numbers], got.records, strict=True))
        for i, column in enumerate(targets, start=1):
            text = f"c{i}"
            found = self.duck.execute(
                f"select row_number, line_number, {text} from {staged} where {text} is not null and {cast_sql(text, column.type)} is null").fetchall()
            for number, line, value in found:
                message, code, state = complaint(value, column.type)
                self.note(bad, Broken(number, line, message, code, state, records[number], 1, self.column_name(i, targets)))
            if size := re.fullmatch(r"VARCHAR\((\d+)\)", column.type):
                if str(self.copy.options.get("truncatecolumns", "false")).lower() == "true":
                    continue
                for number, line, value in self.duck.execute(f"select row_number, line_number, {text} from {staged} where length({text}) > {size[1]}").fetchall():
                    self.note(bad, Broken(number, line, f"User character length limit ({size[1]}) exceeded by string '{value}'", 100074, "22000",
                                          records[number], 1, self.column_name(i, targets)))
            if not column.nullable:
                for number, line in self.duck.execute(f"select row_number, line_number from {staged} where {text} is null").fetchall():
                    self.note(bad, Broken(number, line, "NULL result in a non-nullable column", 100072, "22000", records[number], 1, self.column_name(i, targets)))
        got.broken.extend(bad.values())
        got.broken.sort(key=lambda one: one.row)
        exprs = ", ".join(f"{cast_sql(f'c{i}', column.type)} as d{i}" for i, column in enumerate(targets, start=1))
        out = f"not in ({', '.join(map(str, bad))})" if bad else "is not null"
        self.duck.execute(f"create temp table {at} as select {exprs} from {staged} where row_number {out}")
        self.duck.unregister(staged)
        return [column.name for column in targets], got

    def note(self, bad: dict[int, Broken], broken: Broken) -> None:
        bad.setdefault(broken.row, broken)

    def column_name(self, place: int, targets: list[Column]) -> str:
        name = targets[min(place, len(targets)) - 1].name
        return f'"{self.copy.table[2]}"["{name}":{place}]'

    def named(self, header: list[str], match: str) -> list[tuple[int, Column]]:
        def key(name: str) -> str:
            return name if match == "case_sensitive" else name.upper()
        places = {key(name): i for i, name in enumerate(header)}
        return [(places[key(column.name)], column) for column in self.all if key(column.name) in places]

    def named_csv(self, got: FileRows, match: str, at: str) -> tuple[list[str], FileRows]:
        pairs = self.named(got.header or [], match)
        strict, kept = self.fmt["error_on_column_count_mismatch"], []
        for i, row in enumerate(got.rows):
            if len(row) != len(got.header or []) and strict:
                number = got.numbers[i]
                got.broken.append(Broken(number[0], number[1], f"Number of columns in file ({len(row)}) does not match that of its header ({len(got.header or [])})",
                                         100080, "22000", got.records[i]))
            else:
                kept.append(i)
        got.rows = [[got.rows[i][place] if place < len(got.rows[i]) else None for place, _ in pairs] for i in kept]
        got.numbers, got.records = [got.numbers[i] for i in kept], [got.records[i] for i in kept]
        return self.checked(got, [column for _, column in pairs], at)

    def named_json(self, got: FileRows, match: str, at: str) -> tuple[list[str], FileRows]:
        import json
        documents = [json.loads(row[0] or "null") for row in got.rows]
        key = (lambda name: name) if match == "case_sensitive" else str.upper
        fields = [{key(name): value for name, value in one.items()} if isinstance(one, dict) else {} for one in documents]
        known = {name for one in fields for name in one}
        columns = [column for column in self.all if key(column.name) in known]

        def text(value: Any, column: Column) -> str | None:
            if value is None:
                return None
            if re.match("VARIANT|OBJECT|ARRAY", column.type) or isinstance(value, (dict, list)):
                return json.dumps(value, ensure_ascii=False)
            return str(value).lower() if isinstance(value, bool) else str(value)

        got.rows = [[text(one.get(key(column.name)), column) for column in columns] for one in fields]
        return self.checked(got, columns, at)

    def parquet(self, file: Staged, data: bytes, at: str, match: str) -> tuple[list[str], FileRows]:
        table = parquet_table(data)
        got = FileRows(parsed=table.num_rows)
        name = f"staged_{uuid.uuid4().hex}"
        self.duck.register(name, table)
        if match != "none":
            pairs = self.named(table.column_names, match)
            exprs = ", ".join(f'cast("{table.column_names[place]}" as {duck_type(column.type)})' for place, column in pairs)
            self.duck.execute(f"create temp table {at} as select {exprs} from {name}")
            columns = [column.name for _, column in pairs]
        else:
            got.rows = [[row[0]] for row in self.duck.execute(f"select to_json({name}) from {name}").fetchall()]
            got.numbers = [(i + 1, i + 1) for i in range(len(got.rows))]
            got.records = [row[0] or "" for row in got.rows]
            columns, got = self.transformed(file, got, at) if self.copy.exprs is not None else self.checked(got, self.targets, at)
        self.duck.unregister(name)
        return columns, got

    def transformed(self, file: Staged, got: FileRows, at: str) -> tuple[list[str], FileRows]:
        """`select` over the file's columns, run by fakesnow over a table of its rows."""
        document = self.fmt["type"] != "csv"
        used = [int(n) for n in re.findall(r"\$(\d+)", self.copy.exprs or "")]
        width = max([*used, *map(len, got.rows), 1])
        staged = self.stage(got, width)
        source = f"STAGED_{uuid.uuid4().hex.upper()}"
        kind = "json" if document else "varchar"
        fields = ", ".join(f'c{i}::{kind} as "C{i}"' for i in range(1, width + 1))
        self.duck.execute(f'create table {quoted((*self.copy.table[:2], source))} as select {fields}, row_number as "ROW_NUMBER" from {staged}')
        exprs = re.sub(r"(?:\b%s\.)?\$(\d+)" % (re.escape(self.copy.alias) or "(?!)"), r"C\1", self.copy.exprs or "", flags=re.I)
        exprs = re.sub(r"\bmetadata\$filename\b", "'" + file.shown.split("://", 1)[-1].split("/", 1)[-1] + "'", exprs, flags=re.I)
        exprs = re.sub(r"\bmetadata\$file_row_number\b", "ROW_NUMBER", exprs, flags=re.I)
        path = quoted((*self.copy.table[:2], source))
        try:
            try:
                self.select(exprs, path, at, "")
            except ProgrammingError as whole:
                self.row_by_row(exprs, path, at, got, whole)
        finally:
            self.duck.execute(f"drop table {path}")
            self.duck.unregister(staged)
        count = len(self.duck.execute(f"describe {at}").fetchall())
        if count != len(self.targets):
            raise invalid(f"Insert value list does not match column list expecting {len(self.targets)} but got {count}", 2020)
        return [column.name for column in self.targets], got

    def select(self, exprs: str, path: str, at: str, where: str) -> None:
        cursor = self.conn.cursor()
        cursor.execute(f"select {exprs} from {path}{where}")
        self.duck.register(f"{at}_result", cursor._arrow_table)  # noqa: SLF001
        names = [f'"{name}"' for name in cursor._arrow_table.column_names]  # noqa: SLF001
        casts = [f"cast({name} as {duck_type(column.type)})" for name, column in zip(names, self.targets, strict=False)] if len(names) == len(self.targets) else ["*"]
        try:
            verb = f"insert into {at}" if where and self.is_there(at) else f"create temp table {at} as"
            self.duck.execute(f"{verb} select {', '.join(casts)} from {at}_result")
        except Exception as error:  # noqa: BLE001
            raise ProgrammingError(msg=str(error), errno=100038, sqlstate="22018") from error
        finally:
            self.duck.unregister(f"{at}_result")

    def is_there(self, at: str) -> bool:
        return self.duck.execute(f"select 1 from duckdb_tables() where table_name = '{at}'").fetchall() != []

    def row_by_row(self, exprs: str, path: str, at: str, got: FileRows, whole: ProgrammingError) -> None:
        if whole.errno in (904, 1003) or not got.rows:
            raise whole
        for (number, line), record in zip(got.numbers, got.records, strict=True):
            try:
                self.select(exprs, path, at, f" where ROW_NUMBER = {number}")
            except ProgrammingError as error:
                got.broken.append(Broken(number, line, str(error.msg), error.errno, "22018", record))
        if not self.is_there(at):
            self.duck.execute(f"create temp table {at} ({', '.join(f'd{i} varchar' for i in range(len(self.targets)))})")


def duck_type(type_: str) -> str:
    return re.search(r"as (\w+(?:\([^)]*\))?)\)$", cast_sql("x", type_))[1] if not re.match("BOOLEAN|BINARY", type_) else {
        "BOOLEAN": "boolean", "BINARY": "blob"}[re.match(r"\w+", type_)[0]]


def chosen_files(copy: Copy, stages: Stages, conn: FakeSnowflakeConnection, user: str) -> tuple[Any, list[Staged], Any]:
    store, path, stage = stages.place(conn, copy.stage, user)
    names, pattern = copy.options.get("files"), copy.options.get("pattern")
    if names is None:
        found = store.list(path)
        return store, [one for one in found if pattern is None or re.fullmatch(pattern, one.shown)], stage
    if len(names) > LIMIT:
        raise invalid(f"maximum number of files in FILES clause is {LIMIT}", 1013)
    listed = {one.path: one for one in store.list(path)}
    base = path if path == "" or path.endswith("/") else path + "/"
    for name in names:
        if base + name not in listed:
            raise ProgrammingError(
                msg=f"Remote file '{(store.url.rstrip('/') + '/') if hasattr(store, 'url') else '@' + copy.stage + '/'}{base}{name}' was not found. "
                    "There are several potential causes. The file might not exist. The required credentials may be missing or invalid. "
                    "If you are running a copy command, please make sure files are not deleted when they are being loaded or files are "
                    "not being loaded into two different tables concurrently with auto purge option.", errno=91016, sqlstate="58030")
    return store, [listed[base + name] for name in names], stage


def run_copy(loads: Loads, stages: Stages, conn: FakeSnowflakeConnection, sql: str, user: str, query_id: str, session: int) -> Answer:
    copy = read_copy(conn, sql)
    number = table_number(conn, copy.table)
    kind, limit = _limit_of(str(copy.options.get("on_error", "abort_statement")))
    force, purge = (boolean(copy.options.get(key, "false")) for key in ("force", "purge"))
    validation = str(copy.options.get("validation_mode", "")).lower()
    if validation and copy.exprs is not None:
        raise invalid("VALIDATION_MODE does not support COPY statements that transform data during a load.", 2019)
    store, files, stage = chosen_files(copy, stages, conn, user)
    fmt = stages.format_of(conn, copy.options.get("file_format"), stage)
    loading = Loading(conn, copy, describe(conn, copy.table), fmt)
    history = loads.history.setdefault(number, {})
    answers: list[tuple] = []
    errors: list[tuple] = []
    done: list[tuple[Staged, str, list[str], str, tuple]] = []
    duck = conn._duck_conn  # noqa: SLF001
    try:
        for file in files:
            before = history.get(file.shown)
            if before is not None and before["etag"] == file.etag and not force and not validation:
                if copy.options.get("files") is not None:
                    answers.append((file.shown, "LOAD_SKIPPED", 0, 0, None, 1, "File was loaded before.", None, None, None))
                continue
            at = f"copy_{uuid.uuid4().hex}"
            try:
                columns, got = loading.file(file, store.read(file.path), at)
            except (UnicodeDecodeError, ValueError, pa.ArrowException) as error:
                message = f"Invalid data in file '{file.shown}': {str(error).splitlines()[0]}"
                columns, got = [], FileRows(broken=[Broken(1, 1, message, 100144, "22000")], parsed=1)
            got.broken.sort(key=lambda one: one.row)
            count, first = len(got.broken), got.broken[0] if got.broken else None
            errors += [(b.error, file.shown, b.line, b.character, 0, "conversion", b.code, b.state, b.column, b.row, b.line, b.record) for b in got.broken]
            if first is not None and kind == "abort_statement" and not validation:
                raise ProgrammingError(msg=(
                    f"{first.error}\n  File '{file.shown}', line {first.line}, character {first.character}\n  Row {first.row}"
                    + (f", column {first.column}" if first.column else "")
                    + "\n  If you would like to continue loading when an error is encountered, use other values such as 'SKIP_FILE' or "
                      "'CONTINUE' for the ON_ERROR option. For more information on loading options, please run 'info loading_data' in a SQL client."
                ), errno=first.code, sqlstate=first.state)
            skip = count > 0 and (kind == "skip_file" and count >= limit or kind == "skip_percent" and count * 100 > limit * got.parsed)
            good = got.parsed - count
            loaded = 0 if skip else good
            status = "LOADED" if count == 0 else "LOAD_FAILED" if skip or good == 0 else "PARTIALLY_LOADED"
            row = (file.shown, status, got.parsed, loaded, got.parsed if kind == "continue" else max(1, int(limit)), count,
                   *((first.error, first.line, first.character, first.column) if first else (None,) * 4))
            answers.append(row)
            done.append((file, at, columns, status, row))
        if validation:
            return validated(validation, errors, done, conn)
        with_transaction(conn, lambda: [
            duck.execute(f"insert into {quoted(copy.table)} ({', '.join(quoted((c,)) for c in columns)}) select * from {at}")
            for _, at, columns, status, _ in done if status != "LOAD_FAILED" and columns])
        for file, _, _, status, row in done:
            if status != "LOAD_FAILED":
                history[file.shown] = {"etag": file.etag, "row": row, "table": copy.table}
            if purge and status == "LOADED":
                store.delete(file.path)
    finally:
        for _, at, columns, _, _ in done:
            if columns:
                duck.execute(f"drop table if exists temp.{at}")
        loads.errors[query_id] = errors
        loads.last[session] = query_id
    if boolean(copy.options.get("return_failed_only", "false")):
        answers = [row for row in answers if row[1] != "LOADED"]
    if not answers:
        return Answer(["status"], [("Copy executed with 0 files processed.",)])
    return Answer(NAMES, answers, {"rows_parsed", "rows_loaded", "error_limit", "errors_seen", "first_error_line", "first_error_character"})


def validated(mode: str, errors: list[tuple], done: list[tuple], conn: FakeSnowflakeConnection) -> Answer:
    if mode in ("return_errors", "return_all_errors"):
        return Answer(ERROR_NAMES, errors)
    found = re.fullmatch(r"return_(\d+)_rows", mode)
    if not found:
        raise invalid(f"invalid value [{mode.upper()}] for parameter 'VALIDATION_MODE'")
    if errors:
        raise ProgrammingError(msg=errors[0][0], errno=errors[0][6], sqlstate=errors[0][7])
    columns, rows = [], []
    for _, at, columns, _, _ in done:
        rows += conn._duck_conn.execute(f"select * from {at} limit {int(found[1]) - len(rows)}").fetchall()  # noqa: SLF001
    return Answer(columns, rows)


def with_transaction(conn: FakeSnowflakeConnection, act: Any) -> None:
    """All or nothing, within the session's transaction when there is one."""
    duck = conn._duck_conn  # noqa: SLF001
    # A `begin` within a transaction would spoil it. Two statements have one id only within a transaction.
    first, second = (duck.execute("select txid_current()").fetchall() for _ in range(2))
    own = first != second
    if own:
        duck.execute("begin")
    try:
        act()
        if own:
            duck.execute("commit")
    except Exception:
        if own:
            duck.execute("rollback")
        raise


def validate_rows(loads: Loads, text: str, session: int) -> Answer:
    """`table(validate(t, job_id => '...'))`: the errors of an earlier COPY."""
    found = re.search(r"job_id\s*=>\s*'([^']*)'", text, re.I)
    job = loads.last.get(session, "") if not found or found[1].lower() == "_last" else found[1]
    if job not in loads.errors:
        raise invalid(f"Invalid query ID [{job}]", 1003)
    return Answer(ERROR_NAMES, loads.errors[job], {"LINE", "CHARACTER", "BYTE_OFFSET", "CODE", "ROW_NUMBER", "ROW_START_LINE"})


def history_rows(loads: Loads, conn: FakeSnowflakeConnection, table: str) -> Answer:
    number = table_number(conn, parts(conn, table))
    names = ["FILE_NAME", "STATUS", "ROW_COUNT", "ROW_PARSED", "ERROR_COUNT", "FIRST_ERROR_MESSAGE", "TABLE_NAME"]
    rows = [(one["row"][0], one["row"][1].replace("_", " ").capitalize(), one["row"][3], one["row"][2], one["row"][5], one["row"][6], one["table"][2])
            for one in loads.history.get(number, {}).values()]
    return Answer(names, rows, {"ROW_COUNT", "ROW_PARSED", "ERROR_COUNT"})
