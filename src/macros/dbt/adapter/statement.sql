{# Runs the text of its call block, SQL or Python, on the node's session; a name keeps the answer for `load_result`. #}
{% macro statement(name=none, fetch_result=false, auto_begin=true, language='sql') -%}
  {%- if execute -%}
    {%- set text = caller() -%}
    {%- if name == 'main' -%}
      {%- do write(text) -%}
    {%- endif -%}
    {%- if language == 'python' -%}
      {%- set response, table = submit_python_job(model, text), none -%}
    {%- elif language == 'sql' -%}
      {%- set response, table = adapter.execute(text, auto_begin=auto_begin, fetch=fetch_result) -%}
    {%- else -%}
      {%- do exceptions.raise_compiler_error("statement() runs SQL and Python; it cannot run '" ~ language ~ "' of " ~ model['unique_id']) -%}
    {%- endif -%}
    {%- if name is not none -%}
      {%- do store_result(name, response=response, agate_table=table) -%}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}

{# Keeps a result without running anything: for work that was done by other means. #}
{% macro noop_statement(name=none, message=none, code=none, rows_affected=none, res=none) -%}
  {%- set text = caller() -%}
  {%- if name == 'main' -%}
    {%- do write(text) -%}
  {%- endif -%}
  {%- if name is not none -%}
    {%- do store_raw_result(name, message=message, code=code, rows_affected=rows_affected, agate_table=res) -%}
  {%- endif -%}
{%- endmacro %}

{% macro run_query(sql) %}
  {%- call statement('run_query_statement', fetch_result=true, auto_begin=false) -%}
    {{ sql }}
  {%- endcall -%}
  {%- do return(load_result('run_query_statement').table) -%}
{% endmacro %}
