select id from {{ ref('bad') }}
