{{ config(materialized='view') }}
select * from {{ ref('shared_name') }}
