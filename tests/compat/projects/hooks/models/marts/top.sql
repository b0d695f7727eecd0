{{ config(
    pre_hook="{{ log_line('own ' ~ this.name) }}",
    post_hook=[after_commit("vacuum"), before_begin("select 'first'"), "select '{{ source('s', 't') }}'"]
) }}
select 1 as id
