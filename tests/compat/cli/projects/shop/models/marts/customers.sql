{{ config(tags=['nightly']) }}
select c.id, c.name, t.total
from {{ ref('stg_customers') }} as c
left join {{ ref('int_totals') }} as t on t.customer_id = c.id
