{# depends_on: graph #}
{% set models = [] %}
{% for node in graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | sort(attribute='name') %}
  {% do models.append(node.name ~ ':' ~ node.config.materialized) %}
{% endfor %}
select '{{ models | join(",") if execute else "" }}' as models
  , '{{ graph.sources.keys() | list | sort | join(",") if execute else "" }}' as sources
