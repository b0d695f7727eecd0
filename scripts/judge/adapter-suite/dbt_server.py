"""Runs dbt's command line in forked children of one process that has imported dbt already.

`dbt` takes seconds to import; the suite calls it some thousand times. Each line on stdin is a JSON request with `args`,
`cwd`, `env`, `stdout`, `stderr` (files) and `end_time` (or null); each answer is a line with the exit code.
"""

import json
import os
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path
from unittest import mock

import dbt.adapters.duckdb  # noqa: F401  (loaded before the fork)
import dbt.task.build  # noqa: F401
import dbt.task.docs.generate  # noqa: F401
import freezegun
from dbt.cli.main import cli, dbtRunner
from dbt.materializations.incremental.microbatch import MicrobatchBuilder
from dbt_common.events.functions import reset_metadata_vars
from dbt_common.tests import enable_test_caching


def run_child(request):
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, name in ((1, "stdout"), (2, "stderr")):
        file = os.open(request[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, number)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    sys.argv = ["dbt", *request["args"]]
    if request["end_time"] is not None:
        end = datetime.strptime(request["end_time"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone.utc)
        mock.patch.object(MicrobatchBuilder, "build_end_time", return_value=end).start()
        freezegun.freeze_time(end, tick=True, ignore=["threading", "queue"]).start()
    reset_metadata_vars()
    try:
        cli(request["args"])
        return 0
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0 if end.code is None else 1


def warm_up():
    """Fills dbt's caches of its own macros, which its test suite has for the same end, before the forks."""
    enable_test_caching()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "dbt_project.yml").write_text("name: warm_up\nprofile: p\n")
        Path(folder, "profiles.yml").write_text("p: {target: t, outputs: {t: {type: duckdb, schema: s}}}\n")
        args = ["--quiet", "--no-send-anonymous-usage-stats", "parse", "--project-dir", folder, "--profiles-dir", folder]
        dbtRunner().invoke([*args, "--log-path", folder])


def main():
    answers = os.fdopen(os.dup(1), "w")
    warm_up()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            code = 2
            try:
                code = run_child(json.loads(line))
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        _, status = os.waitpid(pid, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
        answers.flush()


main()
