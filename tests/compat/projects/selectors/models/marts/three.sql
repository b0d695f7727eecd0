{{ config(materialized='table') }}
select * from {{ ref('two') }}
