"""pytest plugin that runs the commands of dbt's adapter suite with `--engine upsql` (or `dbt`, for what is attainable).

It takes the place of `run_dbt` and its relatives in `dbt.tests.util` before any test module imports them. Everything
else of the suite stays: projects are written by its fixtures, and its SQL goes to the same DuckDB file through Python's
duckdb, in turns with the command: two processes can't have the file open at once.
"""

import json
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

import dbt.tests.util as util
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.adapters.factory import FACTORY
from engines import Dbt, Upsql
from freezegun.api import FakeDatetime
from results import manifest_of, results_of, stamps, target_folder

HERE = Path(__file__).resolve().parent
VALUED = {
    "--log-format",
    "--log-level",
    "--log-path",
    "--printer-width",
    "--target-path",
    "--project-dir",
    "--profiles-dir",
}


class Session:
    engine = None
    end_time = None


def command_of(args):
    """The command in dbt's arguments, where global flags may stand before it."""
    rest = iter(args)
    for arg in rest:
        if arg in VALUED:
            next(rest, None)
        elif not arg.startswith("-"):
            return arg
    return "run"


def let_go_of_database():
    for adapter in FACTORY.adapters.values():
        adapter.cleanup_connections()
        adapter.cache.clear()
    if DuckDBConnectionManager._ENV is not None:
        DuckDBConnectionManager._ENV.close()
    DuckDBConnectionManager.close_all_connections()


def end_of_time():
    """The moment that a test holds for now, by `patch_microbatch_end_time` or freezegun, which end at this process."""
    now = datetime.now(timezone.utc)
    frozen = now.strftime("%Y-%m-%d %H:%M:%S") if type(now) is FakeDatetime else None
    return Session.end_time or frozen


def invoke(args, expect_pass=True):
    from dbt.flags import get_flags

    args = [str(arg) for arg in (["run"] if args is None else args)]
    flags = get_flags()
    for name in ("project_dir", "profiles_dir"):
        folder, flag = getattr(flags, name.upper(), None), f"--{name.replace('_', '-')}"
        if folder and flag not in args:
            args += [flag, str(folder)]
    command = command_of(args)
    if command == "show" and "--output" not in args:
        args += ["--output", "json"]
    folder = target_folder(args)
    before = stamps(folder) if folder.exists() else {}
    let_go_of_database()
    print(f"\n\n{Session.engine.name} {' '.join(args)}")
    outcome = Session.engine.call(args, end_of_time())
    for adapter in FACTORY.adapters.values():
        # As dbt's runner leaves it: methods of the adapter find a connection, which opens when it is used.
        adapter.acquire_connection("master")
    print(outcome.out)
    print(outcome.err)
    assert outcome.code in (0, 1, 2), f"the command broke down with exit code {outcome.code}"
    if outcome.code == 2:
        raise Session.engine.fault(outcome)
    if expect_pass is not None:
        assert (outcome.code == 0) == expect_pass, f"exit code {outcome.code}, expected success: {expect_pass}"
    return results_of(command, args, before, outcome), outcome


def run_dbt(args=None, expect_pass=True, callbacks=None):
    if callbacks:
        pytest.skip("listens to events inside dbt's process")
    return invoke(args, expect_pass)[0]


def run_dbt_and_capture(args=None, expect_pass=True):
    results, outcome = invoke(args, expect_pass)
    return results, outcome.out + outcome.err


def get_manifest(project_root):
    return manifest_of(Path(str(project_root), "target"))


@contextmanager
def patch_microbatch_end_time(text):
    Session.end_time = text
    try:
        yield
    finally:
        Session.end_time = None


util.run_dbt = run_dbt
util.run_dbt_and_capture = run_dbt_and_capture
util.get_manifest = get_manifest
util.patch_microbatch_end_time = patch_microbatch_end_time


def pytest_addoption(parser):
    parser.addoption("--engine", choices=("upsql", "dbt"), default="upsql")
    parser.addoption("--short", action="store_true", help="leave out what is marked as slow")
    parser.addoption("--report", metavar="FILE", help="write the totals as JSON")
    parser.addoption("--write-attainable", action="store_true", help="note what passes in attainable.txt")


def listed(name):
    """Test ids of a list file."""
    path = HERE / name
    lines = path.read_text().splitlines() if path.exists() else []
    return {line.strip() for line in lines if line.strip() and not line.startswith("#")}


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: left out of the short run")
    Session.engine = Upsql() if config.getoption("--engine") == "upsql" else Dbt()


def pytest_unconfigure(config):
    if isinstance(Session.engine, Dbt):
        Session.engine.close()


def pytest_collection_modifyitems(config, items):
    """Of upsql only what dbt itself attains along the same way is asked."""
    attainable = listed("attainable.txt") if Session.engine.name == "upsql" else set()
    short = config.getoption("--short")

    def asked(item):
        return (not attainable or item.nodeid in attainable) and not (short and item.get_closest_marker("slow"))

    config.hook.pytest_deselected(items=[item for item in items if not asked(item)])
    items[:] = [item for item in items if asked(item)]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report):
    if report.when == "call" or report.outcome != "passed":
        worst = Totals.outcomes.get(report.nodeid)
        if worst in (None, "passed"):
            Totals.outcomes[report.nodeid] = report.outcome
        if report.failed:
            Totals.errors.setdefault(report.nodeid, error_of(report))


def error_of(report):
    """The first line of what made a test fail."""
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash is not None else str(report.longrepr or "")
    return next((line for line in text.splitlines() if line.strip()), "no reason was given")


class Totals:
    outcomes = {}
    errors = {}
    gone = set()


def wants_all(config):
    """Whether no part of the suite was chosen, so that each attainable test has to be there."""
    option = config.option
    return not (option.short or option.keyword or option.markexpr) and config.args == config.getini("testpaths")


def pytest_sessionfinish(session, exitstatus):
    """What dbt passes has to be judged: a test that was skipped or is gone passes nothing."""
    config = session.config
    if hasattr(config, "workerinput") or not Totals.outcomes:
        return
    passed = {test for test, outcome in Totals.outcomes.items() if outcome == "passed"}
    if Session.engine.name == "dbt":
        if config.getoption("--write-attainable"):
            attainable = (set(listed("attainable.txt")) - set(Totals.outcomes)) | passed
            (HERE / "attainable.txt").write_text("".join(f"{test}\n" for test in sorted(attainable)))
        return
    if wants_all(config):
        Totals.gone = listed("attainable.txt") - set(Totals.outcomes)
    unjudged = {test for test, outcome in Totals.outcomes.items() if outcome == "skipped"} | Totals.gone
    config.unjudged = sorted(unjudged)
    if unjudged and session.exitstatus == 0:
        session.exitstatus = 1
    if config.getoption("--report"):
        failures = [*Totals.errors.items(), *((test, "did not run") for test in config.unjudged)]
        report = {"passed": len(passed), "failures": [{"name": name, "error": error} for name, error in failures]}
        Path(config.getoption("--report")).write_text(json.dumps(report))


def pytest_terminal_summary(terminalreporter, config):
    passed = sum(outcome == "passed" for outcome in Totals.outcomes.values())
    judged = sum(outcome in ("passed", "failed") for outcome in Totals.outcomes.values())
    label = "attainable" if Session.engine.name == "upsql" else "that ran"
    terminalreporter.write_line(f"{Session.engine.name}: {passed} passed of {judged} {label}")
    for test in getattr(config, "unjudged", []):
        terminalreporter.write_line(f"DID NOT RUN: {test}")
