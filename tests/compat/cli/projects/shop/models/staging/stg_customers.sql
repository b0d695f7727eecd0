select id, name from {{ source('crm', 'raw_customers') }}
