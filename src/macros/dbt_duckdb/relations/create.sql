{# `or replace` makes the exchange of a view one atomic statement. #}
{% macro duckdb__create_view_as(relation, sql) -%}
  {%- if config.get('contract', {}).enforced -%}
    {%- do get_assert_columns_equivalent(sql) -%}
  {%- endif -%}
  {{ config.get('sql_header', none) or '' }}
  create or replace view {{ relation.render() }} as (
    {{ sql }}
  );
{%- endmacro %}

{# A query that fails leaves the old table as it was. Temporary tables have no constraints: their rows go into one that has. #}
{% macro duckdb__create_table_as(temporary, relation, compiled_code, language='sql') -%}
  {%- if language == 'python' -%}
    {{ return(py_write_table(temporary, relation, compiled_code)) }}
  {%- elif language != 'sql' -%}
    {%- do exceptions.raise_compiler_error("create_table_as makes a table from SQL or Python, not from '" ~ language ~ "'") -%}
  {%- endif -%}
  {%- set contract = config.get('contract', {}) -%}
  {%- set name = relation.include(database=(not temporary), schema=(not temporary)) -%}
  {%- if contract.enforced -%}
    {%- do get_assert_columns_equivalent(compiled_code) -%}
  {%- endif -%}
  {{ config.get('sql_header', none) or '' }}
  {%- if contract.enforced and not temporary %}
  create or replace table {{ name }}
  {{ get_table_columns_and_constraints() }};
  insert into {{ name }} {{ get_column_names() }} (
    {{ get_select_subquery(compiled_code) }}
  );
  {%- else %}
  create or replace {{ 'temporary ' if temporary }}table {{ name }} as (
    {{ compiled_code }}
  );
  {%- endif %}
{%- endmacro %}

{# The model's columns in brackets, as an insert wants them. #}
{% macro get_column_names() -%}
  ({{ default__get_column_names() | trim }})
{%- endmacro %}

{# A temporary relation belongs to its session, so that its name need not be told apart from other sessions'. #}
{% macro duckdb__make_temp_relation(base_relation, suffix) %}
  {%- do return(base_relation.incorporate(path={
      'identifier': base_relation.identifier ~ suffix,
      'schema': none,
      'database': none
  })) -%}
{% endmacro %}

{% macro duckdb__rename_relation(from_relation, to_relation) -%}
  {%- call statement('rename_relation') -%}
    alter {{ to_relation.type }} {{ from_relation.render() }} rename to {{ adapter.quote_as_configured(to_relation.identifier, 'identifier') }}
  {%- endcall -%}
{%- endmacro %}

{% macro duckdb__get_create_index_sql(relation, index_dict) -%}
  {%- set columns = index_dict.get('columns') if index_dict is mapping -%}
  {%- if not columns or columns is string or columns is not sequence -%}
    {%- do exceptions.raise_compiler_error("An entry of `indexes` is {columns: [...], unique: true or false}, not " ~ index_dict) -%}
  {%- endif -%}
  {%- set name = local_md5(relation.render() ~ '_' ~ columns | join('_') ~ '_' ~ index_dict.get('unique', false)) -%}
  create {{ 'unique ' if index_dict.get('unique') }}index "{{ name }}" on {{ relation.render() }} ({{ columns | join(', ') }})
{%- endmacro %}

{# DuckDB has no users to grant to. #}
{% macro duckdb__apply_grants(relation, grant_config, should_revoke=true) %}
  {%- if grant_config -%}
    {%- do adapter.warn_once('DuckDB has no grants: the `grants` config does nothing there') -%}
  {%- endif -%}
{% endmacro %}
