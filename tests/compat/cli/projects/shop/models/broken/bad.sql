select nope from {{ ref('stg_orders') }}
