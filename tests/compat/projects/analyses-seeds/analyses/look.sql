select * from {{ ref('codes') }} -- {{ this }}
