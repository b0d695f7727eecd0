select {{ 1 }} as a,{# x #}
  {% if true %}
  2 as b
  {% endif %}
