{#
  A Python model as it is run: its compiled code, and how what it returns becomes a table. `con` is the session of
  upsql's runner (src/run/python/runner.py), which hands the rows over.
#}
{% macro py_write_table(temporary, relation, compiled_code) -%}
{{ compiled_code }}


def materialize(df, con):
    con.upsql_create_table({{ relation.include(database=(not temporary), schema=(not temporary)).render() | tojson }}, df, temporary={{ 'True' if temporary else 'False' }})
{% endmacro %}
