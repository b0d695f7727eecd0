{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if custom_schema_name is none -%}
        {{ target.schema }}_default
    {%- elif node.resource_type == 'seed' -%}
        {{ custom_schema_name | trim }}_{{ node.config.materialized }}
    {%- else -%}
        {{ custom_schema_name | trim }}_{{ node.fqn[1] }}
    {%- endif -%}
{%- endmacro %}

{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
    {{ node.package_name }}__{{ custom_alias_name if custom_alias_name else node.name }}
{%- endmacro %}

{% macro generate_database_name(custom_database_name=none, node=none) -%}
    {{ custom_database_name or target.database }}
{%- endmacro %}
