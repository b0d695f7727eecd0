select id, customer, amount, placed from {{ ref('raw_orders') }}
