{{ config(materialized='table', alias='the_customers') }}
with totals as (select * from {{ ref('by_customer') }})
select t.customer, t.total, p.id, c.city
from totals t
left join {{ source('erp', 'people') }} p on p.name = t.customer
left join {{ source('crm', 'people') }} c on c."Id" = p.id
