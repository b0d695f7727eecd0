import re
from pathlib import Path

from dbt.tests.adapter.ephemeral.test_ephemeral import (
    BaseEphemeralErrorHandling,
    BaseEphemeralMulti,
    BaseEphemeralNested,
)
from dbt.tests.util import check_relations_equal, run_dbt


def view_query(name):
    """The query of a view in target/run, without spaces and digits: how the view is put in place is the adapter's own."""
    text = "".join(re.sub(r"\d+", "", Path("target/run/test/models", f"{name}.sql").read_text()).split())
    found = re.fullmatch(r'create(?:orreplace)?view"suite"\."test_test_ephemeral"\."\w+"as\((.*)\);?', text)
    assert found, text
    return found[1]


class TestEphemeralMulti(BaseEphemeralMulti):
    def test_ephemeral_multi(self, project):
        run_dbt(["seed"])
        assert len(run_dbt(["run"])) == 3
        for name in ("dependent", "double_dependent", "super_dependent"):
            check_relations_equal(project.adapter, ["seed", name])
        assert view_query("double_dependent") == (
            "with__dbt__cte__baseas(select*fromtest_test_ephemeral.seed),"
            "__dbt__cte__base_copyas(select*from__dbt__cte__base)"
            "--base_copyjustpullsfrombase.Makesurethelisted"
            "--graphofCTEsallsharethesamedbt_cte__basecte"
            "select*from__dbt__cte__basewheregender='Male'"
            "unionall"
            "select*from__dbt__cte__base_copywheregender='Female'"
        )


class TestEphemeralNested(BaseEphemeralNested):
    def test_ephemeral_nested(self, project):
        assert len(run_dbt(["run"])) == 2
        assert view_query("root_view") == (
            'with__dbt__cte__ephemeral_level_twoas(select*from"suite"."test_test_ephemeral"."source_table"),'
            "__dbt__cte__ephemeralas(select*from__dbt__cte__ephemeral_level_two)"
            "select*from__dbt__cte__ephemeral"
        )


class TestEphemeralErrorHandling(BaseEphemeralErrorHandling):
    pass
