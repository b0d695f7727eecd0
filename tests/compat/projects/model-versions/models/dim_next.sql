select * from {{ ref('dim', v=2) }}
