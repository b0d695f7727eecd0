{{ config(materialized='incremental', unique_key='id', tags='nightly', meta={'owner': 'ann'}) }}
select id, customer_id, amount from {{ ref('stg_orders') }} where id >= {{ var('least') }}
