{% macro bonus(times=1) %}{{ 7 * times }}{% endmacro %}
{% macro outer_bonus() %}{{ bonus(2) }}{% endmacro %}
{% macro greeting() %}{{ return(adapter.dispatch('greeting', 'rows')()) }}{% endmacro %}
{% macro default__greeting() %}'hello'{% endmacro %}
