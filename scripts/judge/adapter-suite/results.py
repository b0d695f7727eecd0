"""What dbt's runner hands back, rebuilt from what a command wrote: artifacts, listed names, previewed rows."""

import json
import os
from pathlib import Path

from dbt.artifacts.schemas.results import FreshnessStatus, NodeStatus
from dbt_common.clients.agate_helper import table_from_data


class Shown(dict):
    """A JSON object whose members are attributes too, as those of dbt's own objects."""

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


def shown(value):
    if isinstance(value, dict):
        return Shown((key, shown(member)) for key, member in value.items())
    return [shown(member) for member in value] if isinstance(value, list) else value


class Results:
    """Results of a command: a sequence, with `results`, `args`, `elapsed_time` as dbt's RunExecutionResult."""

    def __init__(self, results, artifact):
        self.results = results
        self.args = artifact.get("args", {})
        self.elapsed_time = artifact.get("elapsed_time", 0)
        self.generated_at = artifact.get("metadata", {}).get("generated_at")

    def __len__(self):
        return len(self.results)

    def __iter__(self):
        return iter(self.results)

    def __getitem__(self, index):
        return self.results[index]


def target_folder(args):
    for at, arg in enumerate(args):
        if arg == "--target-path":
            return Path(args[at + 1])
    return Path(os.environ.get("DBT_TARGET_PATH", "target"))


def stamps(folder):
    """When each artifact was last written: one left by an earlier command is no result of this one."""
    return {path.name: (path.stat().st_mtime_ns, path.stat().st_ino) for path in folder.glob("*.json")}


def manifest_of(folder):
    path = Path(folder, "manifest.json")
    return shown(json.loads(path.read_text())) if path.exists() else None


def _node_of(manifest, unique_id, result):
    sections = ("nodes", "sources", "unit_tests", "exposures", "functions", "saved_queries")
    node = next((manifest[s][unique_id] for s in sections if unique_id in manifest.get(s, {})), None)
    node = Shown(node if node is not None else {"unique_id": unique_id, "name": unique_id.split(".")[-1]})
    for name in ("compiled_code", "relation_name"):
        if result.get(name) is not None:
            node[name] = result[name]
    return node


def _run_results(folder):
    artifact = json.loads(Path(folder, "run_results.json").read_text())
    manifest = manifest_of(folder) or {}
    results = []
    for raw in artifact["results"]:
        result = shown(raw)
        result["node"] = _node_of(manifest, result.unique_id, result)
        result["status"] = NodeStatus(result.status)
        results.append(result)
    return Results(results, artifact)


def _freshness(folder):
    artifact = json.loads(Path(folder, "sources.json").read_text())
    manifest = manifest_of(folder) or {}
    results = []
    for raw in artifact["results"]:
        result = shown(raw)
        result["node"] = _node_of(manifest, result.unique_id, result)
        result["status"] = FreshnessStatus(result.status)
        results.append(result)
    return Results(results, artifact)


def _preview(folder, out, args):
    """Results of `show`, whose rows are in no artifact: they are read from what it printed (`--output json`)."""
    text = out[out.index("{\n") if "{\n" in out else out.index("{") :]
    rows = json.JSONDecoder().decode(text[: text.rindex("}") + 1])["show"]
    table = table_from_data(rows, list(rows[0]) if rows else [])
    written = folder / "run_results.json"
    results = _run_results(folder) if written.exists() else Results([Shown(node=Shown())], {"args": {}})
    last = results.results[-1]
    last["agate_table"] = table
    results.args["limit"] = int(args[args.index("--limit") + 1]) if "--limit" in args else 5
    return results


def results_of(command, args, before, outcome):
    """The value that dbt's runner gives for `command`; None where it gives none."""
    folder = target_folder(args)
    after = stamps(folder) if folder.exists() else {}
    fresh = {name for name, stamp in after.items() if before.get(name) != stamp}
    if command in ("ls", "list"):
        return [line for line in outcome.out.splitlines() if line and not line[:2].isdigit()]
    if command == "debug":
        return outcome.code == 0
    if command == "parse":
        return manifest_of(folder)
    if command == "show" and outcome.code == 0:
        return _preview(folder, outcome.out, args)
    if command == "docs" and "catalog.json" in fresh:
        return shown(json.loads(Path(folder, "catalog.json").read_text()))
    if command == "source" and "sources.json" in fresh:
        return _freshness(folder)
    return _run_results(folder) if "run_results.json" in fresh else None
