{# Fails for every row for which the expression is not true (null fails, too). #}
{% test expression_holds(model, expression) %}

select *
from {{ model }}
where not coalesce({{ expression }}, false)

{% endtest %}
