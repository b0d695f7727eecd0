{{ config(group='sales') }}
select * from {{ ref('open') }}
