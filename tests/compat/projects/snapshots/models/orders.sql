select 1 as id, 'a' as status, now() as updated_at
