select * from {{ source('raw', 'orders') }}
join {{ source('raw', 'cold') }} using (id)
join {{ source('files', 'by_name') }} using (id)
join {{ source('files', 'function') }} using (id)
join {{ source('quoted', 'Table One') }} using (id)
