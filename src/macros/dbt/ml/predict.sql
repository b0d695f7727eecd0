{#
  A query that scores a relation (a ref, or a query as text) with a trained model: the relation's columns, then the scores. With `keep`,
  only those columns are passed on; `rename` gives score columns other names; `version` takes another version than the promoted one.
#}
{% macro ml_predict(model, relation, version=none, keep=none, rename=none) -%}
  {{ return(adapter.dispatch('ml_predict', 'dbt')(model, relation, version, keep, rename)) }}
{%- endmacro %}

{% macro default__ml_predict(model, relation, version, keep, rename) -%}
  {%- if not execute -%}
    {{ return('select * from ' ~ relation) }}
  {%- endif -%}
  {%- set options = {'version': version, 'keep': keep, 'rename': rename} -%}
  {%- if relation is not string -%}
    {#- A relation that is not built yet has no columns: then it is the query that fails, if it does. -#}
    {%- set columns = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
    {%- if columns -%}{%- do options.update({'columns': columns}) -%}{%- endif -%}
  {%- endif -%}
  {%- if this -%}
    {%- do options.update({'schema': this.include(identifier=false) | string}) -%}
  {%- endif -%}
  {%- set prediction = upsql_ml('predict', model, relation, options) -%}
  {%- if prediction.table -%}
    {%- set name = prediction.table.split('.')[-1] -%}
    {%- set found = adapter.get_relation(this.database, this.schema, name) -%}
    {%- if found is none -%}
      {%- for statement in prediction.setup -%}
        {%- do run_query(statement) -%}
      {%- endfor -%}
    {%- endif -%}
  {%- endif -%}
  {{ return(prediction.sql) }}
{%- endmacro %}

{# A query with each feature's population stability index between the model's training rows and a relation's. #}
{% macro ml_drift(model, relation, version=none, limit=0.2) -%}
  {%- if not execute -%}
    {{ return('select * from ' ~ relation) }}
  {%- endif -%}
  {{ return(upsql_ml('drift', model, relation, {'version': version, 'limit': limit})) }}
{%- endmacro %}

{# A query of what is known of a model: metrics, importance, calibration or profiles. #}
{% macro ml_facts(model, fact, version=none) -%}
  {%- if not execute -%}
    {{ return('select 1') }}
  {%- endif -%}
  {{ return(upsql_ml('facts', model, fact, {'version': version})) }}
{%- endmacro %}
