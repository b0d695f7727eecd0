select a, b, '{{ var("day") }} {{ var("moment") }}' as c from {{ ref('dates') }}
