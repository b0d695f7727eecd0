#!/bin/sh
# Makes .venv/ at the root of the repository with the pinned dbt-core that upsql is judged by.
set -e
cd "$(dirname "$0")/../.."
"${PYTHON:-python3}" -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check -r scripts/judge/requirements.txt
.venv/bin/dbt --version
