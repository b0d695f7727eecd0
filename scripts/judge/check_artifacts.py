"""Loads a target folder's artifacts with dbt-core's own classes, and compares their shape with a dbt-made target folder.

    python check_artifacts.py target [--like DBT_TARGET] [--strict]
    python check_artifacts.py --write-schemas FOLDER

Needs a virtual environment with dbt-core 1.11. With --like it prints, for each kind of node, the keys that differ, the
nodes that are missing or extra, and (with --strict) the values that differ, volatile ones left out.
Ends with 1 when an artifact can't be loaded or differs.
"""

import argparse
import json
import sys
from pathlib import Path

from dbt.artifacts.schemas.catalog import CatalogArtifact
from dbt.artifacts.schemas.freshness.v3.freshness import FreshnessExecutionResultArtifact
from dbt.artifacts.schemas.manifest import WritableManifest
from dbt.artifacts.schemas.run import RunResultsArtifact

SECTIONS = (
    "nodes sources macros docs exposures metrics groups saved_queries semantic_models unit_tests functions".split()
)
VOLATILE = {"created_at", "generated_at", "invocation_id", "invocation_started_at", "run_started_at", "root_path"}
# Text that each engine writes for itself.
OWN = {"depends_on.macros", "compiled_code", "checksum", "database", "relation_name"}
COMPILED_ONLY = {"compiled", "compiled_code", "extra_ctes", "extra_ctes_injected"}


def load(folder):
    """Reads the artifacts as dbt does for --state; gives the raw JSON and what went wrong."""
    problems = []
    raw = {}
    for name, cls in (("manifest", WritableManifest), ("run_results", RunResultsArtifact)):
        path = folder / f"{name}.json"
        if not path.exists():
            print(f"{path}: not there")
            continue
        try:
            cls.read_and_check_versions(str(path))
            raw[name] = json.loads(path.read_text())
            print(f"{path}: loads")
        except Exception as error:  # dbt raises many kinds
            problems.append(f"{path}: {type(error).__name__}: {str(error)[:2000]}")
    return raw, problems


def kind(node):
    name = node["resource_type"]
    return f"{name}/{'generic' if 'test_metadata' in node else 'singular'}" if name == "test" else name


def flatten(value, prefix=""):
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from flatten(inner, f"{prefix}.{key}" if prefix else key)
    else:
        yield prefix, value


def below_target(node):
    """Paths without the name of the target folder, which the two runs may have given differently."""
    paths = {key: node[key].split("/", 1)[1] for key in ("build_path", "compiled_path") if node.get(key)}
    return {**node, **paths}


def compare(ours, theirs, strict):
    found = []
    for key in set(ours) ^ set(theirs):
        found.append(f"manifest: section {key} only in {'ours' if key in ours else 'dbt'}")
    for key in sorted(set(ours["metadata"]) ^ set(theirs["metadata"])):
        found.append(f"metadata.{key} only in {'ours' if key in ours['metadata'] else 'dbt'}")
    for section in SECTIONS:
        mine, other = ours.get(section, {}), theirs.get(section, {})
        if section == "macros":  # the engines ship different macros
            project = ours["metadata"]["project_name"]
            mine = {k: v for k, v in mine.items() if v["package_name"] == project}
            other_all, other = other, {k: v for k, v in other.items() if v["package_name"] == project}
            shapes = {kind(n): set(n) for n in other_all.values()}
        else:
            shapes = {}
        for uid in sorted(set(mine) - set(other)):
            found.append(f"{section}: {uid} only in ours")
        for uid in sorted(set(other) - set(mine)):
            found.append(f"{section}: {uid} only in dbt's")
        keys = {}
        for uid in sorted(set(mine) & set(other)):
            a, b = mine[uid], other[uid]
            for key in (set(a) ^ set(b)) - COMPILED_ONLY:
                keys.setdefault((kind(b), key, key in a), []).append(uid)
            if strict:
                fa, fb = dict(flatten(below_target(a))), dict(flatten(below_target(b)))
                for path in sorted(set(fa) & set(fb)):
                    skip = path in OWN or path.split(".")[0] in OWN or path.split(".")[-1] in VOLATILE
                    if not skip and fa[path] != fb[path]:
                        found.append(f"{uid}.{path}: ours {fa[path]!r}, dbt {fb[path]!r}")
                for path in sorted(set(fa) ^ set(fb)):
                    if path.startswith(("config.", "unrendered_config.")):
                        where, value = ("ours", fa[path]) if path in fa else ("dbt", fb[path])
                        found.append(f"{uid}.{path} only in {where}: {value!r}")
        for (node_kind, key, in_ours), uids in sorted(keys.items()):
            found.append(f"{node_kind}: key {key} only in {'ours' if in_ours else 'dbt'} ({len(uids)}, as {uids[0]})")
        if shapes and not mine:
            for node in list(ours[section].values())[:1]:
                for key in sorted(set(node) ^ shapes["macro"]):
                    found.append(f"macro: key {key} only in {'ours' if key in node else 'dbt'}")
    for name in ("parent_map", "child_map"):
        for uid in sorted(set(ours[name]) & set(theirs[name])):
            if sorted(ours[name][uid]) != sorted(theirs[name][uid]):
                found.append(f"{name}: {uid}: ours {ours[name][uid]}, dbt {theirs[name][uid]}")
        for uid in sorted(set(ours[name]) ^ set(theirs[name])):
            found.append(f"{name}: {uid} only in {'ours' if uid in ours[name] else 'dbt'}")
    return found


def compare_results(ours, theirs):
    found = []
    mine = {r["unique_id"]: r for r in ours["results"]}
    other = {r["unique_id"]: r for r in theirs["results"]}
    for uid in sorted(set(mine) ^ set(other)):
        found.append(f"run_results: {uid} only in {'ours' if uid in mine else 'dbt'}")
    for uid in sorted(set(mine) & set(other)):
        a, b = mine[uid], other[uid]
        for key in sorted(set(a) ^ set(b)):
            found.append(f"run_results: {uid}: key {key} only in {'ours' if key in a else 'dbt'}")
        for key in ("status", "message", "failures", "compiled", "relation_name", "adapter_response"):
            if a.get(key) != b.get(key):
                found.append(f"run_results: {uid}.{key}: ours {a.get(key)!r}, dbt {b.get(key)!r}")
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("target", type=Path, nargs="?")
    parser.add_argument("--like", type=Path)
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--write-schemas", type=Path)
    args = parser.parse_args()
    if args.write_schemas:
        for name, cls in (
            ("manifest", WritableManifest),
            ("run-results", RunResultsArtifact),
            ("sources", FreshnessExecutionResultArtifact),
            ("catalog", CatalogArtifact),
        ):
            text = json.dumps(cls.json_schema(), separators=(",", ":"), sort_keys=True)
            (args.write_schemas / f"{name}.schema.json").write_text(text + "\n")
        return 0
    ours, problems = load(args.target)
    if args.like:
        theirs, theirs_problems = load(args.like)
        problems += theirs_problems
        if "manifest" in ours and "manifest" in theirs:
            problems += compare(ours["manifest"], theirs["manifest"], args.strict)
        if "run_results" in ours and "run_results" in theirs:
            problems += compare_results(ours["run_results"], theirs["run_results"])
    for problem in problems:
        print(problem)
    print(f"{len(problems)} differences or faults")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
