{% macro hello(name='you') %}
  {% do log('logged for ' ~ name, info=true) %}
  {% do print('printed for ' ~ name) %}
{% endmacro %}

{% macro refuse() %}
  {% do exceptions.raise_compiler_error('the operation refuses') %}
{% endmacro %}

{% macro warns() %}
  {% do exceptions.warn('the operation warns') %}
{% endmacro %}

{% macro asks(sql) %}
  {% set rows = run_query(sql) %}
  {% do log('rows: ' ~ (rows | length), info=true) %}
{% endmacro %}
