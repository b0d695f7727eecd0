"""Records dbt-core's diffs of random tables for the tests of ours.

Usage: unit_test_diffs.py OUT [CASES]   (with the Python of an environment with requirements.txt); then npm run format

A case has columns, expected and actual rows, and `lines`: the rows of dbt's table that differ, in dbt's order, null where
nothing differs.
"""

import json
import random
import re
import sys
from types import SimpleNamespace

import agate
from dbt.task.test import TestRunner

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def table(columns, rows):
    types = [agate.Text(null_values=[], cast_nulls=False) if kind == "text" else agate.Number() for _, kind in columns]
    return agate.Table(rows, [name for name, _ in columns], types)


def difference(columns, expected, actual):
    runner = SimpleNamespace(config=SimpleNamespace(args=SimpleNamespace(use_colors=False)))
    diff = TestRunner._get_daff_diff(runner, table(columns, expected), table(columns, actual))
    if not diff.hasDifference():
        return None
    import daff

    result = daff.PythonTableView([])
    diff.hilite(result)
    text = ESCAPE.sub("", daff.TerminalDiffRender().render(result))
    return [line for line in text.split("\r\n")[1:] if re.match(r"\+\+\+|---|→", line)]


def case(chance):
    columns = [("id", "number"), ("name", "text"), ("city", "text"), ("amount", "number")][: chance.randint(1, 4)]
    names, cities = ["ann", "bob", "cat", "dan", "eve", "fay"], ["Bern", "Rome", None]

    def row(i):
        values = [i, chance.choice(names), chance.choice(cities), chance.choice([1, 2, 3, None])]
        return values[: len(columns)]

    expected = [row(i) for i in range(1, chance.randint(2, 9))]
    actual = [list(r) for r in expected]
    for _ in range(chance.randint(0, 4)):
        what = chance.random()
        if what < 0.5 and actual:
            changed = chance.choice(actual)
            at = chance.randrange(len(columns))
            changed[at] = row(chance.randint(20, 30))[at]
        elif what < 0.7 and len(actual) > 1:
            actual.pop(chance.randrange(len(actual)))
        elif what < 0.9:
            actual.append(row(chance.randint(10, 20)))
        elif actual:
            actual.append(list(chance.choice(actual)))
    chance.shuffle(actual)
    return columns, expected, actual


def main():
    chance = random.Random(7)
    cases = []
    for _ in range(int(sys.argv[2]) if len(sys.argv) > 2 else 200):
        columns, expected, actual = case(chance)
        cases.append(
            {
                "columns": [name for name, _ in columns],
                "expected": expected,
                "actual": actual,
                "lines": difference(columns, expected, actual),
            }
        )
    with open(sys.argv[1], "w") as out:
        out.write("[\n" + ",\n".join(json.dumps(c, ensure_ascii=False) for c in cases) + "\n]\n")


main()
