#!/bin/sh
# Judges upsql by dbt's adapter test suite. Prints `passed of attainable`, and fails where a test fails or does not run.
#
#   run.sh                 the whole suite, on 2 workers (WORKERS=n for another number)
#   run.sh --short         the part that fits a check of every change
#   run.sh --engine dbt --write-attainable
#                          dbt itself in upsql's place, along the same way: what it passes is attainable.txt
#
# Everything else goes to pytest: `run.sh suite/test_hooks.py`, `run.sh -k Snapshot`.
# UPSQL_BIN: another build than dist/cli/bin.cjs. SUITE_VENV: another virtual environment than .venv-judge, which is made
# when it is not there (../install.mjs).
set -e
cd "$(dirname "$0")"
venv="${SUITE_VENV:-../../../.venv-judge}"
[ -n "$SUITE_VENV" ] || node ../install.mjs
exec "$venv/bin/pytest" -n "${WORKERS:-2}" --dist loadscope "$@"
