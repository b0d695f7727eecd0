{% macro which() %}'part_one'{% endmacro %}
{% macro from_package() %}{{ ref('shared_name') }}{% endmacro %}
