select '{{ tojson({"b": [1, 2.0, none, true], "a": "x"}) }}' as json
  , '{{ tojson({"b": 1, "a": 2}, sort_keys=true) }}' as sorted
  , '{{ fromjson("{\"a\": [1, 2.5]}").a }}' as parsed
  , '{{ fromyaml("a: [1, x]\nb: yes") | replace("\u0027", "") }}' as from_yaml
  , '{{ toyaml({"a": [1, "x"]}) | trim | replace("\n", ";") }}' as to_yaml
  , '{{ set([1, 2, 2]) | length }}' as set_length
  , '{{ zip([1, 2], ["a", "b"]) | list | length }}' as zipped
  , '{{ local_md5("x") }}' as md5
  , '{{ modules.datetime.date(2024, 2, 29) + modules.datetime.timedelta(days=1) }}' as day
  , '{{ modules.datetime.datetime(2024, 1, 2, 3, 4, 5).strftime("%Y%m%d %H:%M") }}' as stamp
  , '{{ modules.re.sub("[0-9]+", "#", "a1b22") }}' as replaced
  , '{{ modules.re.match("(a+)(b)?", "aab").groups() | join("-") }}' as groups
  , '{{ modules.itertools.chain([1], [2, 3]) | list }}' as chained
  , '{{ diff_of_two_dicts({"a": ["x", "y"]}, {"a": ["x"]}).a[0] }}' as diff
  , '{{ dbt_version.split(".")[0] }}' as dbt_major
  , '{{ return_twice() }}' as returned
  , {{ log("message", info=false) }} 1 as logged
