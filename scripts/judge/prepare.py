"""Copies of public dbt projects made ready to run: packages linked, a DuckDB profile, a database file a tool."""

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import yaml

LIST = Path(__file__).with_name("projects.yml")
LEFT_OUT = shutil.ignore_patterns(".git", "target", "logs", "dbt_packages", "dbt_modules", ".venv", "node_modules")


@dataclass(frozen=True)
class Prepared:
    """A project that both tools can run: `root` has dbt_project.yml, `work` keeps what the tools write."""

    name: str
    root: Path
    work: Path
    steps: tuple[str, ...] = ("build", "parse", "compile", "ls")
    vars: dict = field(default_factory=dict)
    env: dict = field(default_factory=dict)


def without_jinja(file: Path) -> str:
    """The text of a YAML file without the templates in it, which need not be YAML."""
    return re.sub(r"\{\{.*?\}\}", "", file.read_text())


def project_name(folder: Path) -> str:
    return str(yaml.safe_load(without_jinja(folder / "dbt_project.yml"))["name"])


def inner_project(checkout: Path) -> str | None:
    """The path of what is run in a checkout: a package's integration tests, else itself."""
    for inner in ("integration_tests", "integration_test_project", "."):
        if (checkout / inner / "dbt_project.yml").exists():
            return inner
    return None


def find_projects(folder: Path) -> list[tuple[str, Path, str, dict]]:
    """Projects below `folder`, each with its name, checkout, path in it and settings: those of the list, and other checkouts."""
    listed = yaml.safe_load(LIST.read_text())
    found, taken = [], set()
    for name, settings in listed.items():
        repository = settings.get("repository", "").split("/")[-1]
        checkout = next((folder / each for each in (repository, name) if each and (folder / each).is_dir()), None)
        inner = checkout and (settings.get("root") or inner_project(checkout))
        if checkout and inner and (checkout / inner / "dbt_project.yml").exists():
            taken.add(checkout)
            found.append((name, checkout, inner, settings))
    for checkout in sorted(p for p in folder.iterdir() if p.is_dir()):
        inner = inner_project(checkout)
        if checkout not in taken and inner:
            found.append((checkout.name, checkout, inner, {}))
    return sorted(found, key=lambda each: each[0].lower())


def package_name(entry: dict) -> str:
    """The name by which an entry of packages.yml is looked for: of a hub package the part after the slash."""
    if "package" in entry:
        return entry["package"].split("/")[-1]
    return entry.get("git", "").rstrip("/").split("/")[-1].removesuffix(".git").replace("-", "_")


def required(root: Path) -> tuple[list[str], list[str]]:
    """What packages.yml or dependencies.yml asks for: folders, and names of hub packages (the part after the slash)."""
    folders, names = [], []
    for file in ("packages.yml", "dependencies.yml"):
        if not (root / file).exists():
            continue
        for entry in (yaml.safe_load(without_jinja(root / file)) or {}).get("packages") or []:
            if "local" in entry:
                folders.append(entry["local"])
            else:
                names.append(package_name(entry))
    return folders, names


def link_packages(root: Path, known: dict[str, Path]) -> None:
    """Fills the packages' folder with links, packages of packages too. `known` are the checkouts by project name."""
    project = yaml.safe_load(without_jinja(root / "dbt_project.yml"))
    packages = root / (project.get("packages-install-path") or "dbt_packages")
    shutil.rmtree(packages, ignore_errors=True)
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
    file = root / "dbt_project.yml"
    name = yaml.safe_load(without_jinja(file)).get("profile")
    if name is None:
        name = "judge"
        file.write_text(f"{file.read_text()}\nprofile: judge\n")
    output = {"type": "duckdb", "path": "{{ env_var('JUDGE_DATABASE') }}", "schema": "judge", "threads": 2}
    (folder / "profiles.yml").write_text(yaml.safe_dump({name: {"target": "duckdb", "outputs": {"duckdb": output}}}))


def leave_out_unknown(root: Path, known: dict[str, Path]) -> None:
    """Strikes packages that are nowhere among the checkouts from a copy's list, which both tools then read."""
    for file in ("packages.yml", "dependencies.yml"):
        if not (root / file).exists():
            continue
        document = yaml.safe_load(without_jinja(root / file)) or {}
        wanted = document.get("packages") or []
        kept = [entry for entry in wanted if "local" in entry or package_name(entry) in known]
        if len(kept) < len(wanted):
            (root / file).write_text(yaml.safe_dump({**document, "packages": kept}))
            for entry in wanted:
                if entry not in kept:
                    print(f"  package {package_name(entry)} of {root.name} is not among the projects: left out")


def prepare(projects: Path, work: Path, only: list[str]) -> list[Prepared]:
    """Copies every project of a folder to `work` and makes it runnable. Copies that exist already are kept."""
    found = find_projects(projects)
    copies: dict[Path, Path] = {}
    for checkout in sorted(p for p in projects.iterdir() if p.is_dir()):
        copy = work / "projects" / checkout.name
        if not copy.exists():
            shutil.copytree(checkout, copy, ignore=LEFT_OUT, ignore_dangling_symlinks=True)
        copies[checkout] = copy
    # A git package is found by its repository's name, a hub package by its project's.
    packages = [copy for copy in copies.values() if (copy / "dbt_project.yml").exists()]
    known = {copy.name.replace("-", "_"): copy for copy in packages} | {project_name(copy): copy for copy in packages}
    ready = []
    for name, checkout, inner, settings in found:
        if only and name not in only:
            continue
        root = copies[checkout] / inner
        leave_out_unknown(root, known)
        link_packages(root, known)
        outcome = work / "outcomes" / name
        outcome.mkdir(parents=True, exist_ok=True)
        write_profile(root, outcome)
        steps = tuple(settings.get("steps", "build parse compile ls").split())
        ready.append(Prepared(name, root.resolve(), outcome.resolve(), steps, settings.get("vars", {}), settings.get("env", {})))
    return ready
