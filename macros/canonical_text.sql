{#
  Values as text in one form on every warehouse, for hashes and keys: a plain cast writes a timestamp with or without trailing
  zeros, and a double with 15 or 17 digits, as each warehouse likes.

  Both are whole microseconds, as fine as staging keeps times: since 1970 (UTC) for a timestamp, such as 1735689600000000, and
  the length itself for seconds.
#}
{% macro timestamp_text(timestamp) -%}
    {{ return(adapter.dispatch('timestamp_text', 'userpulse')(timestamp)) }}
{%- endmacro %}

{% macro default__timestamp_text(timestamp) -%}
    cast(epoch_us({{ timestamp }}) as varchar)
{%- endmacro %}

{% macro snowflake__timestamp_text(timestamp) -%}
    cast(date_part(epoch_microsecond, {{ timestamp }}) as varchar)
{%- endmacro %}

{% macro seconds_text(seconds) -%}
    cast(cast(round({{ seconds }} * 1000000) as {{ dbt.type_bigint() }}) as varchar)
{%- endmacro %}
