{{ config(quoting={'identifier': true}) }}
select * from {{ ref('one') }} join {{ ref('codes') }} using (id) -- {{ this }}
