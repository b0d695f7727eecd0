{# A unit test: the model's query over fixtures, beside the expected rows. #}
{% materialization unit, default %}
  {%- set expected_rows = config.get('expected_rows') -%}
  {%- set expected_sql = config.get('expected_sql') -%}
  {%- set header = (config.get('sql_header') or '') if flags.REQUIRE_SQL_HEADER_IN_TEST_CONFIGS else '' -%}
  {%- set rows = align_unit_test_rows(expected_rows) -%}
  {%- set names = rows[0].keys() if rows | length > 0 else get_columns_in_query(sql) -%}

  {#- An empty table tells the types of the query's columns. -#}
  {%- set typed_relation = make_temp_relation(this.incorporate(type='table')) -%}
  {%- do run_query(get_create_table_as_sql(true, typed_relation, get_empty_subquery_sql(sql))) -%}
  {%- set types = {} -%}
  {%- set quoted = {} -%}
  {%- for column in adapter.get_columns_in_relation(typed_relation) -%}
    {%- do types.update({column.name | lower: column.data_type}) -%}
    {%- do quoted.update({column.name | lower: column.quoted}) -%}
  {%- endfor -%}
  {%- set expected_names = [] -%}
  {%- for name in names -%}
    {%- do expected_names.append(quoted[name | lower]) -%}
  {%- endfor -%}

  {%- call statement('main', fetch_result=true, auto_begin=false) -%}
    {{ header }}
    {{ get_unit_test_sql(sql, expected_sql or get_expected_sql(rows, types, quoted), expected_names) }}
  {%- endcall -%}
  {%- do adapter.drop_relation(typed_relation) -%}
  {{ return({'relations': []}) }}
{% endmaterialization %}

{# All rows of both sides; the column actual_or_expected tells which is which. #}
{% macro get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
  {{ adapter.dispatch('get_unit_test_sql', 'dbt')(main_sql, expected_fixture_sql, expected_column_names) }}
{%- endmacro %}

{% macro default__get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
  {%- set columns = expected_column_names | join(', ') -%}
  {%- set side = adapter.quote('actual_or_expected') -%}
with dbt_internal_unit_test_actual as (
  select {{ columns }}, {{ dbt.string_literal('actual') }} as {{ side }}
  from (
    {{ main_sql }}
  ) _dbt_internal_unit_test_actual
),
dbt_internal_unit_test_expected as (
  select {{ columns }}, {{ dbt.string_literal('expected') }} as {{ side }}
  from (
    {{ expected_fixture_sql }}
  ) _dbt_internal_unit_test_expected
)
select * from dbt_internal_unit_test_actual
union all
select * from dbt_internal_unit_test_expected
{%- endmacro %}
