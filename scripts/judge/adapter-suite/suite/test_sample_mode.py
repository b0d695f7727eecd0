import pytest
from dbt.tests.adapter.sample_mode.fixtures import input_model_sql
from dbt.tests.adapter.sample_mode.test_sample_mode import BaseSampleModeTest


class TestSampleMode(BaseSampleModeTest):
    """Its timestamps end in `-0`, which DuckDB does not take for UTC."""

    @pytest.fixture(scope="class")
    def input_model_sql(self):
        return input_model_sql.replace("00-0'", "00'")
