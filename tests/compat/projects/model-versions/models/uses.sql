select * from {{ ref('dim') }}
union all select * from {{ ref('dim', v=1) }}
union all select * from {{ ref('dim', version='2') }}
union all select * from {{ ref('versioned', 'dim', version=3) }}
union all select * from {{ ref('single') }}
