select
  id,
  amount * 2 as doubled,
  amount > 15 as big,
  placed + interval 1 day as next_day,
  cast(placed as timestamp) as at,
  upper(customer) as customer,
  cast(amount as double) / 4 as quarter
from {{ ref('raw_orders') }}
