{% macro greet(name) -%}
  {{ return(adapter.dispatch('greet', 'toolbox')(name)) }}
{%- endmacro %}

{% macro default__greet(name) %}'hello {{ name }}'{% endmacro %}

{%- macro shout(name) -%}{{ adapter.dispatch('shout', macro_namespace='toolbox')(name) }}{%- endmacro -%}

{% macro default__shout(name) %}'DEFAULT {{ name }}'{% endmacro %}
{% macro duckdb__shout(name) %}'DUCKDB {{ name }}'{% endmacro %}

{% macro uses_other() %}{{ toolbox.greet('other') }}{{ helper_of_toolbox() }}{% endmacro %}
{% macro helper_of_toolbox() %} || '!'{% endmacro %}
{% macro same_name() %}'toolbox'{% endmacro %}
