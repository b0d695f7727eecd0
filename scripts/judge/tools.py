"""Running dbt and upsql on a prepared project, and keeping what they write."""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

from prepare import Prepared

OUTPUTS = ("name", "selector", "path", "json")
LIST_KEYS = "unique_id resource_type package_name original_file_path name alias config tags depends_on"


class Tool:
    """One of the two tools: its command, and the folder of a project's work where its outcome goes."""

    def __init__(self, name: str, command: list[str]):
        self.name = name
        self.command = command

    def folder(self, project: Prepared) -> Path:
        return project.work / self.name

    def call(self, project: Prepared, step: str, *arguments: str, seed: str = "1", reuse: bool = False) -> subprocess.CompletedProcess:
        """Runs one command; what it prints is kept as `<step>.txt`. `reuse` lets it take its last parse. A failing command is the comparison's business."""
        folder = self.folder(project)
        folder.mkdir(parents=True, exist_ok=True)
        flags = ["--profiles-dir", str(project.work), "--target-path", str(folder / "target"), "--no-version-check"]
        if project.vars:
            flags += ["--vars", json.dumps(project.vars)]
        environment = {
            **os.environ,
            **{name: str(value) for name, value in project.env.items()},
            "JUDGE_DATABASE": str(folder / "judge.duckdb"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DBT_PARTIAL_PARSE": str(reuse).lower(),
            "NO_COLOR": "1",
            "PYTHONHASHSEED": seed,
        }
        started = time.monotonic()
        done = subprocess.run(
            [*self.command, *arguments, *flags], cwd=project.root, env=environment, capture_output=True, text=True
        )
        seconds = time.monotonic() - started
        (folder / f"{step}.txt").write_text(done.stdout + done.stderr)
        (folder / f"{step}.code").write_text(f"{done.returncode} {seconds:.2f}\n")
        return done

    def outcome(self, project: Prepared, keep: bool = False) -> None:
        """parse, compile and ls, with the manifests after the first two. `keep` leaves what an earlier run has made."""
        folder = self.folder(project)
        for step in ("parse", "compile"):
            if step not in project.steps:
                continue
            if keep and (folder / f"{step}.json").exists():
                continue
            manifest = folder / "target" / "manifest.json"
            manifest.unlink(missing_ok=True)
            self.call(project, step, step)
            if manifest.exists():
                shutil.copy(manifest, folder / f"{step}.json")
            else:
                (folder / f"{step}.json").unlink(missing_ok=True)
        if "ls" not in project.steps or (keep and (folder / "ls-json.out").exists()):
            return
        if self.name == "dbt":
            for output in OUTPUTS:
                (folder / f"ls-{output}.out").write_text("")
            self.call(project, "ls", "ls", "--outputs", str(folder), reuse=True)
            return
        for output in OUTPUTS:
            keys = ["--output-keys", *LIST_KEYS.split()] if output == "json" else []
            done = self.call(project, f"ls-{output}", "ls", "--quiet", "--output", output, *keys, reuse=True)
            (folder / f"ls-{output}.out").write_text(done.stdout)


def compile_with_seed(dbt: Tool, project: Prepared, seed: str, keep: bool) -> dict:
    """dbt's manifest of a compile in which Python's sets have another order."""
    file = dbt.folder(project) / f"compile-{seed}.json"
    if not (keep and file.exists()):
        dbt.call(project, f"compile-{seed}", "compile", seed=seed)
        shutil.copy(dbt.folder(project) / "target" / "manifest.json", file)
    return json.loads(file.read_text())


def build_warehouse(dbt: Tool, project: Prepared, keep: bool = False) -> None:
    """Lets dbt load seeds and build models and snapshots into its database file, for macros that look into tables."""
    dbt.folder(project).mkdir(parents=True, exist_ok=True)
    if "build" not in project.steps or (keep and (dbt.folder(project) / "build.code").exists()):
        return
    (dbt.folder(project) / "judge.duckdb").unlink(missing_ok=True)
    dbt.call(project, "build", "build", "--exclude-resource-type", "test", "unit_test")


def copy_warehouse(source: Tool, target: Tool, project: Prepared) -> None:
    target.folder(project).mkdir(parents=True, exist_ok=True)
    file = source.folder(project) / "judge.duckdb"
    if file.exists():
        shutil.copy(file, target.folder(project) / "judge.duckdb")
