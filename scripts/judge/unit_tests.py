"""Records what dbt-core makes of the unit-test projects of tests/integration/unit-tests, for the tests to compare with.

Usage: unit_tests.py DBT   (the dbt executable of an environment with requirements.txt); then npm run format
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parents[2] / "tests/integration/unit-tests"


def dbt(executable, project, *arguments):
    env = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DBT_USE_COLORS": "false"}
    command = [executable, "--quiet", *arguments, "--profiles-dir", str(project)]
    subprocess.run(command, cwd=project, env=env, capture_output=True, check=False)
    results = json.loads((project / "target/run_results.json").read_text())["results"]
    kept = {}
    for result in results:
        failed = result["status"] == "fail" and result["unique_id"].startswith("unit_test.")
        kept[result["unique_id"]] = {
            "status": result["status"],
            "failures": result["failures"],
            "compiled": result["compiled"],
            **({"message": result["message"]} if failed else {}),
        }
    return dict(sorted(kept.items()))


def judge(executable, source):
    with tempfile.TemporaryDirectory() as folder:
        project = pathlib.Path(folder) / source.name
        shutil.copytree(source, project)
        if source.name == "order":
            outcome = {"build": dbt(executable, project, "build")}
        else:
            dbt(executable, project, "build", "--exclude-resource-type", "unit_test")
            outcome = {"test": dbt(executable, project, "test", "--select", "test_type:unit")}
        manifest = json.loads((project / "target/manifest.json").read_text())
        tests = manifest["unit_tests"]
        for test in tests.values():
            del test["created_at"]
        outcome["unit_tests"] = dict(sorted(tests.items()))
        outcome["disabled"] = sorted(id for id in manifest["disabled"] if id.startswith("unit_test."))
        compiled = project / "target/compiled"
        outcome["compiled"] = sorted(str(path.relative_to(compiled)) for path in compiled.rglob("*.sql"))
    (source / "expected.json").write_text(json.dumps(outcome, indent=1, ensure_ascii=False) + "\n")
    print(source.name, len(outcome["unit_tests"]), "unit tests")


for folder in sorted(HERE.iterdir()):
    if (folder / "dbt_project.yml").exists():
        judge(sys.argv[1], folder)
