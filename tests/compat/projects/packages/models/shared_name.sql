select 'rooted' as origin
