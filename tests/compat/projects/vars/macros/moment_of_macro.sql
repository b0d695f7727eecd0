{% macro moment_of_macro() %}{{ return(var('moment') ~ '!') }}{% endmacro %}
