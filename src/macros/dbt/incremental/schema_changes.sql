{# The config's value, or the default where it is none of the four that exist. #}
{% macro incremental_validate_on_schema_change(on_schema_change, default='ignore') %}
  {%- if on_schema_change in ['ignore', 'fail', 'append_new_columns', 'sync_all_columns'] -%}
    {{ return(on_schema_change) }}
  {%- endif -%}
  {%- do log("on_schema_change cannot be '" ~ on_schema_change ~ "'; taking '" ~ default ~ "'") -%}
  {{ return(default) }}
{% endmacro %}

{# Does what on_schema_change says; gives the source's columns, or nothing with `ignore`. #}
{% macro process_schema_changes(on_schema_change, source_relation, target_relation) %}
  {{ return(adapter.dispatch('process_schema_changes', 'dbt')(on_schema_change, source_relation, target_relation)) }}
{% endmacro %}

{% macro default__process_schema_changes(on_schema_change, source_relation, target_relation) %}
  {%- if on_schema_change == 'ignore' -%}
    {{ return({}) }}
  {%- endif -%}
  {%- set changes = check_for_schema_changes(source_relation, target_relation) -%}
  {%- if changes['schema_changed'] and on_schema_change == 'fail' -%}
    {%- do exceptions.raise_compiler_error(
        'The columns of incremental model ' ~ model.name ~ ' are no longer those of its table (on_schema_change: fail).'
        ~ '\n  Only in the query: ' ~ (changes['source_not_in_target'] | map(attribute='name') | join(', ') or 'none')
        ~ '\n  Only in the table: ' ~ (changes['target_not_in_source'] | map(attribute='name') | join(', ') or 'none')
        ~ '\n  Other type in the query: ' ~ (changes['new_target_types'] | map(attribute='column_name') | join(', ') or 'none')
        ~ '\nRun it with --full-refresh, or set on_schema_change to append_new_columns or sync_all_columns.') -%}
  {%- elif changes['schema_changed'] -%}
    {%- do sync_column_schemas(on_schema_change, target_relation, changes) -%}
  {%- endif -%}
  {{ return(changes['source_columns']) }}
{% endmacro %}

{% macro check_for_schema_changes(source_relation, target_relation) %}
  {{ return(adapter.dispatch('check_for_schema_changes', 'dbt')(source_relation, target_relation)) }}
{% endmacro %}

{% macro default__check_for_schema_changes(source_relation, target_relation) %}
  {%- set source_columns = adapter.get_columns_in_relation(source_relation) -%}
  {%- set target_columns = adapter.get_columns_in_relation(target_relation) -%}
  {%- set added = diff_columns(source_columns, target_columns) -%}
  {%- set removed = diff_columns(target_columns, source_columns) -%}
  {%- set retyped = diff_column_data_types(source_columns, target_columns) -%}
  {{ return({
      'schema_changed': (added + removed + retyped) | length > 0,
      'source_not_in_target': added,
      'target_not_in_source': removed,
      'source_columns': source_columns,
      'target_columns': target_columns,
      'new_target_types': retyped
  }) }}
{% endmacro %}

{% macro sync_column_schemas(on_schema_change, target_relation, schema_changes_dict) %}
  {{ return(adapter.dispatch('sync_column_schemas', 'dbt')(on_schema_change, target_relation, schema_changes_dict)) }}
{% endmacro %}

{% macro default__sync_column_schemas(on_schema_change, target_relation, schema_changes_dict) %}
  {%- set added = schema_changes_dict['source_not_in_target'] -%}
  {%- set all = on_schema_change == 'sync_all_columns' -%}
  {%- set removed = schema_changes_dict['target_not_in_source'] if all else [] -%}
  {%- set retyped = schema_changes_dict['new_target_types'] if all else [] -%}
  {%- if added or removed -%}
    {%- do alter_relation_add_remove_columns(target_relation, added, removed) -%}
  {%- endif -%}
  {%- for change in retyped -%}
    {%- do alter_column_type(target_relation, change['column_name'], change['new_type']) -%}
  {%- endfor -%}
  {%- do log(target_relation ~ ' (' ~ on_schema_change ~ '): columns added: ' ~ added ~ ', removed: ' ~ removed ~ ', retyped: ' ~ retyped) -%}
{% endmacro %}

{# The columns of the first list whose names the second lacks. #}
{% macro diff_columns(source_columns, target_columns) %}
  {%- set names = target_columns | map(attribute='column') | list -%}
  {{ return(source_columns | rejectattr('column', 'in', names) | list) }}
{% endmacro %}

{# [{column_name, new_type}] for the columns of both whose type differs, unless the table's can take the source's. #}
{% macro diff_column_data_types(source_columns, target_columns) %}
  {{ return(adapter.dispatch('diff_column_data_types', 'dbt')(source_columns, target_columns)) }}
{% endmacro %}

{% macro default__diff_column_data_types(source_columns, target_columns) %}
  {%- set changes = [] -%}
  {%- for source in source_columns -%}
    {%- for target in target_columns if target.name == source.name
        and target.expanded_data_type != source.expanded_data_type
        and not source.can_expand_to(other_column=target) -%}
      {%- do changes.append({'column_name': target.name, 'new_type': source.expanded_data_type}) -%}
    {%- endfor -%}
  {%- endfor -%}
  {{ return(changes) }}
{% endmacro %}
