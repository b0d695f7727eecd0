{#
  The rows of a raw source as text: every column in `columns` as varchar, `raw_record` (the record as it came) and
  `is_readable` (false where the record is no record at all, such as a line of broken JSON).

  With `optional`, an app that delivers no such files has no such records.

  On DuckDB the source is a file (or a pattern of files), and a bad line must neither stop the load nor get lost: lines
  are read as text first and taken apart in a second step. On other warehouses the loader has done this already.
#}
{% macro read_raw_records(relation, columns, optional=false) -%}
    {{ return(adapter.dispatch('read_raw_records', 'userpulse')(relation, columns, optional)) }}
{%- endmacro %}

{% macro default__read_raw_records(relation, columns, optional) %}
    select
        {{ record_text(columns) }} as raw_record,
        coalesce({% for column in columns %}cast({{ column }} as varchar){{ ', ' if not loop.last }}{% endfor %}) is not null as is_readable
        {%- for column in columns %},
        cast({{ column }} as varchar) as {{ column }}
        {%- endfor %}
    from {{ relation }}
{% endmacro %}

{% macro duckdb__read_raw_records(relation, columns, optional) %}
    {%- set format = var('raw_format') -%}
    {%- if optional and execute and run_query('select count(*) from glob(' ~ relation ~ ')').columns[0].values()[0] == 0 -%}
        {{ no_records(columns) }}
    {%- elif format == 'parquet' -%}
        {{ default__read_raw_records(relation, columns, optional) }}
    {%- elif format == 'csv' -%}
        {{ read_csv_records(relation, columns) }}
    {%- elif format == 'json' -%}
        {{ read_json_records(relation, columns) }}
    {%- else -%}
        {{ exceptions.raise_compiler_error("var raw_format is '" ~ format ~ "'; it can be json, csv or parquet") }}
    {%- endif -%}
{% endmacro %}

{% macro no_records(columns) %}
    select
        cast(null as varchar) as raw_record,
        false as is_readable
        {%- for column in columns %},
        cast(null as varchar) as {{ column }}
        {%- endfor %}
    where false
{% endmacro %}

{# Every field is taken as text, so that a bad value spoils only itself. #}
{% macro read_json_records(relation, columns) %}
    select
        line as raw_record,
        record is not null as is_readable
        {%- for column in columns %},
        record.{{ column }} as {{ column }}
        {%- endfor %}
    from (
        select
            line,
            from_json(
                case when json_valid(line) then line end,
                '{ {%- for column in columns %}"{{ column }}": "VARCHAR"{{ ', ' if not loop.last }}{% endfor -%} }'
            ) as record
        from read_csv(
            {{ relation }},
            columns = {'line': 'VARCHAR'},
            header = false,
            auto_detect = false,
            delim = '\x01',
            quote = '',
            escape = '',
            ignore_errors = true
        )
        where line is not null
    ) as parsed
{% endmacro %}

{# One column more than the file has: what lands there tells of a line with too many fields. #}
{% macro read_csv_records(relation, columns) %}
    select
        {{ record_text(columns + ['surplus']) }} as raw_record,
        surplus is null as is_readable
        {%- for column in columns %},
        {{ column }}
        {%- endfor %}
    from read_csv(
        {{ relation }},
        columns = { {%- for column in columns + ['surplus'] %}'{{ column }}': 'VARCHAR'{{ ', ' if not loop.last }}{% endfor -%} },
        header = true,
        auto_detect = false,
        delim = ',',
        quote = '"',
        escape = '"',
        null_padding = true,
        strict_mode = false,
        ignore_errors = true
    )
{% endmacro %}

{% macro record_text(columns) -%}
    {%- set parts = [] -%}
    {%- for column in columns -%}
        {%- if not loop.first %}{% do parts.append("','") %}{% endif -%}
        {%- do parts.append("coalesce(cast(" ~ column ~ " as varchar), '')") -%}
    {%- endfor -%}
    {{ dbt.concat(parts) }}
{%- endmacro %}
