select '{{ var("moment") }}' as a, '{{ moment_of_macro() }}' as b
