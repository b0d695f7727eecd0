{{ config(tags=['a', 'b']) }}
{{ config(tags=['c'], grants={'select': 'reader'}) }}
select 3 as id
