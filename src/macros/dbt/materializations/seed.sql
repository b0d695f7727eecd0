{% materialization seed, default %}
  {%- set full_refresh = should_full_refresh() -%}
  {%- set existing_relation = adapter.get_relation(database=database, schema=schema, identifier=model['alias']) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- if existing_relation is not none and not existing_relation.is_table -%}
    {%- do exceptions.raise_compiler_error(
        'Seed ' ~ model['name'] ~ ' cannot be loaded into ' ~ existing_relation.render() ~ ': that is a '
        ~ existing_relation.type ~ '. Drop it, or give the seed another alias.') -%}
  {%- endif -%}
  {%- set agate_table = load_agate_table() -%}
  {%- do store_result('agate_table', response='OK', agate_table=agate_table) -%}
  {%- do run_hooks(pre_hooks, inside_transaction=false) -%}
  {%- do run_hooks(pre_hooks, inside_transaction=true) -%}

  {%- do adapter.ensure_transaction() -%}
  {%- if existing_relation is none -%}
    {%- set table_sql = create_csv_table(model, agate_table) -%}
  {%- else -%}
    {%- set table_sql = reset_csv_table(model, full_refresh, existing_relation, agate_table) -%}
  {%- endif -%}
  {%- set row_count = agate_table.rows | length -%}
  {%- set rows_sql = load_csv_rows(model, agate_table) if row_count else '' -%}
  {%- set code = 'CREATE' if full_refresh else 'INSERT' -%}
  {%- call noop_statement('main', code ~ ' ' ~ row_count, code, row_count) -%}
    {{ get_csv_sql(table_sql, rows_sql) }};
  {%- endcall -%}

  {%- if full_refresh or existing_relation is none -%}
    {%- do create_indexes(target_relation) -%}
  {%- endif -%}
  {%- do upsql_finish_relation(existing_relation, target_relation, full_refresh) -%}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
