select
  {{ toolbox.greet('you') }} as greeting,
  {{ toolbox.shout('you') }} as shouted,
  {{ same_name() }} as bare,
  {{ toolbox.same_name() }} as named,
  {{ concat_all() }} as builtin,
  cast(1 as {{ type_string() }}) as typed,
  cast(1 as {{ dbt.type_string() }}) as typed_dbt,
  '{% call(y) caller_of() %}{{ y }}{% endcall %}' as called,
  '{{ recursive(3) }}' as recursive,
  '{{ varargs_and_kwargs(1, 2, a="b") | replace("'", "") }}' as var_args
