{#
  A model as a file (Parquet, CSV, JSON), or a folder of them with `partition_by`, and a view that reads it.
  The rows are written from a table beside the model's name, which is dropped again; a query that fails leaves the file.
#}
{% materialization external, adapter='duckdb', supported_languages=['sql', 'python', 'typescript'] %}
  {%- if config.get('plugin') is not none or config.get('glue_register', default=false) -%}
    {%- do exceptions.raise_compiler_error('Model ' ~ model.name ~ ' asks for a plugin to register its file; there are no plugins here. Take `plugin` or `glue_register` away.') -%}
  {%- endif -%}
  {%- set location = render(config.get('location', default=external_location(this, config))) -%}
  {%- set options = render_write_options(config) -%}
  {%- do upsql_external_complete_options(location, options) -%}
  {%- set format = upsql_external_format(config.get('format'), options) -%}
  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='view') -%}
  {%- set rows_relation = make_intermediate_relation(this.incorporate(type='table'), suffix='__dbt_rows') -%}
  {%- do upsql_drop_leftovers(target_relation) -%}
  {%- do drop_relation_if_exists(load_cached_relation(rows_relation)) -%}
  {%- do run_hooks(pre_hooks, inside_transaction=false) -%}
  {%- do run_hooks(pre_hooks, inside_transaction=true) -%}

  {%- if model['language'] != 'sql' -%}
    {%- do upsql_run_code(rows_relation) -%}
  {%- else -%}
    {%- call statement('create_table', auto_begin=false) -%}
      {{ create_table_as(false, rows_relation, compiled_code) }}
    {%- endcall -%}
  {%- endif -%}
  {%- set filter = upsql_external_fill_empty(rows_relation) -%}
  {%- do write_to_file(rows_relation, location, upsql_external_options_text(options)) -%}

  {%- set reader = upsql_external_reader(format, upsql_external_read_location(location, options), options) -%}
  {%- do upsql_replace_relation(existing_relation, target_relation, 'select * from ' ~ reader ~ filter, transactional=true) -%}
  {%- do adapter.drop_relation(rows_relation) -%}
  {%- do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(existing_relation, full_refresh_mode=true)) -%}
  {%- do persist_docs(target_relation, model) -%}
  {%- do run_hooks(post_hooks, inside_transaction=true) -%}
  {%- do adapter.commit() -%}
  {%- do run_hooks(post_hooks, inside_transaction=false) -%}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Where a model's file goes that names no `location`. #}
{% macro external_location(relation, config) -%}
  {%- set place = (target.external_root or '.') ~ '/' ~ relation.identifier -%}
  {{ place if config.get('options', {}).get('partition_by') is not none else place ~ '.' ~ config.get('format', 'parquet') }}
{%- endmacro %}

