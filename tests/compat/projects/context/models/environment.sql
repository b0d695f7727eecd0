select
  '{{ env_var("COMPAT_NAME") }}' as name,
  {{ env_var("COMPAT_NUMBER") | int + 1 }} as number,
  '{{ env_var("COMPAT_ABSENT", "default") }}' as absent,
  '{{ target.name }} {{ target.schema }} {{ target.type }} {{ target.profile_name }} {{ target.threads }}' as target,
  '{{ project_name }}' as project,
  '{{ this }} {{ this.database }} {{ this.schema }} {{ this.identifier }} {{ this.table }} {{ this.name }}' as this,
  '{{ model.unique_id }} {{ model.config.materialized }} {{ model.fqn }}' as model,
  '{{ database }} {{ schema }}' as places,
  {{ execute }} as execute,
  '{{ flags.FULL_REFRESH }} {{ flags.WHICH }}' as flags
