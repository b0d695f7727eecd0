{#
  For source freshness: how far the newest record lies behind the project's clock, taken off the time now, so that the age
  that comes out is the age by that clock. Simulated or copied events are no older tomorrow than today. The clock is the end
  of the day of the var as_of, or else the newest record of any raw source: what stops while others go on is stale. With
  `freshness_clock: wall` it is the time now, as a live app needs it.
#}
{% macro newest_by_clock(relation, column) -%}
    {%- if var('freshness_clock') == 'wall' -%}
    {{ newest_record(relation, column) }}
    {%- else -%}
    select {{ dbt.dateadd('second', '-1 * ' ~ dbt.datediff('own.newest', 'clock.today', 'second'), utc_now()) }} as newest
    from ({{ newest_record(relation, column) }}) as own
    cross join (
        {% if var('as_of') -%}
        select {{ day_after_today() }} as today
        {%- else -%}
        select max(newest) as today
        from (
            {{ newest_record(source('raw', 'raw_events'), 'timestamp') }}
            union all
            {{ newest_record(source('raw', 'raw_plan_changes'), 'changed_at', optional=true) }}
            union all
            {{ newest_record(source('raw', 'raw_users'), 'signup_date') }}
        ) as sources
        {%- endif %}
    ) as clock
    {%- endif -%}
{%- endmacro %}

{# The newest record that today's clock allows: one from a device whose clock runs ahead is no sign of life. #}
{% macro newest_record(relation, column, optional=false) -%}
    select max({{ utc_timestamp(column) }}) as newest
    from ({{ read_raw_records(relation, [column], optional) }}) as records
    where {{ utc_timestamp(column) }} < {{ day_after_today() }}
{%- endmacro %}

{# Midnight after the var as_of; without it, of the last day that an event may have. #}
{% macro day_after_today() -%}
    {%- if var('as_of') -%}
    cast({{ dbt.dateadd('day', 1, "cast('" ~ var('as_of') ~ "' as date)") }} as {{ dbt.type_timestamp() }})
    {%- else -%}
    cast('{{ var("latest_event_date") }}' as {{ dbt.type_timestamp() }})
    {%- endif -%}
{%- endmacro %}

{% macro utc_now() -%}
    {{ return(adapter.dispatch('utc_now', 'userpulse')()) }}
{%- endmacro %}

{% macro default__utc_now() -%}
    timezone('UTC', now())
{%- endmacro %}

{% macro snowflake__utc_now() -%}
    cast(convert_timezone('UTC', current_timestamp()) as timestamp_ntz)
{%- endmacro %}
