{# What follows a Python model's own text in its compiled code: the functions and values that the `dbt` object is made of. #}
{% macro py_script_postfix(model) %}
# The text of the model ends here; from here on upsql has written it.

{{ build_ref_function(model) }}

{{ build_source_function(model) }}

{{ build_config_dict(model) }}


class config:
    """What dbt.config is: the configs that the model asks for, as they stood when it was compiled."""

    def __init__(self, *args, **kwargs):
        pass

    @staticmethod
    def get(key, default=None):
        return config_dict.get(key, default)

    @staticmethod
    def meta_get(key, default=None):
        return meta_dict.get(key, default)


class this:
    """What dbt.this is: the model's own relation; as a text its name in SQL."""

    database = {{ this.database | string | tojson }}
    schema = {{ this.schema | string | tojson }}
    identifier = {{ this.identifier | string | tojson }}

    def __repr__(self):
        return {{ resolve_model_name(this) | string | tojson }}


class dbtObj:
    def __init__(self, load_df_function) -> None:
        self.source = lambda *args: source(*args, dbt_load_df_function=load_df_function)
        self.ref = lambda *args, **kwargs: ref(*args, **kwargs, dbt_load_df_function=load_df_function)
        self.config = config
        self.this = this()
        self.is_incremental = {{ is_incremental() }}

{{ py_script_comment() }}
{% endmacro %}

{# For projects: a text at the end of every compiled Python model. #}
{% macro py_script_comment() %}
{% endmacro %}

{# A relation as the `load_df` functions of Python models take it. #}
{% macro resolve_model_name(input_model_name) %}
  {{ return(adapter.dispatch('resolve_model_name', 'dbt')(input_model_name)) }}
{% endmacro %}

{% macro default__resolve_model_name(input_model_name) -%}
  {{ input_model_name | string }}
{%- endmacro %}

{# A relation's name without what --empty and --sample put around it; a project's own ref() may give a text. #}
{% macro upsql_python_name(relation) %}
  {%- set name = relation.render() if relation.render is defined and relation.render is callable else relation -%}
  {{ return(resolve_model_name(name)) }}
{% endmacro %}

{% macro build_ref_function(model) -%}
  {%- set names = {} -%}
  {%- for item in model.refs -%}
    {%- set parts = [item.package, item.name] if item.package else [item.name] -%}
    {%- set key = parts + ['v' ~ item.version] if item.version else parts -%}
    {%- do names.update({key | join('.'): upsql_python_name(ref(*parts, v=item.version))}) -%}
  {%- endfor -%}
def ref(*args, **kwargs):
    refs = {{ names | tojson }}
    key = ".".join(args)
    version = kwargs.get("v") or kwargs.get("version")
    if version:
        key += f".v{version}"
    return kwargs["dbt_load_df_function"](refs[key])
{%- endmacro %}

{% macro build_source_function(model) -%}
  {%- set names = {} -%}
  {%- for item in model.sources -%}
    {%- do names.update({item | join('.'): upsql_python_name(source(*item))}) -%}
  {%- endfor -%}
def source(*args, dbt_load_df_function):
    sources = {{ names | tojson }}
    return dbt_load_df_function(sources[".".join(args)])
{%- endmacro %}

{# The configs that the model asks for by dbt.config.get() and dbt.config.meta_get(), each with its own default. #}
{% macro build_config_dict(model) -%}
  {%- set configs = {} -%}
  {%- for key, default in zip(model.config.config_keys_used or [], model.config.config_keys_defaults or []) -%}
    {%- do configs.update({key: model.config.get(key, default)}) -%}
  {%- endfor -%}
  {%- set metas = {} -%}
  {%- for key, default in zip(model.config.meta_keys_used or [], model.config.meta_keys_defaults or []) -%}
    {%- do metas.update({key: (model.config.meta or {}).get(key, default)}) -%}
  {%- endfor -%}
config_dict = {{ configs }}
meta_dict = {{ metas }}
{%- endmacro %}
