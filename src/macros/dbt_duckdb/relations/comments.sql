{% macro duckdb__alter_relation_comment(relation, comment) %}
  comment on {{ relation.type }} {{ relation.render() }} is {{ duckdb_escape_comment(comment) }};
{% endmacro %}

{% macro duckdb__alter_column_comment(relation, column_dict) %}
  {%- for name, column in column_dict.items() %}
  comment on column {{ relation.render() }}.{{ adapter.quote(name) if column['quote'] else name }} is {{ duckdb_escape_comment(column['description']) }};
  {%- endfor %}
{% endmacro %}

{# A text as a SQL string. #}
{% macro duckdb_escape_comment(comment) -%}
  {%- if comment is not string -%}
    {%- do exceptions.raise_compiler_error('A comment has to be text, not ' ~ comment) -%}
  {%- endif -%}
  '{{ comment | replace("'", "''") }}'
{%- endmacro %}
