import pytest
from dbt.tests.adapter.simple_copy.test_copy_uppercase import BaseSimpleCopyUppercase
from dbt.tests.adapter.simple_copy.test_simple_copy import EmptyModelsArentRunBase, SimpleCopyBase


class TestSimpleCopyUppercase(BaseSimpleCopyUppercase):
    @pytest.fixture(scope="class")
    def dbt_profile_target(self, tmpdir_factory):
        return {"type": "duckdb", "threads": 4, "path": str(tmpdir_factory.mktemp("db") / "dbtMixedCase.duckdb")}


class TestSimpleCopy(SimpleCopyBase):
    @pytest.mark.skip("DuckDB has no materialized views")
    def test_simple_copy_with_materialized_views(self, project):
        pass


class TestEmptyModelsArentRun(EmptyModelsArentRunBase):
    pass
