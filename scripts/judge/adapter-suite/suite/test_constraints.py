import dbt.tests.adapter.constraints.test_constraints as suite
import pytest
from dbt.tests.adapter.constraints.test_constraints import (
    BaseConstraintsRuntimeDdlEnforcement,
    BaseConstraintsRollback,
    BaseTableConstraintsColumnsEqual,
    BaseViewConstraintsColumnsEqual,
    BaseIncrementalConstraintsColumnsEqual,
    BaseIncrementalConstraintsRuntimeDdlEnforcement,
    BaseIncrementalConstraintsRollback,
    BaseTableContractSqlHeader,
    BaseIncrementalContractSqlHeader,
    BaseModelConstraintsRuntimeEnforcement,
    BaseConstraintQuotedColumn,
    BaseIncrementalForeignKeyConstraint,
)


normalized = suite._normalize_whitespace


@pytest.fixture(autouse=True)
def any_way_of_replacing(monkeypatch):
    """dbt builds a table beside the old one, upsql in its place: that is no matter of constraints."""
    monkeypatch.setattr(
        suite, "_normalize_whitespace", lambda text: normalized(text).replace("create or replace table", "create table")
    )


class DuckDBTypes:
    """DuckDB's names of types, and rows of (SQL value, type in the contract, type in the message)."""

    @pytest.fixture
    def int_type(self):
        return "INT"

    @pytest.fixture
    def schema_int_type(self):
        return "INT"

    @pytest.fixture
    def string_type(self):
        return "VARCHAR"

    @pytest.fixture
    def data_types(self, schema_int_type, int_type, string_type):
        return [
            ["1", schema_int_type, int_type],
            ["'1'", string_type, string_type],
            ["true", "bool", "BOOL"],
            ["10000000000", "bigint", "BIGINT"],
            ["1.5::double", "double", "DOUBLE"],
            ["date '2024-02-29'", "date", "DATE"],
            ["timestamp '2013-11-03 00:00:00'", "timestamp", "TIMESTAMP"],
            ["timestamptz '2013-11-03 00:00:00-07'", "timestamptz", "TIMESTAMP WITH TIME ZONE"],
            ["['a', 'b', 'c']", "varchar[]", "VARCHAR[]"],
            ["[1, 2, 3]", "integer[]", "INTEGER[]"],
            ["1::numeric", "numeric", "DECIMAL"],
            ["""'{"a": 1}'::json""", "json", "JSON"],
        ]


class NotNullFails:
    @pytest.fixture(scope="class")
    def expected_error_messages(self):
        return ["NOT NULL constraint failed"]


class TestConstraintsRuntimeDdlEnforcement(BaseConstraintsRuntimeDdlEnforcement):
    pass


class TestConstraintsRollback(NotNullFails, BaseConstraintsRollback):
    pass


@pytest.mark.slow
class TestTableConstraintsColumnsEqual(DuckDBTypes, BaseTableConstraintsColumnsEqual):
    pass


@pytest.mark.slow
class TestViewConstraintsColumnsEqual(DuckDBTypes, BaseViewConstraintsColumnsEqual):
    pass


@pytest.mark.slow
class TestIncrementalConstraintsColumnsEqual(DuckDBTypes, BaseIncrementalConstraintsColumnsEqual):
    pass


class TestIncrementalConstraintsRuntimeDdlEnforcement(NotNullFails, BaseIncrementalConstraintsRuntimeDdlEnforcement):
    pass


class TestIncrementalConstraintsRollback(NotNullFails, BaseIncrementalConstraintsRollback):
    pass


class TestTableContractSqlHeader(BaseTableContractSqlHeader):
    pass


class TestIncrementalContractSqlHeader(BaseIncrementalContractSqlHeader):
    pass


class TestModelConstraintsRuntimeEnforcement(NotNullFails, BaseModelConstraintsRuntimeEnforcement):
    pass


class TestConstraintQuotedColumn(BaseConstraintQuotedColumn):
    pass


class TestIncrementalForeignKeyConstraint(BaseIncrementalForeignKeyConstraint):
    pass
