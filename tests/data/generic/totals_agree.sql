{#
  Fails when an aggregate over this model differs from an aggregate over another, by more than one part in a billion (sums
  of fractions depend on their order). On a column the aggregate is its sum. `other_up_to` names a date column of the other
  model that is limited to today.
#}
{% test totals_agree(model, other_model, other_expression, column_name=none, expression=none, other_up_to=none) %}

with here as (

    select cast(coalesce({{ expression or 'sum(' ~ column_name ~ ')' }}, 0) as double) as total
    from {{ model }}

),

there as (

    select cast(coalesce({{ other_expression }}, 0) as double) as total
    from {{ other_model }}
    {%- if other_up_to is not none %}
    where {{ other_up_to }} <= {{ as_of_date() }}
    {%- endif %}

)

select
    here.total,
    there.total as other_total
from here
cross join there
where abs(here.total - there.total) > 1e-9 * abs(here.total)

{% endtest %}
