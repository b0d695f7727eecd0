{# One row a user profile. Where a user was delivered more than once, the latest sign-up counts. #}

with records as (

    {{ read_raw_records(
        source('raw', 'raw_users'),
        ['user_id', 'name', 'email', 'country', 'plan', 'signup_date']
    ) }}

),

cleaned as (

    select
        nullif(trim(user_id), '') as user_id,
        nullif(trim(name), '') as name,
        lower(nullif(trim(email), '')) as email,
        nullif(trim(country), '') as country,
        lower(nullif(trim(plan), '')) as plan,
        nullif(trim(signup_date), '') as given_signup_date
    from records
    where is_readable

),

typed as (

    select
        *,
        cast({{ cast_or_null('given_signup_date', dbt.type_timestamp()) }} as date) as signup_date
    from cleaned
    where user_id is not null

),

numbered as (

    select
        *,
        row_number() over (
            partition by user_id
            order by signup_date desc nulls last, email nulls last, name nulls last, country nulls last, plan nulls last
        ) as delivery
    from typed

)

select
    user_id,
    name,
    email,
    country,
    plan,
    signup_date
from numbered
where delivery = 1
