{{ config(post_hook=["select 'one'", {"sql": "select 'two'", "transaction": false}], docs={'show': false}) }}
select * from {{ ref('stg_one') }}
