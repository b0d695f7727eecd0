{%- set own = builtins.ref.config -%}
select '{{ own.project_name }} {{ own.version }} {{ ref.config.target_name }} {{ source.config.profile_name }}' as root
  , '{{ own.dependencies["part_one"].version }} {{ own.dependencies["part_one"].project_name }}' as part_one
  , '{{ own.dependencies["part_one"].macro_paths }} {{ own.packages_install_path }} {{ own.vars.to_dict() }}' as paths
  , '{{ own.dependencies["part_one"].vars.vars }} {{ own.cli_vars }} {{ own.args.select is none }}' as vars
