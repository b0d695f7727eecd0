{{ config({'materialized': 'ephemeral', 'unique_key': ['a', 'b'], 'custom': {'x': 1}}) }}
select 1 as id
