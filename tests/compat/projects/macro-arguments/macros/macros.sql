{% macro one(a, b=1, c=none) %}{{ a }}{% endmacro %}
{% macro two(x) %}{{ one(x) }}{{ dbt.type_int() }}{{ adapter.dispatch('three', 'arguments')() }}{% endmacro %}
{% macro default__three() %}3{% endmacro %}
{% materialization nothing, adapter='duckdb', supported_languages=['sql', 'python'] %}
  {% call statement('main') %}{{ sql }}{% endcall %}
  {{ return({'relations': []}) }}
{% endmaterialization %}
{% materialization special, default %}{{ one(1) }}{{ return({'relations': []}) }}{% endmaterialization %}
{% macro get_relation(name) %}{{ adapter.get_relation('a', 'b', name) }}{{ one.two(name) }}{{ other_package.one(name) }}{% endmacro %}
{% macro dispatching() %}{{ adapter.dispatch('three')() }}{{ adapter.dispatch(macro_name='three', macro_namespace='arguments')() }}{% endmacro %}
