select * from {{ ref('third') }} where id is null
