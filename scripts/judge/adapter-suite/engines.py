"""The commands under test: `upsql`, and dbt itself along the same way (a process of its own, judged by what it leaves)."""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from dbt.cli.exceptions import DbtUsageException
from dbt.exceptions import DbtProjectError, ParsingError
from dbt_common.exceptions import CompilationError, DbtDatabaseError, DbtRuntimeError

HERE = Path(__file__).resolve().parent
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Outcome:
    """How a command ended: exit code (0 fine, 1 nodes failed, 2 the command could not do its work) and what it wrote."""

    def __init__(self, code, out, err):
        self.code = code
        self.out = COLOURS.sub("", out)
        self.err = COLOURS.sub("", err)


class Upsql:
    name = "upsql"

    def __init__(self):
        entry = os.environ.get("UPSQL_BIN", str(HERE.parents[2] / "dist" / "cli" / "bin.cjs"))
        self.command = ["node", entry] if entry.endswith(("js", "cjs")) else [entry]

    def call(self, args, end_time=None):
        env = dict(os.environ)
        if end_time is not None:
            env["SUITE_NOW"] = end_time
            env["NODE_OPTIONS"] = f"--import={HERE / 'shifted-clock.mjs'}"
        done = subprocess.run([*self.command, *args], capture_output=True, text=True, env=env, timeout=300)
        return Outcome(done.returncode, done.stdout, done.stderr)

    def fault(self, outcome):
        """The exception for a command that could not do its work. Its class: dbt's for the kind that the code names."""
        text = outcome.err + outcome.out
        found = re.search(r"error\[([\w-]+)\]", text)
        code = found[1] if found else ""
        # From the error on: pytest cuts long texts of exceptions in their middle.
        text = text[found.start() :] if found else text
        if code == "usage":
            return DbtUsageException(text)
        if code == "database-error":
            return DbtDatabaseError(text)
        if code.startswith(("project", "profile")):
            return DbtProjectError(text)
        return ProjectFault(text)


class ProjectFault(ParsingError, CompilationError):
    """dbt says parsing error or compilation error by the stage that found the fault; upsql's stages are not dbt's."""


class Dbt:
    name = "dbt"
    KINDS = {
        "Compilation Error": CompilationError,
        "Parsing Error": ParsingError,
        "Database Error": DbtDatabaseError,
        "Project Error": DbtProjectError,
    }

    def __init__(self):
        self.server = None

    def call(self, args, end_time=None):
        if self.server is None:
            self.server = subprocess.Popen(
                [sys.executable, str(HERE / "dbt_server.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        with tempfile.TemporaryDirectory() as folder:
            out, err = Path(folder, "out"), Path(folder, "err")
            request = {
                "args": args,
                "cwd": os.getcwd(),
                "env": dict(os.environ),
                "stdout": str(out),
                "stderr": str(err),
                "end_time": end_time,
            }
            self.server.stdin.write(json.dumps(request) + "\n")
            self.server.stdin.flush()
            code = int(self.server.stdout.readline())
            return Outcome(code, out.read_text(), err.read_text())

    def fault(self, outcome):
        text = outcome.err + outcome.out
        if "Usage: dbt" in text or "Invalid value for" in text:
            return DbtUsageException(text)
        for heading, kind in self.KINDS.items():
            if heading in text:
                return kind(text)
        return DbtRuntimeError(text)

    def close(self):
        if self.server is not None:
            self.server.stdin.close()
            self.server.wait()
            self.server = None
