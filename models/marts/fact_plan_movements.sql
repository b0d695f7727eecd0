{# How the monthly recurring revenue moved, by month and kind of movement. #}

select
    cast({{ dbt.date_trunc('month', 'valid_from') }} as date) as month,
    movement,
    cast(count(*) as {{ dbt.type_bigint() }}) as changes,
    cast(count(distinct user_id) as {{ dbt.type_bigint() }}) as users,
    -- Cents are whole, so the sum does not depend on the order of its parts.
    cast({{ sum_as_bigint('round(mrr_change * 100)') }} as double) / 100 as mrr_change
from {{ ref('fact_plan_history') }}
where movement <> 'none'
group by 1, 2
