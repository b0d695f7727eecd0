select 'with x as (' as text, (select max(id) from {{ ref('first') }}) as id
