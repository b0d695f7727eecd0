"""Versions as dbt reads, orders, narrows and chooses them, for tests/unit/packages/semver.test.ts.

Run with the Python that has dbt-core 1.11:
    python scripts/packages/semver.py > tests/unit/packages/fixtures/semver.json
"""

import json
import random
import sys

from dbt_common import semver

READABLE = (
    "1.0.0 0.9.0 1.0.0-rc1 1.0.0-rc.1 1.0.0-rc.2 1.0.0-rc.10 1.0.0rc1 1.0.0-alpha 1.0.0-1 1.0.1 1.1.0 2.0.0 "
    "2.0.0-beta.1 1.0.0+b1 10.0.0 1.0.01 1.0.0-a.b.c 1.0.0- 1.0.0+"
).split()
OTHER = [">= 1.0.0", ">=1.0.0,<2.0.0", ">=1.0.0 ", *"1.0 1 v1.0.0 ^1.0.0 ~1.0.0 1.0.0.0 01.0.0 ==1.0.0 1.0.x 1.0.0-rc..1".split(), ""]
MATCHERS = ["", ">", ">=", "<", "<=", "="]
BOUNDS = [matcher + text for matcher in MATCHERS for text in READABLE]


def parse(text):
    try:
        return semver.VersionSpecifier.from_version_string(text).to_version_string()
    except Exception:
        return None


def order(a, b):
    return semver.VersionSpecifier.from_version_string(a).compare(semver.VersionSpecifier.from_version_string(b))


def narrow(bounds):
    try:
        return semver.reduce_versions(*bounds)
    except semver.VersionsNotCompatibleError:
        return None


def choose(bounds, available, prereleases):
    wanted = narrow(bounds)
    if wanted is None:
        return None
    installable = semver.filter_installable(available, prereleases)
    return {"installable": installable, "chosen": semver.resolve_to_specific_version(wanted, installable)}


def main():
    random.seed(7)
    pairs = [(random.choice(BOUNDS), random.choice(BOUNDS)) for _ in range(400)]
    lists = [[random.choice(BOUNDS) for _ in range(random.randint(1, 4))] for _ in range(500)]
    wishes = [
        (
            [random.choice(BOUNDS) for _ in range(random.randint(0, 2))],
            random.sample(READABLE, random.randint(1, 8)),
            random.random() < 0.4,
        )
        for _ in range(300)
    ]
    reduced = [(bounds, narrow(bounds)) for bounds in lists]
    out = {
        "parse": [[text, parse(text)] for text in [*BOUNDS, *OTHER]],
        "compare": [[a, b, order(a, b)] for a, b in pairs],
        "reduce": [[bounds, found and found.to_version_string_pair()] for bounds, found in reduced],
        "choose": [[*wish, choose(*wish)] for wish in wishes],
    }
    json.dump(out, sys.stdout)


main()
