import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseArtifact } from '../../src/ml/index.js';
import { compileBin } from '../unit/cli/compiled-bin.js';
import { closeBuilt, copyUserPulse, openBuilt, query, run } from './userpulse-project.js';

const SIMULATION = '--users 900 --events 60000 --days 360 --seed 11 --behaviour lifecycle'.split(' ');

describe('UserPulse: what is known of the churn model and the segments', () => {
  let root = '';

  beforeAll(async () => {
    await compileBin();
    root = copyUserPulse();
    run(root, ['simulate', ...SIMULATION, '--out', 'data/raw']);
    run(root, [
      'build',
      '--indirect-selection',
      'buildable',
      '-s',
      '+churn_scores',
      '+churn_reasons',
      '+churn_quality',
      '+segment_profiles',
    ]);
  });

  it('has a model that has learnt from before today only', async () => {
    const db = await openBuilt(root);
    const [row] = await query(
      db,
      `select artifact, trained_to < (select as_of_date from as_of) as earlier, trained_rows::int as n,
         (select count(*)::int from churn_features where split <> 'score') as known
       from churn_model`,
    );
    expect(row?.earlier).toBe(true);
    expect(row?.n).toBe(row?.known);
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(parseArtifact(String(row?.artifact), 'churn_model')).toMatchObject({
      name: 'churn',
      task: 'classifier',
      library: { name: 'upsql', version },
    });
    await closeBuilt(db);
  });

  it('gives reasons that add up: no more than the log-odds above the mean, strongest first', async () => {
    const db = await openBuilt(root);
    const [order] = await query(
      db,
      `select count(*)::int as n, count(distinct user_id)::int as users, max(rank) as most,
         count(*) filter (contribution > before)::int as wrong
       from (select *, lag(contribution) over (partition by user_id order by rank) as before from churn_reasons)`,
    );
    expect(order?.wrong).toBe(0);
    expect(order?.most).toBe(3);
    const [found] = await query(
      db,
      `select corr(s.churn_probability, r.total) as fits from churn_scores s
       join (select user_id, sum(contribution) as total from churn_reasons group by all) r using (user_id)`,
    );
    expect(Number(found?.fits)).toBeGreaterThan(0.5);
    const [values] = await query(
      db,
      `select count(*)::int as n from churn_reasons r join churn_features f using (user_id)
       where f.split = 'score' and r.feature = 'days_since_last_event' and r.value <> f.days_since_last_event`,
    );
    expect(values?.n).toBe(0);
    await closeBuilt(db);
  });

  it('tells figures on held out time with intervals, and the segments as a table', async () => {
    const db = await openBuilt(root);
    const [auc] = await query(db, "select value, low, high from churn_quality where kind = 'metric' and name = 'auc'");
    expect(Number(auc?.value)).toBeGreaterThan(0.75);
    expect(Number(auc?.low)).toBeLessThan(Number(auc?.value));
    expect(Number(auc?.high)).toBeGreaterThan(Number(auc?.value));
    const [shares] = await query(db, "select sum(value) as s from churn_quality where kind = 'importance'");
    expect(Number(shares?.s)).toBeCloseTo(1, 9);
    const kinds = await query(db, 'select kind, count(*)::int as n from churn_quality group by all order by kind');
    expect(kinds.map(({ kind }) => kind)).toEqual(['calibration', 'drift', 'importance', 'metric']);
    const profiles = await query(
      db,
      'select segment, average_total_events as events, average_days_since_last_login as silence from segment_profiles order by cluster',
    );
    expect(profiles.map(({ segment }) => segment)).toEqual(['Power Users', 'Casual Browsers', 'At-Risk']);
    expect(Number(profiles[0]?.events)).toBeGreaterThan(Number(profiles[1]?.events));
    expect(Number(profiles[2]?.silence)).toBeGreaterThan(Number(profiles[1]?.silence));
    await closeBuilt(db);
  });
});

/** The example of docs/ml.md. */
const EXAMPLE = `models:
  - name: churn_outlook
    config:
      materialized: table
      ml:
        type: classifier
        features: [tenure_days, days_since_last_event, total_events, active_days, events_last_30d, active_days_last_30d, unique_features_used]
        label: churned
        key: [user_id, cutoff_date]
        keep: [user_id, cutoff_date]
        split: split
        cutoff: cutoff_date
        observed: [last_seen_date]
        horizon: 30
        baseline: days_since_last_event
        trusted: [days_since_last_event]
`;

describe('a churn model on UserPulse without TypeScript', () => {
  it('is trained, scores those of today, and is compared with the truth', async () => {
    const root = copyUserPulse();
    run(root, ['simulate', ...SIMULATION, '--out', 'data/raw']);
    writeFileSync(join(root, 'models/ml/churn_outlook.sql'), "select * from {{ ref('churn_features') }}\n");
    writeFileSync(join(root, 'models/ml/churn_outlook.yml'), EXAMPLE);
    run(root, ['run', '-s', '+churn_features']);
    run(root, ['ml', 'train', 'churn_outlook']);
    run(root, ['run', '-s', 'churn_outlook']);
    const db = await openBuilt(root);
    const [counts] = await query(
      db,
      `select (select count(*)::int from churn_outlook) as scored,
         (select count(*)::int from churn_features where split = 'score') as users,
         (select corr(churn_outlook_probability, (days_since_last_event > 30)::int) from churn_outlook
          join churn_features using (user_id, cutoff_date) where split = 'score') as fits`,
    );
    expect(counts?.scored).toBe(counts?.users);
    expect(Number(counts?.fits)).toBeGreaterThan(0.5);
    await closeBuilt(db);
    const { stdout } = run(root, [
      'ml',
      'evaluate',
      'churn_outlook',
      '--truth',
      'data/raw/truth.jsonl',
      '--output',
      'json',
    ]);
    const [{ metrics }] = JSON.parse(stdout) as [{ metrics: Record<string, { value: number }> }];
    const [auc = 0, oracle = 0] = [metrics.auc?.value, metrics.oracle_auc?.value];
    expect(auc).toBeGreaterThan(0.7);
    // Whoever knows the simulator's plan ranks better than any model can.
    expect(oracle).toBeGreaterThan(auc);
    expect(run(root, ['ml', 'evaluate', 'churn_outlook', '--truth', 'dbt_project.yml'], 1).stderr).toMatch(
      /line 1, can't be read as the simulator's truth/,
    );
  });
});
