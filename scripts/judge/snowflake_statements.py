"""Reads every statement that upsql sent to Snowflake with sqlglot's parser of Snowflake's SQL, which is stricter than the
stand-in that ran it.

Usage: UPSQL_SNOWFLAKE_STATEMENTS=$PWD/target/sent.jsonl npx vitest run tests/integration/snowflake
       .venv/bin/python scripts/judge/snowflake_statements.py target/sent.jsonl

The file has one JSON text a line. Ends with 1 when a statement is not read, or is kept as a whole (`Command`) although it
is none of those that sqlglot is known to keep so.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

# Statements that sqlglot keeps as they are; what tests/integration/snowflake-project.ts has under KEPT_WHOLE.
KEPT_WHOLE = re.compile(
    r"(alter session|alter table \S+ (swap with|resume recluster)|show (terse|objects|grants|dynamic)|grant|revoke|use|call"
    r"|alter dynamic table|describe|comment on dynamic|begin|create or replace dynamic|drop dynamic)\b",
    re.I,
)


def bare(sql: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"^\s*/\*.*?\*/", "", sql, flags=re.S)).strip()


def complaint(sql: str) -> str | None:
    try:
        for expression in sqlglot.parse(sql, read="snowflake", error_level=ErrorLevel.RAISE):
            if isinstance(expression, exp.Command) and not KEPT_WHOLE.match(bare(sql)):
                return "kept as a whole"
    except SqlglotError as error:
        return str(error)
    return None


def main(file: str) -> int:
    with open(file, encoding="utf-8") as lines:
        statements = list(dict.fromkeys(json.loads(line) for line in lines))
    kinds = Counter(" ".join(bare(sql).split(" ")[:2]).lower() for sql in statements)
    wrong = [(found, sql) for sql in statements if (found := complaint(sql)) is not None]
    for found, sql in wrong:
        print(f"{found}\n{sql}\n")
    print(", ".join(f"{count} {kind}" for kind, count in kinds.most_common(8)))
    print(f"{len(statements)} different statements, {len(wrong)} not read")
    return 1 if wrong or not statements else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
