{% snapshot orders_by_time %}
    {{ config(strategy='timestamp', unique_key='id', updated_at='updated_at', target_schema='kept') }}
    select * from {{ ref('orders') }}
{% endsnapshot %}

{%- snapshot orders_by_value -%}
    {{ config(strategy='check', unique_key=['id', 'status'], check_cols=['status'], hard_deletes='new_record') }}
    select * from {{ source('raw', 'orders') }}
{%- endsnapshot -%}
