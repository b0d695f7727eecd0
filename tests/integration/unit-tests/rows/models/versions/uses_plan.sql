select v from {{ ref('plan', v=1) }}
