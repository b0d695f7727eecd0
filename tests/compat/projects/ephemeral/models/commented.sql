{# nothing #}
-- starts with a comment
select * from {{ ref('first') }} -- with
