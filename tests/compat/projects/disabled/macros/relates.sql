{% test relates(model, to) %}select * from {{ model }} except select * from {{ to }}{% endtest %}
