select * from {{ ref('input') }}
