select 1 as id, 'a' as name, 'b' as "Quoted Name"
