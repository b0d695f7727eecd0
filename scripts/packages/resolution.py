"""What dbt-core makes of the cases in tests/unit/packages/fixtures/world.yml, for tests/integration/deps-judge.test.ts.

Run with the Python that has dbt-core 1.11:
    python scripts/packages/resolution.py > tests/unit/packages/fixtures/resolution.json

Also computes `sha1_hash` of single entries. Needs git. Everything happens in a temporary folder and on 127.0.0.1; the
addresses below https://git.example/ are turned to that folder by git's own settings.
"""

import contextlib
import functools
import http.server
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
from copy import deepcopy
from pathlib import Path

import yaml

FIXTURES = Path(__file__).parents[2] / "tests/unit/packages/fixtures"
WORLD = yaml.safe_load((FIXTURES / "world.yml").read_text())
WHO = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in
       {"NAME": "a", "EMAIL": "a@example.com", "DATE": "2024-01-01T00:00:00Z"}.items()}


def git(folder, *args):
    ran = subprocess.run(["git", *args], cwd=folder, check=True, capture_output=True, text=True, env={**os.environ, **WHO})
    return ran.stdout.strip()


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def make_repositories(top):
    for name, commits in WORLD["repositories"].items():
        folder = top / f"{name}.git"
        folder.mkdir(parents=True)
        git(folder, "init", "-q", "-b", "main")
        for commit in commits:
            write(folder, commit["files"])
            git(folder, "add", ".")
            git(folder, "commit", "-q", "-m", "x")
            for tag in commit.get("tags", []):
                git(folder, "tag", tag)
            for branch in commit.get("branches", []):
                git(folder, "branch", branch)
        (top / name).symlink_to(folder)


def make_hub(top, url):
    index = []
    for package, versions in WORLD["hub"].items():
        index.append(package)
        name = package.split("/")[1]
        entries = {}
        for version, more in versions.items():
            own = more.get("name", name)
            tarball = f"tarballs/{package}/{version}.tar.gz"
            entries[version] = {"name": own, "packages": more.get("packages", []), "downloads": {"tarball": url + tarball}}
            if "require_dbt_version" in more:
                entries[version]["require_dbt_version"] = more["require_dbt_version"]
            (top / tarball).parent.mkdir(parents=True, exist_ok=True)
            with tarfile.open(top / tarball, "w:gz") as tar:
                for file, text in {"dbt_project.yml": f"name: {own}\n", "models/m.sql": f"select '{version}'"}.items():
                    info = tarfile.TarInfo(f"{name}-{version}/{file}")
                    info.size = len(text.encode())
                    tar.addfile(info, io.BytesIO(text.encode()))
        path = top / "api/v1" / f"{package}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"name": name, "namespace": package.split("/")[0], "versions": entries}))
    (top / "api/v1/index.json").write_text(json.dumps(index))


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


def run_case(runner, top, number, case):
    case = {"packages": case} if isinstance(case, str) else case
    project = top / f"case{number}"
    write(project, {"dbt_project.yml": "name: shop\n"})
    for file in ("packages", "dependencies"):
        if file in case:
            text = case[file].replace("$plain:v2", git(top / "git/plain.git", "rev-parse", "v2"))
            write(project, {f"{file}.yml": text})
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        outcome = runner.invoke(["deps", "--project-dir", str(project), *case.get("args", [])])
    read = lambda name: (project / name).read_text() if (project / name).exists() else None
    packages = project / "dbt_packages"
    installed = sorted(entry.name for entry in packages.iterdir()) if packages.exists() else []
    result = {"ok": outcome.success, "lock": read("package-lock.yml") if outcome.success else None, "installed": installed}
    if "--add-package" in case.get("args", []) and outcome.success:
        result["packages"] = yaml.safe_load(read("dependencies.yml" if "dependencies" in case else "packages.yml"))
    return result


ENTRIES = [
    {"package": "a/b", "version": "1.0.0"}, {"package": "a/b", "version": ["1.0.0", ">2.0.0"]},
    {"package": "a/b", "version": 1.0}, {"package": "a/b", "version": [1, 1.5]},
    {"package": "a/b", "version": "1.0.0", "install_prerelease": True},
    {"package": "a/b", "version": "1.0.0", "install_prerelease": None},
    {"package": "a/b", "version": "1.0.0", "install-prerelease": True}, {"git": "x", "revision": "\u00e9\U0001f600"},
    {"git": "x", "revision": 1}, {"git": "x", "revision": 1.25}, {"git": "x", "warn-unpinned": False},
    {"git": "x", "warn_unpinned": False}, {"git": "x", "subdirectory": "s", "revision": None}, {"git": "x", "name": "n"},
    {"git": "x", "name": None}, {"local": "./x"}, {"local": "./x", "foo": 1}, {"tarball": "http://x", "name": "n"},
    {"tarball": "http://x"}, {"private": "a/b", "provider": "github"}, {"git": "x", "local": "y"},
    {"package": "ab", "version": "1"}, {"git": ""}, {"git": 1}, {"package": "a/b", "version": []}, {"local": None},
    {"git": "x", "revision": True}, {"git": "x", "revision": "1", "warn-unpinned": "yes"}, {"hub": "a/b"},
    {"package": "a/b", "version": True}, {"package": "a/b", "version": "1.0.0", "local": "z"},
    {"package": "a/b", "version": "1.0.0", "install_prerelease": "true"},
]


def hash_of(entry):
    from dbt.config.project import package_config_from_data
    from dbt.task.deps import _create_sha1_hash

    data = {"packages": [entry]}
    try:
        return _create_sha1_hash(package_config_from_data(deepcopy(data), data).packages)
    except Exception:
        return None


def main():
    top = Path(tempfile.mkdtemp(prefix="upsql-judge-"))
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(top / "hub")))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        make_repositories(top / "git")
        make_hub(top / "hub", url)
        write(top, WORLD["folders"])
        token = WORLD["environment"]["DBT_ENV_SECRET_TOKEN"]
        os.environ.update(WORLD["environment"])
        os.environ.update({
            "DBT_PACKAGE_HUB_URL": url, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "GIT_CONFIG_COUNT": "2",
            "GIT_CONFIG_KEY_0": f"url.{top.as_uri()}/git/.insteadOf", "GIT_CONFIG_VALUE_0": "https://git.example/",
            "GIT_CONFIG_KEY_1": f"url.{top.as_uri()}/git/.insteadOf", "GIT_CONFIG_VALUE_1": f"https://{token}@git.example/",
        })
        from dbt.cli.main import dbtRunner

        cases = {}
        for number, (name, case) in enumerate(WORLD["cases"].items()):
            cases[name] = run_case(dbtRunner(), top, number, case)
            print(name, cases[name]["ok"], file=sys.stderr)
        json.dump({"hashes": [[entry, hash_of(entry)] for entry in ENTRIES], "cases": cases}, sys.stdout, indent=1)
    finally:
        shutil.rmtree(top)


main()
