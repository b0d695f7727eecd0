select * from {{ ref('by_yaml') }}
