#!/bin/sh
# Makes .venv-adapter-suite/ at the root of the repository: dbt's adapter test suite, pinned (see requirements.txt).
set -e
cd "$(dirname "$0")/../../.."
"${PYTHON:-python3}" -m venv .venv-adapter-suite
.venv-adapter-suite/bin/pip install --quiet --disable-pip-version-check -r scripts/judge/adapter-suite/requirements.txt
