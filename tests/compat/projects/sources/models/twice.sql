select * from {{ source('raw', 'orders') }} union all select * from {{ source('raw', 'orders') }}
union all select * from {{ ref('uses') }} union all select * from {{ ref('uses') }}
