select g.id from {{ ref('good') }} g join {{ ref('below_bad') }} using (id)
