{#
  One statement, which puts the new table in the place of any table before it. Configs: transient (default true),
  cluster_by, automatic_clustering, copy_grants, table_format: iceberg with external_volume, catalog, base_location_root,
  base_location_subpath.
#}
{% macro snowflake__create_table_as(temporary, relation, compiled_code, language='sql') -%}
  {%- if language == 'python' -%}
    {{ return(py_write_table(compiled_code, relation, temporary)) }}
  {%- endif -%}
  {%- set contract = config.get('contract', {}) -%}
  {%- set constrained = contract.enforced and not temporary -%}
  {%- if constrained -%}
    {%- do get_assert_columns_equivalent(compiled_code) -%}
  {%- endif -%}
  {%- set keys = upsql_cluster_keys() if not temporary else '' -%}
  {%- set iceberg = upsql_is_iceberg() and not temporary -%}
  {%- set query = get_select_subquery(compiled_code) if constrained else compiled_code -%}
  {{ config.get('sql_header', none) or '' }}
  create or replace {{ upsql_table_kind(temporary, iceberg) }}table {{ relation.render() }}
  {%- if constrained %}
  {{ get_table_columns_and_constraints() }}
  {%- endif %}
  {%- if keys %}
  cluster by ({{ keys }})
  {%- endif %}
  {%- if iceberg %}
  {%- set partitions = config.get('partition_by') %}
  {{ 'partition by (' ~ (partitions if partitions is string else partitions | join(', ')) ~ ') ' if partitions }}{{ upsql_iceberg_options(relation) }}
  {%- endif %}
  {%- if copy_grants() and not temporary %}
  copy grants
  {%- endif %}
  {{- upsql_governance() if not temporary }}
  {%- if not temporary and not iceberg and upsql_change_tracking() is not none %}
  change_tracking = {{ upsql_change_tracking() }}
  {%- endif %}
  as (
    {%- if keys %}
    select * from (
      {{ query }}
    ) order by ({{ keys }})
    {%- else %}
    {{ query }}
    {%- endif %}
  );
  {%- if keys and config.get('automatic_clustering', false) %}
  alter {{ 'iceberg ' if iceberg }}table {{ relation.render() }} resume recluster;
  {%- endif %}
{%- endmacro %}

{% macro upsql_table_kind(temporary, iceberg) -%}
  {{ return('temporary ' if temporary else 'iceberg ' if iceberg else 'transient ' if config.get('transient', true) else '') }}
{%- endmacro %}

{# The catalog of catalogs.yml that the config catalog_name names; none without one, or for the two that are always there. #}
{% macro upsql_catalog() -%}
  {%- set name = config.get('catalog_name') -%}
  {{ return(none if not name or name | upper in ('SNOWFLAKE', 'INFO_SCHEMA') else adapter.get_catalog_integration(name)) }}
{%- endmacro %}

{% macro upsql_is_iceberg() -%}
  {%- set catalog = upsql_catalog() -%}
  {%- set name = config.get('catalog_name') -%}
  {%- if catalog and catalog.catalog_type == 'ICEBERG_REST' -%}
    {%- do exceptions.raise_compiler_error(model.name ~ ' is of the catalog ' ~ name ~ ', whose type is iceberg_rest; upsql writes to catalogs of type built_in alone') -%}
  {%- elif name -%}
    {{ return((catalog.catalog_type == 'BUILT_IN') if catalog else name | upper == 'SNOWFLAKE') }}
  {%- endif -%}
  {{ return((config.get('table_format') or '') | lower == 'iceberg') }}
{%- endmacro %}

{# A config of the model, or else what its catalog says in adapter_properties. #}
{% macro upsql_catalog_option(name) -%}
  {%- set own = config.get(name) -%}
  {%- set catalog = upsql_catalog() if own is none else none -%}
  {{ return(catalog.adapter_properties.get(name) if catalog else own) }}
{%- endmacro %}

{# The expressions of `cluster_by`, a text or a list, joined. #}
{% macro upsql_cluster_keys() -%}
  {%- set keys = config.get('cluster_by') -%}
  {{ return('' if not keys else keys if keys is string else keys | join(', ')) }}
{%- endmacro %}

{# TRUE, FALSE, or none. Iceberg tables have it always, and Snowflake refuses to be told otherwise. #}
{% macro upsql_change_tracking() -%}
  {%- set value = upsql_catalog_option('change_tracking') -%}
  {%- if value is none -%}
    {{ return(none) }}
  {%- endif -%}
  {%- set word = value | string | upper -%}
  {%- if word not in ('TRUE', 'FALSE') -%}
    {%- do exceptions.raise_compiler_error(model.name ~ ' has change_tracking: ' ~ value ~ '; it has to be true or false') -%}
  {%- elif word == 'FALSE' and upsql_is_iceberg() -%}
    {%- do exceptions.warn(model.name ~ ': change tracking of Iceberg tables is always on; change_tracking: false is left out') -%}
    {{ return(none) }}
  {%- endif -%}
  {{ return(word) }}
{%- endmacro %}

{% macro upsql_iceberg_options(relation) -%}
  {%- set root = config.get('base_location_root') or '_dbt' -%}
  {%- set subpath = config.get('base_location_subpath') -%}
  {%- set location = root ~ '/' ~ relation.schema ~ '/' ~ relation.identifier ~ ('/' ~ subpath if subpath else '') -%}
  {%- set catalog = upsql_catalog() -%}
  {%- set volume = config.get('external_volume') or (catalog.external_volume if catalog) -%}
  {%- set options = [] -%}
  {%- for name, quoted in [('iceberg_version', false), ('storage_serialization_policy', true), ('max_data_extension_time_in_days', false),
      ('data_retention_time_in_days', false), ('change_tracking', false)] -%}
    {%- set value = upsql_change_tracking() if name == 'change_tracking' else upsql_catalog_option(name) -%}
    {%- if value is not none -%}
      {%- do options.append(' ' ~ name ~ ' = ' ~ (upsql_text(value) if quoted else value)) -%}
    {%- endif -%}
  {%- endfor -%}
  {{ "external_volume = '" ~ volume ~ "' " if volume }}catalog = '{{ 'SNOWFLAKE' if config.get('catalog_name') else config.get('catalog') or 'SNOWFLAKE' }}' base_location = '{{ location }}'{{ options | join('') }}
{%- endmacro %}

{# One atomic statement. Configs: secure, copy_grants; with persisted column comments, the columns and their comments. #}
{% macro snowflake__create_view_as(relation, sql) -%}
  {%- if config.get('contract', {}).enforced -%}
    {%- do get_assert_columns_equivalent(sql) -%}
  {%- endif -%}
  {{ config.get('sql_header', none) or '' }}
  create or replace {{ 'secure ' if config.get('secure') }}view {{ relation.render() }}
  {%- if config.persist_column_docs() and model.columns %}
  ({{ upsql_commented_columns(sql) }})
  {%- endif %}
  {%- if copy_grants() %}
  copy grants
  {%- endif %}
  {{- upsql_governance(copies_tags=false) }}
  as (
    {{ sql }}
  );
{%- endmacro %}

{# Configs: copy_tags, which tables have alone; row_access_policy, as `my_policy on (region)`; table_tag, as `cost_center = 'sales'`. #}
{% macro upsql_governance(copies_tags=true) -%}
  {%- if copies_tags and config.get('copy_tags', false) %}
  copy tags
  {%- endif %}
  {%- set policy = config.get('row_access_policy') -%}
  {%- set tag = config.get('table_tag') -%}
  {%- if policy %}
  with row access policy {{ policy }}
  {%- endif %}
  {%- if tag %}
  with tag ({{ tag }})
  {%- endif %}
{%- endmacro %}

{% macro upsql_commented_columns(sql) -%}
  {%- set comments = {} -%}
  {%- for name, column in model.columns.items() -%}
    {%- do comments.update({name | lower: column['description']}) -%}
  {%- endfor -%}
  {%- set items = [] -%}
  {%- for name in get_columns_in_query(sql) -%}
    {%- set comment = comments.get(name | lower) -%}
    {%- do items.append(adapter.quote(name) ~ (' comment ' ~ upsql_text(comment) if comment else '')) -%}
  {%- endfor -%}
  {{ return(items | join(', ')) }}
{%- endmacro %}

{# A text as a SQL string. #}
{% macro upsql_text(text) -%}
  {{ return("'" ~ (text | string | replace('\\', '\\\\') | replace("'", "''")) ~ "'") }}
{%- endmacro %}

{% macro snowflake__copy_grants() %}
  {{ return(config.get('copy_grants', false)) }}
{% endmacro %}

{% macro snowflake__can_clone_table() %}
  {{ return(true) }}
{% endmacro %}

{% macro snowflake__create_or_replace_clone(this_relation, defer_relation) -%}
    create or replace {{ 'transient ' if config.get('transient', true) }}table {{ this_relation.render() }} clone {{ defer_relation.render() }}{{ ' copy grants' if copy_grants() }}
{%- endmacro %}
