{#
  An ISO 8601 text as a timestamp in UTC, null where it is none. A text without an offset is in UTC already; casting one
  with an offset would drop it without a word, so that is converted. Nothing depends on the session's time zone. Parts of a second beyond
  microseconds are left away.
#}
{% macro utc_timestamp(text) -%}
    {{ return(adapter.dispatch('utc_timestamp', 'userpulse')(text)) }}
{%- endmacro %}

{% macro duckdb__utc_timestamp(text) -%}
    case
        when not ({{ has_offset(text) }}) then {{ cast_or_null(text, 'timestamp') }}
        else make_timestamp(epoch_us({{ cast_or_null(text, 'timestamptz') }}))
    end
{%- endmacro %}

{% macro snowflake__utc_timestamp(text) -%}
    {%- set zoned -%}
    case
        when {{ text }} like '%Z' or {{ has_offset(text) }} then {{ text }}
        when {{ text }} like '%:%' then {{ text }} || '+00:00'
        else {{ text }} || ' 00:00:00+00:00'
    end
    {%- endset -%}
    cast(convert_timezone('UTC', {{ cast_or_null(zoned, 'timestamp_tz') }}) as timestamp_ntz(6))
{%- endmacro %}

{# Whether the text ends in an offset such as +02:00, -0500 or +01; Z, which nearly every text ends in, is told first. #}
{% macro has_offset(text) -%}
    {{ text }} not like '%Z' and (
        {{ text }} like '%:%+__:__' or {{ text }} like '%:%-__:__'
        or {{ text }} like '%:%+____' or {{ text }} like '%:%-____'
        or {{ text }} like '%:%+__' or {{ text }} like '%:%-__'
    )
{%- endmacro %}
