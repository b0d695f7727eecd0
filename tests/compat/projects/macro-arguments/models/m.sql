{{ config(materialized='nothing') }}
select {{ two(1) }} as x
