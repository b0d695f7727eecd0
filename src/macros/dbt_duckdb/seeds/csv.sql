{# DuckDB reads the file itself; `fast: false` takes the rows as the engine has parsed them. #}
{% macro duckdb__load_csv_rows(model, agate_table) %}
  {%- if not config.get('fast', true) -%}
    {{ return(default__load_csv_rows(model, agate_table)) }}
  {%- endif -%}
  {%- set copy_sql = 'copy ' ~ this.render() ~ " from '" ~ (adapter.get_seed_file_path(model) | replace("'", "''"))
      ~ "' (format csv, header true, delimiter '" ~ config.get('delimiter', ',') ~ "')" -%}
  {%- call statement('load_csv_rows') -%}
    {{ copy_sql }}
  {%- endcall -%}
  {{ return(copy_sql) }}
{% endmacro %}

{% macro duckdb__get_binding_char() %}
  {{ return('?') }}
{% endmacro %}
