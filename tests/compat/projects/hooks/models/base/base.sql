{{ config(pre_hook=[]) }}
select 1 as id
