"""Stored procedures in Python, which fakesnow has not: their clauses are read strictly, their code runs over the stand-in."""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass, field
from typing import Any

from fakesnow.fakes import FakeSnowflakeConnection
from snowflake.connector.errors import ProgrammingError

from statements import PATH, Answer, Warehouse, parts, rewrite, strip

TEXT = r"'(?:[^']|'')*'"
LIST = rf"\(\s*{TEXT}(?:\s*,\s*{TEXT})*\s*\)"
NAMES = r"\(\s*[\w.]+(?:\s*,\s*[\w.]+)*\s*\)"
SECRET = rf"{TEXT}\s*=\s*[\w.]+"
CLAUSES = {
    "returns": r"returns string",
    "language": r"language python",
    "runtime_version": rf"runtime_version\s*=\s*({TEXT})",
    "packages": rf"packages\s*=\s*({LIST})",
    "imports": rf"imports\s*=\s*({LIST})",
    "external_access_integrations": rf"external_access_integrations\s*=\s*({NAMES})",
    "secrets": rf"secrets\s*=\s*\((\s*{SECRET}(?:\s*,\s*{SECRET})*)\s*\)",
    "handler": rf"handler\s*=\s*({TEXT})",
    "execute": r"execute as (?:caller|owner)",
}
NEEDED = {"returns", "language", "runtime_version", "packages", "handler"}


@dataclass
class Procedures:
    """The account's procedures, by their full names."""

    kept: dict[str, Procedure] = field(default_factory=dict)


@dataclass
class Procedure:
    handler: str
    code: str


def refuse(message: str) -> ProgrammingError:
    return ProgrammingError(msg=f"SQL compilation error:\n{message}", errno=1003, sqlstate="42000")


def read(clauses: str, code: str) -> Procedure:
    """The clauses between the name of a procedure and its code, each known and given once."""
    found: dict[str, str] = {}
    at = 0
    while at < len(clauses):
        for name, pattern in CLAUSES.items():
            if match := re.compile(rf"\s*{pattern}\s*", re.I).match(clauses, at):
                if name in found:
                    raise refuse(f"duplicate property '{name.upper()}'")
                found[name] = match[1] if match.lastindex else ""
                at = match.end()
                break
        else:
            raise refuse(f"syntax error: unexpected '{clauses[at: at + 40].strip()}'")
    if lacking := NEEDED - found.keys():
        raise refuse(f"missing property '{min(lacking).upper()}'")
    if "'snowflake-snowpark-python'" not in found["packages"]:
        raise refuse("The packages of a procedure in Python have to include 'snowflake-snowpark-python'")
    return Procedure(found["handler"].strip("'"), code)


class Frame:
    """A DataFrame of Snowpark as far as models of the tests go: a query that is run when its rows are asked for."""

    def __init__(self, session: Session, query: str) -> None:
        self.session, self.query = session, query

    def filter(self, condition: str) -> Frame:
        return Frame(self.session, f"select * from ({self.query}) where {condition}")

    where = filter

    def select(self, *columns: str) -> Frame:
        return Frame(self.session, f"select {', '.join(columns)} from ({self.query})")

    def limit(self, count: int) -> Frame:
        return Frame(self.session, f"select * from ({self.query}) limit {count}")

    def collect(self) -> list[tuple]:
        return self.session.run(self.query)

    def count(self) -> int:
        return self.session.run(f"select count(*) from ({self.query})")[0][0]

    @property
    def write(self) -> Writer:
        return Writer(self)


class Writer:
    def __init__(self, frame: Frame) -> None:
        self.frame, self.kind = frame, "errorifexists"

    def mode(self, kind: str) -> Writer:
        self.kind = kind
        return self

    def save_as_table(self, name: str, *, table_type: str = "") -> None:
        if table_type not in ("", "temporary", "transient"):
            raise ValueError(f"Unsupported table type {table_type!r}")
        # All that dbt's models ask for: the rows in the place of what is there, in one statement.
        replace = {"overwrite": " or replace", "errorifexists": ""}[self.kind]
        self.frame.session.run(f"create{replace} {table_type} table {name} as {self.frame.query}")


