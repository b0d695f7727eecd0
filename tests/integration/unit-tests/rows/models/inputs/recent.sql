-- a comment first
select o.id, c.customer, s.amount as before
from {{ ref('orders') }} o
join {{ ref('customers') }} c using (customer)
left join {{ ref('people_then') }} s on s.id = o.id
