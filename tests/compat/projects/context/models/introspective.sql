{% set result = run_query("select * from (values (1, 'a', 1.50, date '2024-02-03'), (2, null, 2.25, null)) t(id, name, amount, day)") %}
{% if execute %}
{% set ids = result.columns[0].values() %}
select
  {% for row in result.rows %}{{ row[0] }}/{{ row['name'] }}/{{ row.amount }}/{{ row.day }}{{ " , " if not loop.last }}{% endfor %} as joined
  , {{ ids }} as ids
  , {{ result.column_names }} as names
  , {{ result.columns['name'].values() }} as named
  , {{ result | length }} as rows
  , {{ result.rows[0].values() }} as row_values
{% else %}
select 1 as nothing
{% endif %}
{% call statement('later', fetch_result=true) %}
  select 42 as answer
{% endcall %}
{% set later = load_result('later') %}
-- {{ later['data'] if later }} {{ later.table.columns.answer.values() if later }}
