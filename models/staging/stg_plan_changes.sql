{# One row a change of a user's plan. An app without plans to change delivers no such files. #}

with records as (

    {{ read_raw_records(
        source('raw', 'raw_plan_changes'),
        ['user_id', 'changed_at', 'previous_plan', 'plan'],
        optional=true
    ) }}

),

typed as (

    select distinct
        nullif(trim(user_id), '') as user_id,
        {{ utc_timestamp("nullif(trim(changed_at), '')") }} as changed_at,
        lower(nullif(trim(previous_plan), '')) as previous_plan,
        lower(nullif(trim(plan), '')) as plan
    from records
    where is_readable

)

select *
from typed
where user_id is not null and changed_at is not null and plan is not null
