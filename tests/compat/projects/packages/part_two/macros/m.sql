{% macro only_two() %}'two'{% endmacro %}
