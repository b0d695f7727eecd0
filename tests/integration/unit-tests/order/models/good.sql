select id from {{ ref('root') }}
