select
  id,
  amount * {{ var('rate') }} as price,
  {{ bonus() }} as bonus,
  {{ outer_bonus() }} as outer_bonus,
  {{ rows.bonus(3) }} as named_bonus,
  {{ greeting() }} as greeting,
  '{{ env_var("UNIT_REGION", "eu") }}' as region,
  '{{ var("days") | join("-") }}' as days,
  '{{ var("currency", "chf") }}' as currency,
  '{{ invocation_id | length > 0 }}' as invoked
from {{ ref('orders') }}
