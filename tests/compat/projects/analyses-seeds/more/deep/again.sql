{{ config(tags=['a']) }}
select * from {{ ref('semi') }}
