select 1 as period_id, current_date as valid_from, current_date as valid_to
