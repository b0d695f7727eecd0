{% macro own_value() %}7{% endmacro %}
