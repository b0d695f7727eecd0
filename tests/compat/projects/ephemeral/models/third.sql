{{ config(materialized='ephemeral') }}

select * from {{ ref('second') }} join {{ ref('first') }} using (id)
