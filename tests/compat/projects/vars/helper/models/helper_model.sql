select '{{ var("shared") }}' as shared, '{{ var("own") }}' as own, '{{ var("plain") }}' as plain
