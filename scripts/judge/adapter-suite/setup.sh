#!/bin/sh
# Makes .venv/ beside this file: dbt's adapter test suite, pinned (see requirements.txt).
set -e
cd "$(dirname "$0")"
"${PYTHON:-python3}" -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
