{{ config(materialized='table') }}
-- a comment with with in it
/* and with another */
WITH cte as (select * from {{ ref('second') }}), other as (select 1)
select * from cte
