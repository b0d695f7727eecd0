{% macro log_line(what) %}select '{{ what }}' as line{% endmacro %}
