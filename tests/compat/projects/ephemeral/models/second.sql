{{ config(materialized='ephemeral', alias='renamed_second') }}
with own as (select * from {{ ref('first') }})
select * from own
