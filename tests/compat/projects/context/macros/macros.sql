{% macro return_twice() %}before {{ return('value') }} after{% endmacro %}
