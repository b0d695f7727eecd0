select
  '{{ var("plain") }}' as plain,
  {{ var("number") }} + 1 as number,
  '{{ var("listed") | join(",") }}' as listed,
  '{{ var("nested").k }}{{ var("nested")["n"] }}' as nested,
  {{ var("switch") }} as switch,
  '{{ var("scoped") }}' as scoped,
  '{{ var("given") }}' as given,
  '{{ var("absent", "fallback") }}' as absent,
  {{ var.has_var("plain") }} as has,
  {{ var.has_var("absent") }} as has_not,
  '{{ helper.told() }}' as told
  {% for x in var('listed') %}, '{{ x }}' as v{{ loop.index }}{% endfor %}
