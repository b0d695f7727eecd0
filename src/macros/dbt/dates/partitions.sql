{# A date from text, or an error that names both the text and the format. #}
{% macro convert_datetime(date_str, date_fmt) %}
  {{ return(try_or_compiler_error(
      "Date '" ~ date_str ~ "' does not have the format '" ~ date_fmt ~ "'",
      modules.datetime.datetime.strptime, date_str.strip(), date_fmt)) }}
{% endmacro %}

{# Every day from the first date to the second, both included, as text (or as dates with an empty `out_fmt`). #}
{% macro dates_in_range(start_date_str, end_date_str=none, in_fmt='%Y%m%d', out_fmt='%Y%m%d') %}
  {%- set first = convert_datetime(start_date_str, in_fmt) -%}
  {%- set last = first if end_date_str is none else convert_datetime(end_date_str, in_fmt) -%}
  {%- if last < first -%}
    {%- do exceptions.raise_compiler_error('The range of dates ends before it starts: ' ~ first ~ ', ' ~ last, model) -%}
  {%- endif -%}
  {%- set days = [] -%}
  {%- for offset in range((last - first).days + 1) -%}
    {%- set day = first + modules.datetime.timedelta(days=offset) -%}
    {%- do days.append(day.strftime(out_fmt) if out_fmt else day) -%}
  {%- endfor -%}
  {{ return(days) }}
{% endmacro %}

{# `dates_in_range` of one text: a date, or two with a comma between them. #}
{% macro partition_range(raw_partition_date, date_fmt='%Y%m%d') %}
  {%- set ends = (raw_partition_date | string).split(',') -%}
  {%- if ends | length > 2 -%}
    {%- do exceptions.raise_compiler_error("A range of partitions is 'date' or 'first,last'; got: " ~ raw_partition_date) -%}
  {%- endif -%}
  {{ return(dates_in_range(ends[0], ends[1] if ends | length == 2 else none, in_fmt=date_fmt)) }}
{% endmacro %}

{# The time now to the microsecond, in digits only: for names that must not meet. #}
{% macro py_current_timestring() %}
  {%- do return(modules.datetime.datetime.now().strftime('%Y%m%d%H%M%S%f')) -%}
{% endmacro %}
