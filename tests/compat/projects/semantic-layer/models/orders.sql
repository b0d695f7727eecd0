select 1 as order_id, 2 as customer_id, 10.0 as amount, current_date as ordered_at
