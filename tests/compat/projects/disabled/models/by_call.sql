{{ config(enabled=var('never', false)) }}
select * from {{ ref('base') }}
