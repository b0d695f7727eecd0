import pytest
from dbt.tests.adapter.dbt_debug.test_dbt_debug import (
    BaseDebugInvalidProjectPostgres,
    BaseDebugPostgres,
    BaseDebugProfileVariable,
)
from dbt.tests.util import run_dbt


class TestDebugProfileVariable(BaseDebugProfileVariable):
    def test_ok(self, project):
        run_dbt(["debug"])
        assert "ERROR" not in self.capsys.readouterr().out


class TestDebug(BaseDebugPostgres):
    @pytest.fixture(scope="class")
    def profiles_config_update(self, dbt_profile_target, unique_schema):
        """Targets that are wrong in the ways that a DuckDB target can be."""
        return {
            "test": {
                "target": "default",
                "outputs": {
                    "default": {**dbt_profile_target, "schema": unique_schema},
                    "nopass": {"type": "duckdb", "schema": unique_schema, "threads": "many"},
                    "wronguser": {"type": "duckdb", "schema": unique_schema, "path": "/dev/null/a.duckdb"},
                    "none_target": None,
                },
            }
        }


class TestDebugInvalidProject(BaseDebugInvalidProjectPostgres):
    pass
