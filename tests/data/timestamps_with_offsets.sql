{# Texts as devices may send them, against the instant in UTC that they mean (null for no timestamp). #}

with expected as (
    {% set cases = [
        ('2025-03-02T03:04:05Z', '2025-03-02 03:04:05'),
        ('2025-03-02T03:04:05.250Z', '2025-03-02 03:04:05.25'),
        ('2025-03-02 03:04:05', '2025-03-02 03:04:05'),
        ('2025-03-02T03:04:05+00:00', '2025-03-02 03:04:05'),
        ('2025-03-02T03:04:05+02:00', '2025-03-02 01:04:05'),
        ('2025-01-01T00:30:00+05:30', '2024-12-31 19:00:00'),
        ('2025-03-02T23:04:05-05:00', '2025-03-03 04:04:05'),
        ('2025-03-02', '2025-03-02 00:00:00'),
        ('2025-02-30T00:00:00Z', none),
        ('2025-02-30T00:00:00+01:00', none),
        ('yesterday', none)
    ] %}
    {%- for text, instant in cases %}
    select
        '{{ text }}' as text,
        cast({{ "'" ~ instant ~ "'" if instant else 'null' }} as {{ dbt.type_timestamp() }}) as instant
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

computed as (

    select
        *,
        {{ utc_timestamp('text') }} as computed_instant
    from expected

)

select *
from computed
where
    computed_instant <> instant
    or (computed_instant is null and instant is not null)
    or (computed_instant is not null and instant is null)
