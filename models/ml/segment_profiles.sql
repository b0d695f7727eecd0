{% set measures = [
    'total_session_length_minutes', 'average_session_length_minutes', 'login_frequency', 'unique_features_used',
    'unique_categories_used', 'total_events', 'days_since_last_login'
] %}

{# Means of whole millionths, so that the order in which rows are added up leaves no trace. #}
select
    segments.cluster,
    segments.segment,
    cast(count(*) as {{ dbt.type_bigint() }}) as users,
    cast(count(*) as double) / sum(count(*)) over () as share_of_users,
    {{ exact_mean('segments.distance') }} as average_distance
    {%- for measure in measures %},
    {{ exact_mean('features.' ~ measure) }} as average_{{ measure | replace('average_', '') }}
    {%- endfor %}
from {{ ref('user_segments') }} as segments
inner join {{ ref('user_features') }} as features
    on segments.user_id = features.user_id
group by segments.cluster, segments.segment
