{% test row_count(model, above) %}select count(*) as n from {{ model }} having count(*) <= {{ above }}{% endtest %}
