select * from {{ ref('third') }}
