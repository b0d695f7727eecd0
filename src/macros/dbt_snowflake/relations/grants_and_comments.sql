{# Grantees are roles. #}
{% macro snowflake__support_multiple_grantees_per_dcl_statement() %}
  {{ return(false) }}
{% endmacro %}

{% macro snowflake__get_show_grant_sql(relation) -%}
    show grants on {{ upsql_grantable(relation) }}
{%- endmacro %}

{% macro snowflake__get_grant_sql(relation, privilege, grantees) -%}
    grant {{ privilege }} on {{ upsql_grantable(relation) }} to role {{ grantees | join(', ') }}
{%- endmacro %}

{% macro snowflake__get_revoke_sql(relation, privilege, grantees) -%}
    revoke {{ privilege }} on {{ upsql_grantable(relation) }} from role {{ grantees | join(', ') }}
{%- endmacro %}

{% macro upsql_grantable(relation) -%}
    {{ 'view' if relation.is_view else 'dynamic table' if relation.is_dynamic_table else 'table' }} {{ relation.render() }}
{%- endmacro %}

{% macro snowflake__alter_relation_comment(relation, relation_comment) -%}
    comment on {{ upsql_grantable(relation) }} is {{ upsql_text(relation_comment) }}
{%- endmacro %}

{# The columns of a view have their comments from `create view`. #}
{% macro snowflake__persist_docs(relation, model, for_relation, for_columns) -%}
  {{ return(default__persist_docs(relation, model, for_relation, for_columns and not relation.is_view)) }}
{%- endmacro %}

{# All columns in one statement. #}
{% macro snowflake__alter_column_comment(relation, column_dict) -%}
  {%- set items = [] -%}
  {%- for name, column in column_dict.items() -%}
    {%- do items.append('column ' ~ (adapter.quote(name) if column['quote'] else name) ~ ' comment ' ~ upsql_text(column['description'])) -%}
  {%- endfor -%}
  {%- if items %}
    alter table {{ relation.render() }} alter {{ items | join(', ') }}
  {%- endif -%}
{%- endmacro %}
