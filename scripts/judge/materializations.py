"""What dbt-core and dbt-duckdb leave in the warehouse, stage by stage, as data for tests.

    python scripts/judge/materializations.py PROJECT OUT.json     (in an environment with dbt-core 1.11 and dbt-duckdb)

PROJECT holds a project and stages.json: builds with other vars, one after another. After each the contents of every
relation are written down, with the times of the run as `now`. tests/integration/macros-stages.test.ts does the same by
our engine and expects the same.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

HASHES = {"dbt_scd_id"}


def shown(column: str, value: str | None) -> str | None:
    if value is None or column in HASHES:
        return None
    return "now" if value[:2] == "20" and value[:4] > "2024" and len(value) > 18 else value


def contents(file: Path) -> dict:
    connection = duckdb.connect(str(file), read_only=True)
    found = {}
    listed = "select table_schema, table_name, table_type from information_schema.tables order by all"
    for schema, name, kind in connection.execute(listed).fetchall():
        columns = connection.execute(f'describe "{schema}"."{name}"').fetchall()
        texts = ", ".join(f'"{column[0]}"::varchar' for column in columns)
        rows = connection.execute(f'select {texts} from "{schema}"."{name}"').fetchall()
        cells = [[shown(column[0], cell) for column, cell in zip(columns, row)] for row in rows]
        found[f"{schema}.{name}"] = {
            "type": kind,
            "columns": [f"{column[0]} {column[1]}" for column in columns],
            "rows": sorted(cells, key=json.dumps),
        }
    comments = connection.execute(
        "select view_name, comment from duckdb_views() where comment is not null "
        "union all select table_name || '.' || column_name, comment from duckdb_columns() where comment is not null order by all"
    ).fetchall()
    constraints = connection.execute(
        "select table_name, constraint_type from duckdb_constraints() order by all"
    ).fetchall()
    connection.close()
    return {"relations": found, "comments": list(map(list, comments)), "constraints": list(map(list, constraints))}


def main(project: str, out: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        shutil.copytree(project, root)
        dbt = Path(sys.executable).parent / "dbt"
        outcome = []
        for stage in json.loads((root / "stages.json").read_text()):
            given = {"dir": folder, **stage.get("vars", {})}
            options = ["--full-refresh"] if stage.get("fullRefresh") else []
            where = ["--project-dir", root, "--profiles-dir", root]
            subprocess.run([dbt, "--quiet", "build", *options, "--vars", json.dumps(given), *where], check=True, cwd=root)
            results = json.loads((root / "target/run_results.json").read_text())["results"]
            statuses = {r["unique_id"].split(".")[2]: [r["status"], r["failures"]] for r in results}
            outcome.append({"name": stage["name"], "statuses": dict(sorted(statuses.items())), **contents(root / "stages.duckdb")})
    Path(out).write_text(json.dumps(outcome, separators=(",", ":")).replace('{"name"', '\n{"name"').replace('"main', '\n"main') + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
