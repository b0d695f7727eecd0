{% test is_fine(model, column_name, threshold=1) %}
{{ adapter.dispatch('test_is_fine', 'testlib')(model, column_name, threshold) }}
{% endtest %}
{% macro default__test_is_fine(model, column_name, threshold) %}
select * from {{ model }} where {{ column_name }} < {{ threshold }}
{% endmacro %}
{% macro helper_value() %}42{% endmacro %}
