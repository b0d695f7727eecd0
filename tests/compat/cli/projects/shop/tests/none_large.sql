{{ config(tags=['fails']) }}
select * from {{ ref('orders') }} where amount > 15
