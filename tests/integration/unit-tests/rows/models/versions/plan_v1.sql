select id, 1 as v from {{ ref('orders') }}
