{% macro default__greet(name) %}'overridden {{ name }}'{% endmacro %}
{% macro same_name() %}'root'{% endmacro %}
{% macro concat_all() %}{{ dbt.concat(["'a'", "'b'"]) }}{% endmacro %}
{% macro duckdb__type_string() %}my_varchar{% endmacro %}
{% macro caller_of() %}[{{ caller('x') }}]{% endmacro %}
{% macro recursive(n) %}{{ n }}{% if n > 0 %},{{ recursive(n - 1) }}{% endif %}{% endmacro %}
{% macro varargs_and_kwargs() %}{{ varargs | join('+') }}|{{ kwargs.items() | list }}{% endmacro %}
