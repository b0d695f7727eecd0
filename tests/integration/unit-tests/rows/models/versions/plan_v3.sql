select id, 3 as v from {{ ref('orders') }}
