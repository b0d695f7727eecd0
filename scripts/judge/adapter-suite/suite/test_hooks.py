from pathlib import Path

import dbt.tests.adapter.hooks
import pytest
from dbt.tests.adapter.hooks.test_model_hooks import (
    BasePrePostModelHooks,
    BaseHookRefs,
    BasePrePostModelHooksOnSeeds,
    BaseHooksRefsOnSeeds,
    BasePrePostModelHooksOnSeedsPlusPrefixed,
    BasePrePostModelHooksOnSeedsPlusPrefixedWhitespace,
    BasePrePostModelHooksOnSnapshots,
    BasePrePostModelHooksInConfig,
    BasePrePostModelHooksInConfigWithCount,
    BasePrePostModelHooksInConfigKwargs,
    BasePrePostSnapshotHooksInConfigKwargs,
    BaseDuplicateHooksInConfigs,
)
from dbt.tests.adapter.hooks.test_run_hooks import BasePrePostRunHooks, BaseAfterRunHooks


class DuckDBTarget:
    """The tables of dbt's own data folder, and what a DuckDB target shows of itself in hooks (dbt's is a Postgres server)."""

    @pytest.fixture(scope="class")
    def test_data_dir(self):
        return Path(dbt.tests.adapter.hooks.__path__[0]) / "data"

    def hook_contexts(self, state, project, count):
        found = self.get_ctx_vars(state, count=count, project=project)
        return found

    def check_hooks(self, state, project, host, count=1):
        for context in self.hook_contexts(state, project, count):
            assert context["test_state"] == state
            assert context["target_dbname"] == ""
            assert context["target_host"] == ""
            assert context["target_name"] == "default"
            assert context["target_schema"] == project.test_schema
            assert context["target_threads"] == 4
            assert context["target_type"] == "duckdb"
            assert context["target_user"] == ""
            assert context["target_pass"] == ""
            assert context["run_started_at"]
            assert len(context["invocation_id"]) == 36
            assert context["thread_id"].startswith("Thread-") or context["thread_id"] == "MainThread"


class TestPrePostModelHooks(DuckDBTarget, BasePrePostModelHooks):
    pass


class TestHookRefs(DuckDBTarget, BaseHookRefs):
    pass


class TestPrePostModelHooksOnSeeds(DuckDBTarget, BasePrePostModelHooksOnSeeds):
    pass


class TestHooksRefsOnSeeds(DuckDBTarget, BaseHooksRefsOnSeeds):
    pass


class TestPrePostModelHooksOnSeedsPlusPrefixed(DuckDBTarget, BasePrePostModelHooksOnSeedsPlusPrefixed):
    pass


class TestPrePostModelHooksOnSeedsPlusPrefixedWhitespace(DuckDBTarget, BasePrePostModelHooksOnSeedsPlusPrefixedWhitespace):
    pass


class TestPrePostModelHooksOnSnapshots(DuckDBTarget, BasePrePostModelHooksOnSnapshots):
    pass


class TestPrePostModelHooksInConfig(DuckDBTarget, BasePrePostModelHooksInConfig):
    pass


class TestPrePostModelHooksInConfigWithCount(DuckDBTarget, BasePrePostModelHooksInConfigWithCount):
    pass


class TestPrePostModelHooksInConfigKwargs(DuckDBTarget, BasePrePostModelHooksInConfigKwargs):
    pass


class TestPrePostSnapshotHooksInConfigKwargs(DuckDBTarget, BasePrePostSnapshotHooksInConfigKwargs):
    pass


class TestDuplicateHooksInConfigs(DuckDBTarget, BaseDuplicateHooksInConfigs):
    pass


class TestPrePostRunHooks(DuckDBTarget, BasePrePostRunHooks):
    def hook_contexts(self, state, project, count):
        return [self.get_ctx_vars(state, project)]


class TestAfterRunHooks(DuckDBTarget, BaseAfterRunHooks):
    pass
