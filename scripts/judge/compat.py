"""
Writes what dbt-core makes of the small projects in tests/compat/projects: their manifest, compiled SQL and ls lines.

    .venv/bin/python scripts/judge/compat.py [NAME ...]

Each project's folder gets an expected.json, which tests/integration/compat.test.ts holds upsql against.
"""

import contextlib
import io
import json
import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path

from dbt.cli.main import dbtRunner
from dbt.task.compile import CompileTask

from difference import IGNORED, SECTIONS, UNORDERED, engine_macro

COMPAT = Path(__file__).resolve().parents[2] / "tests" / "compat"
CompileTask.raise_on_first_error = lambda self: False


def trimmed(value: object) -> object:
    """Without what is empty: the same is done to upsql's manifest before the comparison."""
    if isinstance(value, dict):
        kept = {key: trimmed(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item not in (None, "", [], {})}
    return [trimmed(item) for item in value] if isinstance(value, list) else value


def node(value: dict) -> dict:
    out = {}
    for key, item in value.items():
        if key in IGNORED:
            continue
        if key == "depends_on":
            item = {k: sorted(x for x in v if x is not None and not engine_macro(x)) for k, v in item.items()}
        elif key in UNORDERED and isinstance(item, list):
            item = sorted(item, key=lambda x: json.dumps(x, sort_keys=True))
        out[key] = item
    return trimmed(out)


def section(name: str, table: dict) -> dict:
    out = {}
    for key, value in sorted(table.items()):
        if name in ("macros", "docs") and key.split(".")[1] in ("dbt", "dbt_duckdb"):
            continue
        if name == "disabled":
            out[key] = [node(item) for item in value]
        elif name == "selectors":
            out[key] = value
        else:
            out[key] = node(value) if isinstance(value, dict) else sorted(value)
    return out


def run(*arguments: str) -> list:
    """Runs dbt in this process, silently; for `ls` the lines that it lists."""
    with contextlib.redirect_stdout(io.StringIO()):
        outcome = dbtRunner().invoke(list(arguments))
    if outcome.exception is not None:
        raise RuntimeError(f"dbt {arguments[0]}: {outcome.exception}")
    return outcome.result


def outcome(project: Path) -> dict:
    case = json.loads((project / "case.json").read_text()) if (project / "case.json").exists() else {}
    os.environ.update(case.get("env", {}))
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        shutil.copytree(project, copy)
        flags = ["--project-dir", str(copy), "--profiles-dir", str(COMPAT), "--vars", json.dumps(case.get("vars", {}))]
        quiet = [*flags, "--no-partial-parse", "--quiet", "--log-level-file", "none"]
        if (copy / "packages.yml").exists():
            run("deps", *flags, "--quiet")
        run("parse", *quiet)
        parsed = json.loads((copy / "target" / "manifest.json").read_text())
        run("compile", *quiet)
        compiled = json.loads((copy / "target" / "manifest.json").read_text())
        lists = {output: sorted(run("ls", *quiet, "--output", output)) for output in ("selector", "name", "path")}
    for name in case.get("env", {}):
        del os.environ[name]
    code = {key: item["compiled_code"] for key, item in sorted(compiled["nodes"].items()) if "compiled_code" in item}
    return {"manifest": {s: section(s, parsed.get(s) or {}) for s in SECTIONS}, "compiled": code, "ls": lists}


def main() -> None:
    logging.disable(logging.CRITICAL)
    for project in sorted((COMPAT / "projects").iterdir()):
        if sys.argv[1:] and project.name not in sys.argv[1:]:
            continue
        (project / "expected.json").unlink(missing_ok=True)
        try:
            text = json.dumps(outcome(project), indent=1, sort_keys=True, ensure_ascii=False)
        except Exception as error:
            print(f"{project.name}: {error}", file=sys.stderr)
            continue
        (project / "expected.json").write_text(text + "\n")
        print(project.name, flush=True)


if __name__ == "__main__":
    main()
