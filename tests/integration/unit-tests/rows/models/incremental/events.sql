{{ config(materialized='incremental', unique_key='id') }}
select id, placed
from {{ ref('orders') }}
{% if is_incremental() %}
where placed > (select max(placed) from {{ this }})
{% endif %}
