{#
  The clock of the project, one row: "today" for every metric. It is the var as_of, or else the day of the newest event.
  Nothing else decides what today is, so a build can be repeated for any day in the past.
#}

select
    {% if var('as_of') -%}
    cast('{{ var("as_of") }}' as date) as as_of_date,
    {%- else -%}
    max(date) as as_of_date,
    {%- endif %}
    min(date) as first_event_date,
    max(date) as newest_event_date
from {{ ref('fact_events') }}
