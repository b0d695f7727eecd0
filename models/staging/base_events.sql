{# Raw events as typed columns. `reason` is null for a good record and says what is wrong with a bad one. #}

with records as (

    {{ read_raw_records(
        source('raw', 'raw_events'),
        ['user_id', 'timestamp', 'category_used', 'feature_used', 'session_length', 'platform']
    ) }}

),

cleaned as (

    select
        raw_record,
        is_readable,
        nullif(trim(user_id), '') as user_id,
        nullif(trim(timestamp), '') as given_timestamp,
        nullif(trim(category_used), '') as category_used,
        nullif(trim(feature_used), '') as feature_used,
        nullif(trim(session_length), '') as given_session_length,
        lower(nullif(trim(platform), '')) as platform
    from records

),

typed as (

    select
        *,
        {{ utc_timestamp('given_timestamp') }} as event_timestamp,
        round({{ cast_or_null('given_session_length', 'double') }}, 6) as session_length_sec
    from cleaned

),

judged as (

    select
        *,
        case
            when not is_readable then 'unreadable_record'
            when user_id is null then 'missing_user_id'
            when given_timestamp is null then 'missing_timestamp'
            when event_timestamp is null then 'malformed_timestamp'
            when
                event_timestamp < cast('{{ var("earliest_event_date") }}' as {{ dbt.type_timestamp() }})
                or event_timestamp >= cast('{{ var("latest_event_date") }}' as {{ dbt.type_timestamp() }})
                then 'timestamp_out_of_range'
            when category_used is null then 'missing_category_used'
            when feature_used is null then 'missing_feature_used'
            when given_session_length is null then 'missing_session_length'
            when session_length_sec is null then 'malformed_session_length'
            when not session_length_sec between 0 and {{ var('max_session_length_sec') }}
                then 'session_length_out_of_range'
            when platform is null then 'missing_platform'
            when platform not in ({% for name in var('platforms') %}'{{ name }}'{{ ', ' if not loop.last }}{% endfor %})
                then 'unknown_platform'
        end as reason
    from typed

)

select
    reason,
    case when reason is not null then raw_record end as raw_record,
    user_id,
    event_timestamp as timestamp,
    category_used,
    feature_used,
    session_length_sec,
    platform
from judged
