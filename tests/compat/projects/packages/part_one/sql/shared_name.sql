select 'part_one' as origin
