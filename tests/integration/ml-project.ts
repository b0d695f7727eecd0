import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROJECT = `name: shop
version: 1.0.0
profile: shop
model-paths: [models]
vars:
  hidden: 0
`;

const PROFILES = `shop:
  target: dev
  outputs:
    dev:
      type: duckdb
      path: shop.duckdb
`;

/** Users at three cutoffs. Who was active lately seldom leaves; some numbers are missing. `later` counts what comes after the cutoff. */
const FEATURES = `select
    user_id,
    date '2026-01-01' + cast(look * 30 as integer) as cutoff_date,
    date '2026-01-01' + cast(look * 30 - silent as integer) as last_seen_date,
    case when u3 < 0.1 then null else silent end as silent,
    visits,
    minutes,
    case when look = 2 then null when u4 < 1 / (1 + exp(-(silent / 8 - visits / 12 - 0.5))) then 1 else 0 end as churned,
    case when look < 2 and not (u4 < 1 / (1 + exp(-(silent / 8 - visits / 12 - 0.5)))) then 3 else 0 end as later
from (
    select
        i % 900 as user_id,
        i // 900 as look,
        cast(floor(u1 * 40) as integer) as silent,
        cast(floor(u2 * u2 * 60) as integer) as visits,
        round(u1 * u2 * 300, 2) as minutes,
        u3,
        u4
    from (
        select
            i,
            hash(i) % 1000003 / 1000003 as u1,
            hash(i + 100000) % 1000003 / 1000003 as u2,
            hash(i + 200000) % 1000003 / 1000003 as u3,
            hash(i + 300000) % 1000003 / 1000003 as u4
        from range(2700) as r (i)
    ) as draws
) as users
`;

const MODELS = `models:
  - name: churn_scores
    config:
      materialized: table
      ml:
        type: classifier
        name: churn
        features: [silent, visits, minutes]
        label: churned
        key: [user_id, cutoff_date]
        keep: [user_id]
        cutoff: cutoff_date
        observed: [last_seen_date]
        horizon: 30
        baseline: silent
        trees: 20
        learning_rate: 0.2
  - name: groups
    config:
      materialized: table
      ml:
        type: kmeans
        train: build
        features: [silent, visits, minutes]
        key: [user_id]
        k: 3
        segments: { recency: silent, engagement: [visits, minutes] }
`;

/** A project with a churn model and a segmentation in YAML; gives its folder. */
export function mlProject(changes: Readonly<Record<string, string>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'upsql-ml-'));
  mkdirSync(join(root, 'models'));
  const files: Record<string, string> = {
    'dbt_project.yml': PROJECT,
    'profiles.yml': PROFILES,
    'models/features.sql': `{{ config(materialized='table') }}\n${FEATURES}`,
    'models/churn_scores.sql': "select * from {{ ref('features') }}",
    'models/groups.sql': "select * from {{ ref('features') }} where churned is null",
    'models/models.yml': MODELS,
    ...changes,
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text);
  return root;
}

export { FEATURES, MODELS };
