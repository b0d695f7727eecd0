{{ config(materialized='incremental') }}
select id, name || '{{ var("suffix", "!") }}' as name from {{ ref('input') }} join {{ ref('codes') }} using (id)
{% if is_incremental() %}where id > (select max(id) from {{ this }}){% endif %}
