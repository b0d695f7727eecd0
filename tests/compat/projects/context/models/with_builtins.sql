-- {{ ref('environment') }}
-- {{ builtins.ref('environment') }}
-- {{ builtins.source('raw', 'things') }}
select 1 as id
