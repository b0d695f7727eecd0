{% test dates_after(model, column_name, least, most, factor=1) %}
select * from {{ model }} where {{ column_name }} < '{{ least }}' or {{ column_name }} > '{{ most }}' -- {{ factor }} {{ [least, most] }} {{ least.year }}
{% endtest %}
