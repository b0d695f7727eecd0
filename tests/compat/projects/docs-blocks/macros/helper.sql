{% macro helper(a) %}{{ a }}{% endmacro %}
