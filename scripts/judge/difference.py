"""What differs between two manifests: nodes, their fields, compiled SQL and ls lines."""

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from python_code import meaning

SECTIONS = (
    "nodes sources exposures groups docs macros disabled metrics semantic_models saved_queries unit_tests selectors "
    "parent_map child_map group_map"
).split()
# Times, places on this machine, and what only a later stage fills in.
IGNORED = {
    "created_at", "build_path", "compiled_path", "compiled", "compiled_code", "extra_ctes", "extra_ctes_injected",
    "root_path", "config_call_dict",
}
# dbt makes these from sets, so that their order is another one in each run.
UNORDERED = {"tags", "depends_on", "refs", "sources", "primary_key", "doc_blocks", "parent_map", "child_map", "group_map"}
ENGINE_PACKAGES = ("dbt", "dbt_duckdb")


@dataclass
class Difference:
    """Counts of what was compared and what was equal, by subject, and every difference as text."""

    total: Counter = field(default_factory=Counter)
    equal: Counter = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)

    def count(self, subject: str, same: bool) -> None:
        self.total[subject] += 1
        self.equal[subject] += same

    def tell(self, *parts: object) -> None:
        self.lines.append(" ".join(str(part) for part in parts))

    def rate(self, *subjects: str) -> tuple[int, int]:
        return sum(self.equal[s] for s in subjects), sum(self.total[s] for s in subjects)


def shown(value: object) -> str:
    text = json.dumps(value, sort_keys=True)
    return text if len(text) <= 400 else f"{text[:400]}..."


def plain(name: str, value: object) -> object:
    """A field's value without the order of what has none, and without the time at which it was made."""
    if name == "depends_on" and isinstance(value, dict):
        return {key: sorted(items) for key, items in value.items()}
    if name in UNORDERED and isinstance(value, list):
        return sorted((json.dumps(item, sort_keys=True) for item in value))
    if name in ("config", "unrendered_config"):
        return without_now(json.dumps(value, sort_keys=True))
    return value


def engine_macro(key: str) -> bool:
    return key.startswith(tuple(f"macro.{package}." for package in ENGINE_PACKAGES))


def without_engine(value: dict) -> dict:
    """depends_on without the engine's own macros, which upsql wrote anew and cuts differently."""
    if not isinstance(value, dict):
        return value
    return {key: [item for item in items if not engine_macro(item)] for key, items in value.items()}


def compare_fields(key: str, theirs: dict, ours: dict, out: Difference) -> bool:
    same = True
    for name in sorted(set(theirs) | set(ours)):
        if name in IGNORED:
            continue
        if (name in theirs) != (name in ours):
            out.tell(key, name, "only in dbt" if name in theirs else "only in upsql", shown(theirs.get(name, ours.get(name))))
            same = False
            continue
        a, b = plain(name, theirs[name]), plain(name, ours[name])
        if name == "depends_on" and key.startswith("macro."):
            a, b = plain(name, without_engine(theirs[name])), plain(name, without_engine(ours[name]))
        if a != b:
            out.tell(key, name, "\n    dbt  ", shown(a), "\n    upsql", shown(b))
            same = False
    return same


def compare_section(section: str, theirs: dict, ours: dict, out: Difference) -> None:
    def own(table: dict) -> dict:
        engine = section in ("macros", "docs")
        return {k: v for k, v in table.items() if not (engine and k.split(".")[1] in ENGINE_PACKAGES)}

    left, right = own(theirs.get(section) or {}), own(ours.get(section) or {})
    for key in sorted(set(left) | set(right)):
        if key not in left or key not in right:
            out.tell(section, key, "only in dbt" if key in left else "only in upsql")
            out.count(section, False)
            continue
        a, b = left[key], right[key]
        if isinstance(a, dict):
            same = compare_fields(key, a, b, out)
        elif section == "disabled":
            same = len(a) == len(b) and all(compare_fields(key, x, y, out) for x, y in zip(a, b))
        else:
            same = plain(section, a) == plain(section, b)
            if not same:
                out.tell(section, key, "\n    dbt  ", shown(a), "\n    upsql", shown(b))
        out.count(section, same)


def compare_manifests(theirs: dict, ours: dict, out: Difference) -> None:
    for section in SECTIONS:
        compare_section(section, theirs, ours, out)


def compiled_sql(manifest: dict, key: str) -> str | None:
    node = manifest["nodes"].get(key, {})
    code = node.get("compiled_code")
    return meaning(code) if code and node.get("language") == "python" else without_now(code)


def differing(theirs: list[dict], ours: dict) -> list[str]:
    """The nodes whose compiled SQL is what none of dbt's runs made, whitespace included."""
    keys = {key for manifest in (theirs[0], ours) for key, node in manifest["nodes"].items() if "compiled_code" in node}
    return sorted(key for key in keys if all(compiled_sql(run, key) != compiled_sql(ours, key) for run in theirs))


def compare_compiled(theirs: list[dict], ours: dict, out: Difference) -> None:
    """Compiled SQL node by node. dbt's runs differ from each other where its Python code or a project's goes through a set."""
    wrong = set(differing(theirs, ours))
    for key, node in sorted(theirs[0]["nodes"].items()):
        if "compiled_code" in node:
            out.count("compiled", key not in wrong)
    for key in sorted(wrong):
        if "compiled_code" not in theirs[0]["nodes"].get(key, {}):
            out.count("compiled", False)
        out.tell("compiled", key, *sql_difference(compiled_sql(theirs[0], key), compiled_sql(ours, key)))


def without_now(sql: str | None) -> str | None:
    """A text without the time at which it was compiled, which some projects print."""
    return sql and re.sub(rf"{date.today().year}-\d\d-\d\d([ T])\d\d:\d\d:\d\d\.\d+", r"<now>", sql)


def sql_difference(a: str | None, b: str | None) -> list[str]:
    if a is None or b is None:
        return ["is compiled by", "dbt only" if b is None else "upsql only"]
    at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    around = slice(max(0, at - 40), at + 80)
    return ["at character", str(at), "\n    dbt  ", repr(a[around]), "\n    upsql", repr(b[around])]


def compare_lists(name: str, theirs: str, ours: str, out: Difference) -> None:
    """Lines of `ls`, in any order; JSON lines field by field."""
    def lines(text: str) -> list[str]:
        found = [line for line in text.splitlines() if line.strip()]
        if name != "json":
            return found
        kept = []
        for line in found:
            try:
                item = json.loads(line)
            except json.JSONDecodeError:
                kept.append(line)
                continue
            kept.append(json.dumps({k: plain(k, v) for k, v in item.items()}, sort_keys=True))
        return kept

    left, right = Counter(lines(theirs)), Counter(lines(ours))
    for line in left | right:
        same = left[line] == right[line]
        out.count("ls", same)
        if not same:
            out.tell(f"ls {name}", "only in dbt" if left[line] > right[line] else "only in upsql", line[:400])