class Session:
    """Snowpark's session over the connection that calls the procedure."""

    def __init__(self, warehouse: Warehouse, conn: FakeSnowflakeConnection) -> None:
        self._warehouse, self._conn = warehouse, conn

    def run(self, sql: str) -> list[tuple]:
        return self._conn.cursor().execute(rewrite(self._warehouse, self._conn, sql)).fetchall()

    def table(self, name: str) -> Frame:
        if not re.fullmatch(PATH, name):
            raise ValueError(f"The object name '{name}' is invalid.")
        return Frame(self, f"select * from {name}")

    def sql(self, query: str) -> Frame:
        return Frame(self, query)

    def create_dataframe(self, rows: list[Any], schema: list[str]) -> Frame:
        values = ", ".join("(" + ", ".join("null" if v is None else repr(v) for v in row) + ")" for row in rows)
        return Frame(self, f"select * from (values {values}) as v ({', '.join(schema)})")

    createDataFrame = create_dataframe


# As Snowflake names it in tracebacks.
FILE = "_udf_code.py"


def call(warehouse: Warehouse, conn: FakeSnowflakeConnection, procedure: Procedure) -> Answer:
    names: dict[str, Any] = {"__name__": "procedure"}
    try:
        exec(compile(procedure.code, FILE, "exec"), names)  # noqa: S102
        result = names[procedure.handler](Session(warehouse, conn))
    except Exception as error:
        own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == FILE]
        lines = "".join(traceback.format_list(own) + traceback.format_exception_only(error))
        raise ProgrammingError(msg=f"Python Interpreter Error:\nTraceback (most recent call last):\n{lines} in function of the procedure with handler {procedure.handler}",
                               errno=100357, sqlstate="P0000") from error
    return Answer(["MAIN"], [(str(result),)])


CREATE = re.compile(rf"create (?:or replace )?procedure ({PATH})\s*\(\s*\)\s*(.*?)\bas\s*\$\$(.*)\$\$$", re.I | re.S)
WITH = re.compile(r"with (\w+) as procedure\s*\(\s*\)\s*(.*?)\bas\s*\$\$(.*)\$\$\s*call (\w+)\s*\(\s*\)$", re.I | re.S)
CALL = re.compile(rf"call ({PATH})\s*\(\s*\)$", re.I)
DROP = re.compile(rf"drop procedure (if exists )?({PATH})\s*\(\s*\)$", re.I)


def answer(warehouse: Warehouse, procedures: Procedures, conn: FakeSnowflakeConnection, sql: str) -> Answer | None:
    """The answer to a statement about procedures; None for all others."""
    text = strip(sql)
    if found := WITH.match(text):
        if found[1].upper() != found[4].upper():
            raise refuse(f"Unknown user-defined function {found[4]}")
        return call(warehouse, conn, read(found[2], found[3]))
    if found := CREATE.match(text):
        procedures.kept[".".join(parts(conn, found[1]))] = read(found[2], found[3])
        return Answer(["status"], [(f"Function {found[1]} successfully created.",)])
    if (found := CALL.match(text)) and not found[1].upper().startswith("SYSTEM$"):
        if (procedure := procedures.kept.get(".".join(parts(conn, found[1])))) is None:
            raise ProgrammingError(msg=f"SQL compilation error:\nUnknown user-defined function {found[1]}", errno=2140, sqlstate="42601")
        return call(warehouse, conn, procedure)
    if found := DROP.match(text):
        name = ".".join(parts(conn, found[2]))
        if name not in procedures.kept and not found[1]:
            raise ProgrammingError(msg=f"SQL compilation error:\nProcedure '{found[2]}' does not exist or not authorized.", errno=2003, sqlstate="02000")
        dropped = procedures.kept.pop(name, None) is not None
        return Answer(["status"], [(f"{found[2]} {'successfully dropped' if dropped else 'already dropped'}.",)])
    return None