{# The `options` config with rendered values, and `format` and `delimiter` where they stand beside it. #}
{% macro render_write_options(config) -%}
  {%- set given = config.get('options', {}) -%}
  {%- if given is not mapping -%}
    {%- do exceptions.raise_compiler_error('`options` of model ' ~ model.name ~ ' has to be a mapping') -%}
  {%- endif -%}
  {%- set options = {} -%}
  {%- for name, value in given.items() -%}
    {%- do options.update({name: render(value)}) -%}
  {%- endfor -%}
  {%- for name in ['format', 'delimiter'] if config.get(name) -%}
    {%- do options.update({name: render(config.get(name))}) -%}
  {%- endfor -%}
  {%- do return(options) -%}
{%- endmacro %}

{# Puts in what DuckDB's `copy` has to be told: the format and compression that the file's ending says, a CSV's header. #}
{% macro upsql_external_complete_options(location, options) %}
  {%- if 'format' not in options -%}
    {%- set endings = ((location | lower).split('/') | last).split('.')[1:] -%}
    {%- set compression = {'gz': 'gzip', 'zst': 'zstd'}.get(endings | last) if endings -%}
    {%- set ending = (endings[:-1] if compression else endings) | last -%}
    {%- do options.update({'format': ending or ('csv' if 'delimiter' in options else 'parquet')}) -%}
    {%- if compression and ending and 'compression' not in options -%}
      {%- do options.update({'compression': compression}) -%}
    {%- endif -%}
  {%- endif -%}
  {%- if options['format'] == 'csv' and 'header' not in options -%}
    {%- do options.update({'header': 1}) -%}
  {%- endif -%}
  {%- if ',' in options.get('partition_by', '') and not options['partition_by'].startswith('(') -%}
    {%- do options.update({'partition_by': '(' ~ options['partition_by'] ~ ')'}) -%}
  {%- endif -%}
{% endmacro %}

{% macro upsql_external_options_text(options) %}
  {%- set texts = [] -%}
  {%- for name, value in options.items() -%}
    {%- set quoted = name | lower in ['delimiter', 'quote', 'escape', 'null'] and not value.startswith("'") -%}
    {%- do texts.append(name ~ ' ' ~ ("'" ~ value ~ "'" if quoted else value)) -%}
  {%- endfor -%}
  {{ return(texts | join(', ')) }}
{% endmacro %}

{# The file, or a pattern for all files below the folder. #}
{% macro upsql_external_read_location(location, options) %}
  {%- set partitions = (options['partition_by'] | string).split(',') | length if options.get('partition_by') else 0 -%}
  {%- if not partitions and not options.get('per_thread_output') -%}
    {{ return(location) }}
  {%- endif -%}
  {{ return(location ~ '/*' * (partitions + 1) ~ '.' ~ options.get('format', 'parquet')) }}
{% endmacro %}

{% macro upsql_external_format(format, options) %}
  {%- set readable = ['csv', 'parquet', 'json'] -%}
  {%- if format and format not in readable -%}
    {%- do exceptions.raise_compiler_error("`format` of model " ~ model.name ~ " is '" ~ format ~ "'; it can be csv, parquet or json") -%}
  {%- endif -%}
  {%- set written = options.get('format', 'parquet') | lower -%}
  {{ return(format or (written if written in readable else 'parquet')) }}
{% endmacro %}

{# A file needs a row to keep its columns: an empty model gets one of nulls, and the view a filter that hides it. #}
{% macro upsql_external_fill_empty(relation) %}
  {%- if run_query('select 1 from ' ~ relation ~ ' limit 1').rows | length -%}
    {{ return('') }}
  {%- endif -%}
  {%- set names = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
  {%- set nulls = [] -%}
  {%- set present = [] -%}
  {%- for name in names -%}
    {%- do nulls.append('null') -%}
    {%- do present.append(adapter.quote(name) ~ ' is not null') -%}
  {%- endfor -%}
  {%- do run_query('insert into ' ~ relation ~ ' values (' ~ nulls | join(', ') ~ ')') -%}
  {{ return(' where ' ~ present | join(' and ')) }}
{% endmacro %}

{# The table function that reads the files back. DuckDB sees a compression in lower-case endings only, so it is told. #}
{% macro upsql_external_reader(format, location, options) %}
  {%- set defaults = {'parquet': {'union_by_name': false}, 'csv': {'auto_detect': true}, 'json': {'auto_detect': true}} -%}
  {%- set settings = dict(config.get(format ~ '_read_options', defaults[format])) -%}
  {%- if options.get('compression') and format != 'parquet' and 'compression' not in settings -%}
    {%- do settings.update({'compression': options['compression']}) -%}
  {%- endif -%}
  {%- set arguments = ["'" ~ location ~ "'"] -%}
  {%- for name, value in settings.items() -%}
    {%- do arguments.append(name ~ '=' ~ ("'" ~ value ~ "'" if value is string else value)) -%}
  {%- endfor -%}
  {{ return('read_' ~ format ~ '(' ~ arguments | join(', ') ~ ')') }}
{% endmacro %}

{% macro write_to_file(relation, location, options) -%}
  {%- call statement('write_to_file', auto_begin=false) -%}
    copy {{ relation }} to '{{ location }}' ({{ options }})
  {%- endcall -%}
{%- endmacro %}

{#
  For on-run-start with a database that does not outlive the run: views on the files of external models that the
  selected nodes read and that are not selected themselves.
#}
{% macro register_upstream_external_models() %}
  {%- if execute -%}
    {%- set seen = [] -%}
    {%- for id in selected_resources if id in graph['nodes'] -%}
      {%- for parent_id in graph['nodes'][id]['depends_on']['nodes'] if parent_id not in seen and parent_id not in selected_resources -%}
        {%- do seen.append(parent_id) -%}
        {%- set parent = graph['nodes'].get(parent_id) -%}
        {%- if parent and parent.config.materialized == 'external' -%}
          {%- set relation = api.Relation.create(
              database=parent['database'], schema=parent['schema'], identifier=parent['alias'], type='view') -%}
          {%- set location = parent.config.get('location', external_location(relation, parent.config)) -%}
          {%- set read_location = upsql_external_read_location(location, render_write_options(parent.config)) -%}
          {%- do adapter.create_schema(relation) -%}
          {%- call statement('main', auto_begin=false) -%}
            create or replace view {{ relation.render() }} as (
              select * from '{{ read_location }}'
            );
          {%- endcall -%}
        {%- endif -%}
      {%- endfor -%}
    {%- endfor -%}
  {%- endif -%}
{% endmacro %}
