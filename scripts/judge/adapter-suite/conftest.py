import pytest

pytest_plugins = ["plugin", "dbt.tests.fixtures.project"]


@pytest.fixture(scope="class")
def dbt_profile_target(tmpdir_factory):
    """A DuckDB file for each class of tests: dbt's own target is a Postgres server."""
    return {"type": "duckdb", "threads": 4, "path": str(tmpdir_factory.mktemp("db") / "suite.duckdb")}


@pytest.fixture(scope="class")
def logs_dir(tmpdir_factory, monkeypatch_class):
    """Logs stay out of the repository."""
    folder = str(tmpdir_factory.mktemp("logs"))
    monkeypatch_class.setenv("DBT_LOG_PATH", folder)
    return folder


@pytest.fixture(scope="class")
def monkeypatch_class():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="class")
def profile_user():
    return None
