{#
  A Python model as a procedure's code: `main` is its handler. `overwrite` puts the new table in the place of the old one
  in one statement.
#}
{% macro py_write_table(compiled_code, target_relation, temporary=false) -%}
  {%- if upsql_is_iceberg() and not temporary -%}
    {%- do exceptions.raise_compiler_error("A Python model can't be an Iceberg table: leave `table_format: iceberg` out, or write it in SQL") -%}
  {%- endif -%}
{{ compiled_code }}


def materialize(session, df, target_relation):
    import importlib.util

    if importlib.util.find_spec("pandas"):
        import pandas

        if isinstance(df, pandas.core.frame.DataFrame):
            # A pandas frame goes through a stage of the current schema.
            session.use_database(target_relation.database)
            session.use_schema(target_relation.schema)
            df = session.createDataFrame(df)
    df.write.mode("overwrite").save_as_table({{ resolve_model_name(target_relation) | tojson }}, table_type="{{ upsql_table_kind(temporary, false) | trim }}")


def main(session):
    dbt = dbtObj(session.table)
    df = model(dbt, session)
    materialize(session, df, dbt.this)
    return "OK"
{% endmacro %}
