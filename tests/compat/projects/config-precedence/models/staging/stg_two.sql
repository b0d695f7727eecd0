{{ config(materialized='view', tags='own', meta={'owner': 'call', 'more': [1, 2.5, none]}, pre_hook="select 'call'") }}
select 2 as id
