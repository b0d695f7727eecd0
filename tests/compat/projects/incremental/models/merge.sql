{{ config(materialized='incremental', incremental_strategy='merge', merge_update_columns=['a'], unique_key=['a', 'b']) }}
select * from {{ ref('events') }}
