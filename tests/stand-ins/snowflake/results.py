"""Results that statements ask for again: RESULT_SCAN, VALIDATE, COPY_HISTORY. They become tables for as long as one statement runs."""

from __future__ import annotations

import re
import uuid
from collections import OrderedDict

import pyarrow as pa
from fakesnow.fakes import FakeSnowflakeConnection

from copy_load import Loads, history_rows, validate_rows
from stage_syntax import invalid
from statements import Answer, quoted

KEPT = 50
CALL = re.compile(r"table\s*\(\s*(result_scan|validate|(?:\w+\.)?information_schema\.copy_history)\s*\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)\s*\)", re.I)


class Results:
    def __init__(self, loads: Loads) -> None:
        self.loads = loads
        self.tables: OrderedDict[str, pa.Table] = OrderedDict()

    def keep(self, query_id: str, table: pa.Table | None) -> None:
        if table is not None:
            self.tables[query_id] = table
            while len(self.tables) > KEPT:
                self.tables.popitem(last=False)

    def table_of(self, conn: FakeSnowflakeConnection, kind: str, arguments: str, session: int) -> pa.Table:
        if kind.lower() == "result_scan":
            name = arguments.strip().strip("'")
            if name not in self.tables:
                raise invalid(f"Result for query {name} has expired", 709)
            return self.tables[name]
        if kind.lower() == "validate":
            return as_table(validate_rows(self.loads, arguments, session))
        found = re.search(r"table_name\s*=>\s*'([^']*)'", arguments, re.I)
        if not found or not re.search(r"start_time\s*=>", arguments, re.I):
            raise invalid("COPY_HISTORY needs the arguments TABLE_NAME and START_TIME", 1003)
        return as_table(history_rows(self.loads, conn, found[1]))

    def replaced(self, conn: FakeSnowflakeConnection, sql: str, session: int) -> str:
        def one(found: re.Match) -> str:
            name, duck = f"RESULT_{uuid.uuid4().hex.upper()}", conn._duck_conn  # noqa: SLF001
            source = self.table_of(conn, found[1], found[2], session)
            duck.register("given", source)
            path = quoted((conn.database or "", conn.schema or "", name))
            duck.execute(f"create table {path} as select * from given")
            duck.unregister("given")
            return path
        return CALL.sub(one, sql)


def as_table(answer: Answer) -> pa.Table:
    columns = {
        name: pa.array([None if row[i] is None else int(row[i]) if name in answer.numbers else str(row[i]) for row in answer.rows],
                       pa.int64() if name in answer.numbers else pa.string())
        for i, name in enumerate(answer.names)
    }
    return pa.table(columns)
