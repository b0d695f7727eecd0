"""Copies of public dbt projects made ready to run: packages linked, a DuckDB profile, a database file a tool."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import yaml

LEFT_OUT = shutil.ignore_patterns(".git", "target", "logs", "dbt_packages", "dbt_modules", ".venv", "node_modules")


@dataclass(frozen=True)
class Prepared:
    """A project that both tools can run: `root` has dbt_project.yml, `work` keeps what the tools write."""

    name: str
    root: Path
    work: Path


def project_name(folder: Path) -> str:
    return yaml.safe_load((folder / "dbt_project.yml").read_text())["name"]


def find_projects(folder: Path) -> list[tuple[Path, str]]:
    """Checkouts below `folder`, each with the path of what is run in it: a package's integration tests, else itself."""
    found = []
    for checkout in sorted(p for p in folder.iterdir() if p.is_dir()):
        for inner in ("integration_tests", "integration_test_project", "."):
            if (checkout / inner / "dbt_project.yml").exists():
                found.append((checkout, inner))
                break
    return found


def required(root: Path) -> tuple[list[str], list[str]]:
    """What packages.yml or dependencies.yml asks for: folders, and names of hub packages (the part after the slash)."""
    folders, names = [], []
    for file in ("packages.yml", "dependencies.yml"):
        if not (root / file).exists():
            continue
        text = re.sub(r"\{\{.*?\}\}", "", (root / file).read_text())
        for entry in (yaml.safe_load(text) or {}).get("packages") or []:
            if "local" in entry:
                folders.append(entry["local"])
            elif "package" in entry:
                names.append(entry["package"].split("/")[-1])
            elif "git" in entry:
                names.append(entry["git"].rstrip("/").split("/")[-1].removesuffix(".git").replace("-", "_"))
    return folders, names


def link_packages(root: Path, known: dict[str, Path]) -> None:
    """Fills dbt_packages with links, packages of packages too. `known` are the checkouts by project name."""
    packages = root / "dbt_packages"
    packages.mkdir(exist_ok=True)
    waiting, done = [root], set()
    while waiting:
        owner = waiting.pop()
        folders, names = required(owner)
        targets = [(owner / folder).resolve() for folder in folders]
        for name in names:
            if name in known:
                targets.append(known[name])
            else:
                print(f"  package {name} of {root.name} is not among the projects: left out")
        for target in targets:
            name = project_name(target)
            if name in done:
                continue
            done.add(name)
            waiting.append(target)
            (packages / name).symlink_to(target, target_is_directory=True)


def write_profile(root: Path, folder: Path) -> None:
    """A profile with one DuckDB target; the file comes from the environment, so that each tool has its own."""
    name = yaml.safe_load((root / "dbt_project.yml").read_text()).get("profile", "default")
    output = {"type": "duckdb", "path": "{{ env_var('JUDGE_DATABASE') }}", "schema": "judge", "threads": 2}
    (folder / "profiles.yml").write_text(yaml.safe_dump({name: {"target": "duckdb", "outputs": {"duckdb": output}}}))


def prepare(projects: Path, work: Path, only: list[str]) -> list[Prepared]:
    """Copies every project of a folder to `work` and makes it runnable. Copies that exist already are kept."""
    checkouts = find_projects(projects)
    copies = {}
    for checkout, inner in checkouts:
        copy = work / "projects" / checkout.name
        if not copy.exists():
            shutil.copytree(checkout, copy, ignore=LEFT_OUT, ignore_dangling_symlinks=True)
        copies[checkout] = copy
    # A git package is found by its repository's name, a hub package by its project's.
    packages = [copy for copy in copies.values() if (copy / "dbt_project.yml").exists()]
    known = {copy.name.replace("-", "_"): copy for copy in packages} | {project_name(copy): copy for copy in packages}
    ready = []
    for checkout, inner in checkouts:
        name = checkout.name
        if only and name not in only:
            continue
        root = copies[checkout] / inner
        shutil.rmtree(root / "dbt_packages", ignore_errors=True)
        link_packages(root, known)
        outcome = work / "outcomes" / name
        outcome.mkdir(parents=True, exist_ok=True)
        write_profile(root, outcome)
        ready.append(Prepared(name, root.resolve(), outcome.resolve()))
    return ready
