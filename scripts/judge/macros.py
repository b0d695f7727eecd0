"""What dbt-core's own macros give for calls of the documented ones, as data for tests.

    python scripts/judge/macros.py OUT.json        (in an environment with dbt-core 1.11 and dbt-duckdb)

Makes a project of one model a subject in a temporary folder, compiles it with dbt, and writes {call: text} with every
space kept. tests/integration/macros.test.ts holds our macros against the file.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

UNITS = ["day", "week", "month", "quarter", "year", "hour"]
CALLS = {
    "arrays": [
        "dbt.array_construct(['1', '2'])", "dbt.array_construct([], 'varchar')", "dbt.array_construct()",
        "dbt.array_append('a', '1')", "dbt.array_concat('a', 'b')",
    ],
    "aggregates": [
        "dbt.any_value('x')", "dbt.bool_or('x > 1')", "dbt.listagg('x')", "dbt.listagg('x', \"'|'\", 'order by y')",
        "dbt.listagg('x', \"'|'\", 'order by y', 3)", "dbt.listagg('x', \"'|'\", none, 3)",
        "dbt.default__listagg('x', \"'|'\", 'order by y', 3)", "dbt.default__listagg('x', \"'|'\", none, none)",
        "dbt.default__listagg('x', \"'|'\", 'order by y', none)", "dbt.default__any_value('x')",
    ],
    "casts": [
        "dbt.cast('x', 'int')", "dbt.safe_cast('x', 'int')", "dbt.cast_bool_to_text('x')", "dbt.equals('a', 'b')",
    ],
    "strings": [
        "dbt.concat(['a', 'b', 'c'])", "dbt.length('a')", "dbt.replace('a', \"'b'\", \"'c'\")", "dbt.right('a', 3)",
        "dbt.position(\"'a'\", 'b')", "dbt.split_part('a', \"'|'\", 1)", "dbt.split_part('a', \"'|'\", -1)",
        "dbt._split_part_negative('a', \"'|'\", -1)", "dbt.default__split_part('a', 'b', 1)", "dbt.hash('a')",
        "dbt.string_literal('abc')", "dbt.escape_single_quotes(\"it's\")",
    ],
    "sets": ["dbt.except()", "dbt.intersect()"],
    "dates": [f"dbt.dateadd('{unit}', {count}, 'a')" for unit in UNITS for count in ("1", "'-1'", "'x + 1'")]
    + [f"dbt.datediff('a', 'b', '{unit}')" for unit in UNITS]
    + [f"dbt.last_day('a', '{unit}')" for unit in ("month", "quarter", "year", "week")]
    + [
        "dbt.date(2024, 2, 29)", "dbt.date_trunc('week', 'a')", "dbt.dateadd('MONTH', 1, 'a')",
        "dbt.default__dateadd('day', 1, 'a')", "dbt.default__datediff('a', 'b', 'day')",
        "dbt.default__last_day('a', 'month')",
    ],
    "series": [
        "dbt.generate_series(7)", "dbt.default__generate_series(9)", "dbt.default__generate_series(1)",
        "dbt.get_powers_of_two(17)", "dbt.get_powers_of_two(1)", "dbt.get_powers_of_two(2)",
        "dbt.date_spine('day', \"'2024-01-01'::date\", \"'2024-02-01'::date\")",
        "dbt.get_intervals_between(\"'2024-01-01'\", \"'2024-02-01'\", 'day')",
    ],
    "types": [f"dbt.type_{name}()" for name in ("string", "timestamp", "float", "numeric", "bigint", "int", "boolean")],
    "clock": [
        "dbt.current_timestamp()", "dbt.snapshot_get_time()", "dbt.current_timestamp_backcompat()",
        "dbt.current_timestamp_in_utc_backcompat()", "dbt.snapshot_string_as_time('2024-01-01')", "dbt.get_true_sql()",
    ],
    "names": [
        "dbt.generate_schema_name(none, model)", "dbt.generate_schema_name('  x ', model)",
        "dbt.generate_schema_name_for_env('x', model)", "dbt.generate_database_name('d', model)",
        "dbt.generate_alias_name(none, model)", "dbt.generate_alias_name(' al ', model)",
        "dbt.generate_latest_version_pointer_alias(none, model)",
        "dbt.default__generate_alias_name(none, {'version': '1.2', 'name': 'm'})",
    ],
    "hooks": ["dbt.before_begin('x y')", "dbt.in_transaction('x')", "dbt.after_commit('z')"],
    "tests": [
        "dbt.test_unique('m', 'c')", "dbt.test_not_null('m', 'c')", "dbt.test_relationships('m', 'c', 'n', 'd')",
        "dbt.test_accepted_values('m', 'c', ['a', 'b'])", "dbt.test_accepted_values('m', 'c', [1, 2, 3], false)",
        "dbt.test_accepted_values('m', 'c', ['a'])", "dbt.get_where_subquery('rel')",
        "dbt.get_test_sql('select 1', 'count(*)', '!= 0', '> 1', none)",
        "dbt.get_test_sql('select 1', 'count(*)', '!= 0', '> 1', 5)",
    ],
    "queries": [
        "dbt.get_show_sql('select 1', none, 5)", "dbt.get_show_sql('select 1', 'set x', none)",
        "dbt.get_limit_subquery_sql('select 1', none)", "dbt.get_quoted_csv(['a', 'b'])",
        "dbt.get_columns_in_query('select 1 as x, 2 as \"Y\"')", "dbt.information_schema_name('d')",
        "dbt.information_schema_name(none)", "dbt.incremental_validate_on_schema_change('zz')",
        "dbt.incremental_validate_on_schema_change('fail')", "dbt.get_binding_char()", "dbt.get_batch_size()",
        "dbt.should_full_refresh()", "dbt.should_store_failures()", "dbt.is_incremental()",
        "dbt.make_backup_relation(this, 'view').identifier", "dbt.make_intermediate_relation(this).identifier",
        "dbt.get_merge_update_columns(['x'], none, [])",
        "dbt.get_merge_update_columns(none, ['X'], [api.Column('x', 'int'), api.Column('y', 'int')])",
    ],
}
PROJECT = "name: judged\nversion: '1.0'\nprofile: judged\nflags: {send_anonymous_usage_stats: false}\n"
PROFILE = "judged:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: ':memory:'}\n"


def main(out: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "models").mkdir()
        (root / "dbt_project.yml").write_text(PROJECT)
        (root / "profiles.yml").write_text(PROFILE)
        for subject, calls in CALLS.items():
            body = "\n".join(f"[{i}]<<{{{{ {call} }}}}>>" for i, call in enumerate(calls))
            (root / "models" / f"{subject}.sql").write_text("{% if execute %}" + body + "{% endif %}")
        dbt = Path(sys.executable).parent / "dbt"
        where = ["--project-dir", folder, "--profiles-dir", folder]
        subprocess.run([dbt, "--quiet", "compile", *where], check=True)
        given = {}
        for subject, calls in CALLS.items():
            text = (root / "target/compiled/judged/models" / f"{subject}.sql").read_text()
            parts = re.findall(r"\[\d+\]<<(.*?)>>(?=\n\[|$)", text, re.S)
            assert len(parts) == len(calls), subject
            given[subject] = dict(zip(calls, parts))
    Path(out).write_text(json.dumps(given, indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
