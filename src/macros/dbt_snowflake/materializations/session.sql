{# The materializations of every warehouse, with the query tag and the warehouse that the node asks for. #}
{% materialization table, adapter='snowflake', supported_languages=['sql', 'python', 'typescript'] %}
  {{ return(upsql_run_default('materialization_table_default')) }}
{% endmaterialization %}

{% materialization view, adapter='snowflake' %}
  {{ return(upsql_run_default('materialization_view_default')) }}
{% endmaterialization %}

{% materialization incremental, adapter='snowflake', supported_languages=['sql', 'python', 'typescript'] %}
  {{ return(upsql_run_default('materialization_incremental_default')) }}
{% endmaterialization %}

{% materialization snapshot, adapter='snowflake' %}
  {{ return(upsql_run_default('materialization_snapshot_default')) }}
{% endmaterialization %}

{% materialization seed, adapter='snowflake' %}
  {{ return(upsql_run_default('upsql_snowflake_seed')) }}
{% endmaterialization %}

{% materialization clone, adapter='snowflake' %}
  {{ return(upsql_run_default('materialization_clone_default')) }}
{% endmaterialization %}

{% materialization test, adapter='snowflake' %}
  {{ return(upsql_run_default('materialization_test_default')) }}
{% endmaterialization %}

{% materialization dynamic_table, adapter='snowflake' %}
  {{ return(upsql_run_default('upsql_snowflake_dynamic_table')) }}
{% endmaterialization %}
