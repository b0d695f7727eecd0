"""Reads every statement that upsql sent to Snowflake with sqlglot's parser of Snowflake's SQL, which is stricter than the
stand-in that ran it.

Usage: UPSQL_SNOWFLAKE_STATEMENTS=$PWD/target/sent.jsonl npx vitest run tests/integration/snowflake
       .venv/bin/python scripts/judge/snowflake_statements.py target/sent.jsonl

The file has one JSON text a line. Ends with 1 when a statement is not read, or is kept as a whole (`Command`) although it
is none of those that sqlglot is known to keep so.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests/stand-ins/snowflake"))
from reading import bare, reading  # noqa: E402


def main(file: str) -> int:
    with open(file, encoding="utf-8") as lines:
        statements = list(dict.fromkeys(json.loads(line) for line in lines))
    kinds = Counter(" ".join(bare(sql).split(" ")[:2]).lower() for sql in statements)
    wrong = [(found, sql) for sql in statements if (found := reading(sql)) not in ("ok", "kept")]
    for found, sql in wrong:
        print(f"{found}\n{sql}\n")
    print(", ".join(f"{count} {kind}" for kind, count in kinds.most_common(8)))
    print(f"{len(statements)} different statements, {len(wrong)} not read")
    return 1 if wrong or not statements else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
