{% macro told() %}{{ var('shared', 'no shared') }}/{{ var('own', 'no own') }}{% endmacro %}
