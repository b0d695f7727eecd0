{#
  Every version of a user's plan, from two memories: the changes that the app still tells of, and the versions that
  earlier builds saw (snap_user_plans). Either may have gaps; what both know counts once.
#}

with versions as (

    select
        user_id,
        plan,
        {{ plan_start('signup_date') }} as valid_from
    from {{ ref('stg_users') }}
    where plan is not null

    union

    select
        user_id,
        plan,
        changed_at as valid_from
    from {{ ref('stg_plan_changes') }}

    union

    select
        user_id,
        plan,
        dbt_valid_from as valid_from
    from {{ ref('snap_user_plans') }}

),

compared as (

    select
        user_id,
        plan,
        valid_from,
        lag(plan) over (partition by user_id order by valid_from, plan) as previous_plan
    from versions
    where cast(valid_from as date) <= {{ as_of_date() }}

),

changed as (

    select
        compared.user_id,
        compared.plan,
        compared.previous_plan,
        compared.valid_from,
        lead(compared.valid_from) over (partition by compared.user_id order by compared.valid_from, compared.plan) as valid_to,
        coalesce(max(previous.monthly_price_cents) over (
            partition by compared.user_id
            order by compared.valid_from, compared.plan
            rows between unbounded preceding and current row
        ), 0) as highest_price_before,
        cast(plans.monthly_price_cents as {{ dbt.type_bigint() }}) as price_cents,
        cast(coalesce(previous.monthly_price_cents, 0) as {{ dbt.type_bigint() }}) as previous_price_cents
    from compared
    inner join {{ ref('plans') }} as plans
        on compared.plan = plans.plan
    left join {{ ref('plans') }} as previous
        on compared.previous_plan = previous.plan
    where compared.previous_plan is null or compared.previous_plan <> compared.plan

)

select
    user_id,
    plan,
    previous_plan,
    valid_from,
    valid_to,
    case
        when price_cents > 0 and previous_price_cents = 0 and highest_price_before = 0 then 'new'
        when price_cents > 0 and previous_price_cents = 0 then 'reactivation'
        when price_cents > previous_price_cents then 'expansion'
        when price_cents = 0 and previous_price_cents > 0 then 'cancellation'
        when price_cents < previous_price_cents then 'contraction'
        else 'none'
    end as movement,
    cast(price_cents as double) / 100 as mrr,
    cast(price_cents - previous_price_cents as double) / 100 as mrr_change
from changed
