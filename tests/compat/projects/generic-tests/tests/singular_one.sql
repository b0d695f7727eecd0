{{ config(severity='error', tags=['single'], store_failures=false) }}
select * from {{ ref('one') }} where id is null
