"""
dbt's command line with what the comparison needs: `compile` goes on after a node that fails, so that the others can be
compared, and `ls --outputs FOLDER ...` writes the lists of all kinds to `FOLDER/ls-<kind>.out` in one go.
"""

import sys
from pathlib import Path

from dbt.cli.main import cli, dbtRunner
from dbt.task.compile import CompileTask

from tools import LIST_KEYS, OUTPUTS

CompileTask.raise_on_first_error = lambda self: False


def write_lists(folder: Path, arguments: list[str]) -> None:
    for output in OUTPUTS:
        keys = ["--output-keys", *LIST_KEYS.split()] if output == "json" else []
        outcome = dbtRunner().invoke(["ls", "--quiet", "--output", output, *keys, *arguments])
        if outcome.exception is not None:
            sys.exit(f"{outcome.exception}")
        (folder / f"ls-{output}.out").write_text("".join(f"{line}\n" for line in outcome.result or []))


if __name__ == "__main__":
    sys.argv[0] = "dbt"
    if sys.argv[1:3] == ["ls", "--outputs"]:
        write_lists(Path(sys.argv[3]), sys.argv[4:])
    else:
        cli()
