{% set r = api.Relation.create(database='db', schema='sch', identifier='tbl', type='table') %}
{% set env = ref('environment') %}
select '{{ r }}' as full
  , '{{ r.include(database=false) }}' as shorter
  , '{{ r.quote(identifier=false) }}' as unquoted
  , '{{ r.incorporate(path={"schema": "other"}) }}' as moved
  , '{{ env.without_identifier() }}' as base
  , '{{ env.render() }} {{ env.is_table }} {{ r.is_table }} {{ r.type }}' as rendered
  , '{{ adapter.quote("col") }}' as quoted
  , '{{ api.Column("c", "varchar", 10).data_type }} {{ api.Column.translate_type("string") }}' as col
  , '{{ adapter.get_relation(database="memory", schema="compat", identifier="nope") }}' as absent
