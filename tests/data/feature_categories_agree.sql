{# An event names its feature and its category; both have to agree with the feature map. #}

select
    used.feature_used,
    used.category_used,
    features.category_used as mapped_category,
    sum(used.events) as events
from {{ ref('int_user_features') }} as used
inner join {{ ref('features') }} as features
    on used.feature_used = features.feature_used
where used.category_used <> features.category_used
group by used.feature_used, used.category_used, features.category_used
