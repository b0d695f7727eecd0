"""
Compares upsql with dbt-core on public projects: manifests, compiled SQL and ls, with every difference.

    python scripts/judge/compare.py FOLDER [--only NAME ...] [--work FOLDER] [--keep-dbt] [--markdown FILE]

See scripts/judge/README.md.
"""

import argparse
import json
import shlex
import sys
from pathlib import Path

from difference import SECTIONS, Difference, compare_compiled, compare_lists, compare_manifests, differing
from prepare import Prepared, prepare
from tools import Tool, build_warehouse, compile_with_seed, copy_warehouse

REPOSITORY = Path(__file__).resolve().parents[2]
# Orders of Python's sets that are tried where compiled SQL differs.
OTHER_SEEDS = ("2", "3", "4", "5")
COLUMNS = {
    "nodes": ("nodes", "sources", "exposures", "metrics", "semantic_models", "saved_queries", "unit_tests", "groups"),
    "macros and docs": ("macros", "docs"),
    "disabled": ("disabled",),
    "graph": ("parent_map", "child_map", "group_map", "selectors"),
    "compiled SQL": ("compiled",),
    "ls": ("ls",),
}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("projects", type=Path, help="a folder whose subfolders are checkouts of dbt projects")
    parser.add_argument("--only", nargs="*", default=[], help="names of checkouts")
    parser.add_argument("--work", type=Path, default=REPOSITORY / ".judge", help="where copies and outcomes go")
    parser.add_argument("--python", default=str(REPOSITORY / ".venv" / "bin" / "python"), help="a Python that has dbt")
    parser.add_argument("--upsql", default=f"node {REPOSITORY / 'dist' / 'cli' / 'bin.cjs'}", help="the upsql command")
    parser.add_argument("--keep-dbt", action="store_true", help="use dbt's outcomes of an earlier run where there are any")
    parser.add_argument("--markdown", type=Path, help="write the table of match rates to this file")
    return parser.parse_args()


def read(file: Path) -> dict | None:
    return json.loads(file.read_text()) if file.exists() else None


def compare(project: Prepared, dbt: Tool, upsql: Tool, keep: bool) -> Difference:
    out = Difference()
    theirs, ours = dbt.folder(project), upsql.folder(project)
    for step in (each for each in ("parse", "compile") if each in project.steps):
        left, right = read(theirs / f"{step}.json"), read(ours / f"{step}.json")
        if left is None:
            out.tell(step, "dbt wrote no manifest:", (theirs / f"{step}.txt").read_text()[-2000:])
            continue
        if right is None:
            out.tell(step, "upsql wrote no manifest:", (ours / f"{step}.txt").read_text()[:3000])
            right = {section: {} for section in SECTIONS}
        if step == "parse":
            compare_manifests(left, right, out)
            continue
        runs = [left]
        for seed in OTHER_SEEDS:
            if differing(runs, right):
                runs.append(compile_with_seed(dbt, project, seed, keep))
        compare_compiled(runs, right, out)
    for output in ("name", "selector", "path", "json") if "ls" in project.steps else ():
        compare_lists(output, (theirs / f"ls-{output}.out").read_text(), (ours / f"ls-{output}.out").read_text(), out)
    return out


def rate(equal: int, total: int) -> str:
    """Of a subject that there is nothing of, or that was not compared, a dash."""
    return "–" if total == 0 else f"{equal} of {total} ({100 * equal / total:.1f}%)".replace("(100.0%)", "(100%)")


def table(results: dict[str, Difference]) -> str:
    rows = [["project", *COLUMNS], ["---"] * (len(COLUMNS) + 1)]
    for name, result in results.items():
        rows.append([name, *(rate(*result.rate(*subjects)) for subjects in COLUMNS.values())])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def main() -> int:
    options = arguments()
    dbt, upsql = Tool("dbt", [options.python, str(Path(__file__).with_name("dbt_tolerant.py"))]), Tool("upsql", shlex.split(options.upsql))
    results = {}
    for project in prepare(options.projects, options.work, options.only):
        print(f"{project.name}", flush=True)
        build_warehouse(dbt, project, options.keep_dbt)
        dbt.outcome(project, options.keep_dbt)
        copy_warehouse(dbt, upsql, project)
        upsql.outcome(project)
        result = results[project.name] = compare(project, dbt, upsql, options.keep_dbt)
        for line in result.lines:
            print("  " + line, flush=True)
        if options.markdown:
            options.markdown.write_text(table(results))
    print("\n" + table(results))
    return 0 if all(not result.lines for result in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
