{#
  DuckDB's merge, with the configs that dbt-duckdb documents: merge_update_condition, merge_insert_condition,
  merge_on_using_columns, merge_update_columns, merge_exclude_columns, merge_update_set_expressions,
  merge_returning_columns, or all clauses spelt out in merge_clauses.
#}
{% macro duckdb__get_incremental_merge_sql(arg_dict) %}
  {{ return(get_merge_sql(arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['unique_key'],
      arg_dict['dest_columns'], normalize_incremental_predicates(arg_dict.get('incremental_predicates')))) }}
{% endmacro %}

{% macro duckdb__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
  {%- do validate_merge_config(config, target) -%}
  {%- set clauses = upsql_merge_clauses() -%}
  {%- set returning = config.get('merge_returning_columns') -%}
  {{ config.get('sql_header', none) or '' }}
    merge into {{ target }} as DBT_INTERNAL_DEST
    using {{ source }} as DBT_INTERNAL_SOURCE
    {{ duckdb__merge_join_clause(unique_key, config.get('merge_on_using_columns'), normalize_incremental_predicates(incremental_predicates)) }}
  {%- for clause in clauses['when_matched'] %}
    when matched{{ upsql_merge_condition(clause) }} then
      {{ upsql_merge_action(clause, clause.get('update', {}), dest_columns) }}
  {%- endfor -%}
  {%- for clause in clauses['when_not_matched'] %}
    when not matched{{ ' by ' ~ clause['by'] if clause.get('by') }}{{ upsql_merge_condition(clause) }} then
      {{ upsql_merge_action(clause, {'set_expressions': clause.get('set_expressions', {}), 'include': []}, []) }}
  {%- endfor -%}
  {%- if returning %}
    returning {{ returning if returning is string else returning | join(', ') }}
  {%- endif -%}
{%- endmacro %}

{% macro duckdb__merge_join_clause(unique_key, merge_on_using_columns, incremental_predicates) -%}
  {%- set predicates = incremental_predicates or [] -%}
  {%- if merge_on_using_columns -%}
    using ({{ merge_on_using_columns | join(', ') }})
    {{- ' on (' ~ predicates | join(') and (') ~ ')' if predicates }}
  {%- else -%}
    on ({{ (upsql_get_merge_key_conditions(unique_key) + predicates) | join(') and (') }})
  {%- endif -%}
{%- endmacro %}

{# The clauses of the model, or those that its simple configs stand for. #}
{% macro upsql_merge_clauses() %}
  {%- set given = config.get('merge_clauses') or {} -%}
  {%- set update = {
      'include': config.get('merge_update_columns') or [],
      'exclude': config.get('merge_exclude_columns') or [],
      'set_expressions': config.get('merge_update_set_expressions') or {}
  } -%}
  {%- set explicit = update['include'] or update['exclude'] or update['set_expressions'] -%}
  {{ return({
      'when_matched': given.get('when_matched', [{
          'action': 'update',
          'mode': 'explicit' if explicit else 'by_name',
          'condition': config.get('merge_update_condition'),
          'update': update
      }]),
      'when_not_matched': given.get('when_not_matched', [{
          'action': 'insert',
          'mode': 'by_name',
          'condition': config.get('merge_insert_condition')
      }])
  }) }}
{% endmacro %}

{% macro upsql_merge_condition(clause) -%}
  {%- set condition = clause.get('condition') -%}
  {%- if condition -%}
    {{ ' and ' ~ (condition if condition is string else '(' ~ condition | join(') and (') ~ ')') }}
  {%- endif -%}
{%- endmacro %}

{% macro upsql_merge_action(clause, update, dest_columns) -%}
  {%- set action = clause.get('action') -%}
  {%- set mode = clause.get('mode') -%}
  {%- set shortcut = {'by_name': ' by name', 'by_position': ' by position', 'star': ' *'}.get(mode) -%}
  {%- if action == 'update' and shortcut -%}
    update{{ ' set' if mode == 'star' }}{{ shortcut }}
  {%- elif action == 'update' -%}
    update set {{ upsql_merge_assignments(update, dest_columns) }}
  {%- elif action == 'insert' and shortcut -%}
    insert{{ shortcut }}
  {%- elif action == 'insert' -%}
    insert ({{ clause.get('insert', {}).get('columns', []) | join(', ') }})
      values ({{ clause.get('insert', {}).get('values', []) | join(', ') }})
  {%- elif action == 'error' -%}
    error{{ " '" ~ (clause['error_message'] | replace("'", "''")) ~ "'" if clause.get('error_message') }}
  {%- else -%}
    {{ action | replace('_', ' ') }}
  {%- endif -%}
{%- endmacro %}

{# Expressions first; a column that has one is not taken over from the source as well. #}
{% macro upsql_merge_assignments(update, dest_columns) -%}
  {%- set expressions = update.get('set_expressions', {}) -%}
  {%- set assignments = [] -%}
  {%- for column, expression in expressions.items() -%}
    {%- do assignments.append(column ~ ' = ' ~ expression) -%}
  {%- endfor -%}
  {%- for column in get_merge_update_columns(update.get('include', []), update.get('exclude', []), dest_columns)
      if column | replace('"', '') not in expressions -%}
    {%- do assignments.append(column ~ ' = DBT_INTERNAL_SOURCE.' ~ column) -%}
  {%- endfor -%}
  {{ assignments | join(', ') }}
{%- endmacro %}

{# Raises with every mistake in the merge configs at once. #}
{% macro validate_merge_config(config, target_relation=none) %}
  {%- set mistakes = [] -%}
  {%- set used = [] -%}
  {%- for name in ['merge_update_condition', 'merge_insert_condition'] if config.get(name) is not none -%}
    {%- do used.append(name) -%}
    {%- if config.get(name) is not string -%}
      {%- do mistakes.append(name ~ ' has to be a text') -%}
    {%- endif -%}
  {%- endfor -%}
  {%- for name in ['merge_update_columns', 'merge_exclude_columns', 'merge_on_using_columns', 'merge_returning_columns']
      if config.get(name) is not none -%}
    {%- if config.get(name) and name in ['merge_update_columns', 'merge_exclude_columns'] -%}
      {%- do used.append(name) -%}
    {%- endif -%}
    {%- if config.get(name) is string or config.get(name) is mapping or config.get(name) is not sequence
        or config.get(name) | reject('string') | list -%}
      {%- do mistakes.append(name ~ ' has to be a list of texts') -%}
    {%- endif -%}
  {%- endfor -%}
  {%- if config.get('merge_update_set_expressions') -%}
    {%- do used.append('merge_update_set_expressions') -%}
    {%- if config.get('merge_update_set_expressions') is not mapping -%}
      {%- do mistakes.append('merge_update_set_expressions has to be a mapping of columns to expressions') -%}
    {%- endif -%}
  {%- endif -%}
  {%- if config.get('merge_clauses') is not none -%}
    {%- do mistakes.extend(upsql_merge_clause_mistakes(config.get('merge_clauses'))) -%}
    {%- if used -%}
      {%- do mistakes.append('merge_clauses says it all; take away ' ~ used | join(', ')) -%}
    {%- endif -%}
  {%- endif -%}
  {%- if mistakes -%}
    {%- do exceptions.raise_compiler_error('Merge configs of model ' ~ model.name ~ ':\n  ' ~ mistakes | join('\n  ')) -%}
  {%- endif -%}
{% endmacro %}

{% macro upsql_merge_clause_mistakes(clauses) %}
  {%- if clauses is not mapping or not ('when_matched' in clauses or 'when_not_matched' in clauses) -%}
    {{ return(['merge_clauses has to be a mapping with when_matched, when_not_matched or both']) }}
  {%- endif -%}
  {%- set actions = {
      'when_matched': ['update', 'delete', 'do_nothing', 'error'],
      'when_not_matched': ['insert', 'update', 'delete', 'do_nothing', 'error']
  } -%}
  {%- set mistakes = [] -%}
  {%- for name in ['when_matched', 'when_not_matched'] if name in clauses -%}
    {%- set list = clauses[name] -%}
    {%- if list is string or list is mapping or list is not sequence or not list or list | reject('mapping') | list -%}
      {%- do mistakes.append('merge_clauses.' ~ name ~ ' has to be a list of mappings, with one at least') -%}
    {%- else -%}
      {%- for clause in list if clause.get('action') not in actions[name] -%}
        {%- do mistakes.append('merge_clauses.' ~ name ~ ": action is '" ~ clause.get('action') ~ "'; it can be " ~ actions[name] | join(', ')) -%}
      {%- endfor -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(mistakes) }}
{% endmacro %}
