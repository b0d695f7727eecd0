{# The schema of a node: the target's, or the target's with the node's own appended. Projects override this. #}
{% macro generate_schema_name(custom_schema_name=none, node=none) -%}
  {{ return(adapter.dispatch('generate_schema_name', 'dbt')(custom_schema_name, node)) }}
{%- endmacro %}

{% macro default__generate_schema_name(custom_schema_name, node) -%}
  {{ target.schema }}{% if custom_schema_name is not none %}_{{ custom_schema_name | trim }}{% endif %}
{%- endmacro %}

{# The node's own schema in target `prod`, the target's schema elsewhere. #}
{% macro generate_schema_name_for_env(custom_schema_name, node) -%}
  {{ custom_schema_name | trim if target.name == 'prod' and custom_schema_name is not none else target.schema }}
{%- endmacro %}
