{{ config(enabled=true) }}
select * from {{ ref('base') }}
