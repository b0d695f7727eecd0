import pytest
from dbt.tests.adapter.incremental.test_incremental_merge_exclude_columns import BaseMergeExcludeColumns
from dbt.tests.adapter.incremental.test_incremental_microbatch import (
    BaseMicrobatch,
    _input_model_sql,
    _microbatch_model_sql,
)
from dbt.tests.adapter.incremental.test_incremental_on_schema_change import BaseIncrementalOnSchemaChange
from dbt.tests.adapter.incremental.test_incremental_predicates import BaseIncrementalPredicates
from dbt.tests.adapter.incremental.test_incremental_unique_id import BaseIncrementalUniqueKey


class TestMergeExcludeColumns(BaseMergeExcludeColumns):
    pass


class TestMicrobatch(BaseMicrobatch):
    """DuckDB does not take `-0` for UTC, and dbt-duckdb's microbatch strategy has no unique_key."""

    @pytest.fixture(scope="class")
    def microbatch_model_sql(self):
        return _microbatch_model_sql.replace(" unique_key='id',", "")

    @pytest.fixture(scope="class")
    def input_model_sql(self):
        return _input_model_sql.replace("00-0'", "00'")

    @pytest.fixture(scope="class")
    def insert_two_rows_sql(self, project):
        rows = "(4, timestamp '2020-01-04 00:00:00'), (5, timestamp '2020-01-05 00:00:00')"
        return f"insert into {project.test_schema}.input_model (id, event_time) values {rows}"


class TestIncrementalOnSchemaChange(BaseIncrementalOnSchemaChange):
    pass


class TestIncrementalPredicates(BaseIncrementalPredicates):
    pass


@pytest.mark.slow
class TestIncrementalUniqueKey(BaseIncrementalUniqueKey):
    pass
