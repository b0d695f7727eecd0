{{ config(alias='zwei', schema='special') }}
select * from {{ ref('one') }} join {{ ref('own_names', 'named_by_package') }} using (id)
