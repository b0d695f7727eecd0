select * from {{ ref('shared_name') }}
union all select * from {{ ref('part_one', 'shared_name') }}
union all select * from {{ ref('sub_model') }}
union all select * from {{ part_one.from_package() }}
union all select {{ part_one.which() }}, {{ part_two.only_two() }}
union all select * from {{ source('src', 't') }}
