import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseArtifact } from '../../src/ml/artifact/index.js';
import { predictProbability } from '../../src/ml/predict.js';
import { compileBin, type Ran, upsql } from '../unit/cli/compiled-bin.js';
import { FEATURES, MODELS, mlProject } from './ml-project.js';

beforeAll(compileBin);

function run(root: string, args: readonly string[], code = 0): Ran & { readonly text: string } {
  const ran = upsql(root, args);
  if (ran.code !== code)
    throw new Error(`upsql ${args.join(' ')} ended with ${ran.code}\n${ran.stdout}\n${ran.stderr}`);
  return { ...ran, text: ran.stdout + ran.stderr };
}

async function read<T>(root: string, work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(join(root, 'shop.duckdb'), { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const query = (root: string, sql: string) =>
  read(root, async (connection) => (await connection.runAndReadAll(sql)).getRowObjectsJson());

const scores = (root: string) => query(root, 'select * from churn_scores order by user_id, churn_probability');

describe('a churn model in YAML', () => {
  let root = '';
  let first: Awaited<ReturnType<typeof scores>> = [];

  beforeAll(() => {
    root = mlProject();
    run(root, ['build', '--select', 'features']);
  });

  it('is not built before it is trained, and says how to', () => {
    const { text } = run(root, ['build', '--select', 'churn_scores'], 1);
    expect(text).toMatch(/there is no trained model 'churn'/);
    expect(text).toMatch(/upsql ml train churn/);
  });

  it('is trained into a file that says where it comes from, and scores as the process does', async () => {
    const { text } = run(root, ['ml', 'train', 'churn_scores']);
    expect(text).toMatch(/split by time \(held out: 2026-01-31\)/);
    expect(text).toMatch(/Wrote churn version 1/);
    expect(text).toMatch(/Promoted churn version 1/);
    const model = parseArtifact(readFileSync(join(root, 'ml/churn/1.json'), 'utf8'), '1.json');
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(model).toMatchObject({
      name: 'churn',
      version: 1,
      task: 'classifier',
      features: ['silent', 'visits', 'minutes'],
      missing: 'learned',
      seed: 42,
      library: { name: 'upsql', version },
      data: { model: 'model.shop.churn_scores', rows: 1800, window: { from: '2026-01-01', to: '2026-01-31' } },
    });
    expect(model.data.fingerprint).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(model.metrics?.values.auc?.value).toBeGreaterThan(0.7);
    expect(model.metrics?.values.auc?.low).toBeLessThan(model.metrics?.values.auc?.value ?? 0);
    run(root, ['build', '--select', 'churn_scores']);
    first = await scores(root);
    expect(Object.keys(first[0] ?? {})).toEqual(['user_id', 'churn_probability', 'predicted_churn']);
    expect(first.length).toBe(2700);
    if (model.task !== 'classifier') throw new Error('not a classifier');
    const rows = await read(root, async (connection) =>
      (
        await connection.runAndReadAll('select silent, visits, minutes from features order by user_id, cutoff_date')
      ).getColumns(),
    );
    const columns = rows.map((column) =>
      Float64Array.from(column, (value) => (value === null ? Number.NaN : Number(value))),
    );
    const expected = predictProbability(model, { rows: 2700, names: ['silent', 'visits', 'minutes'], columns });
    const all = expected.sort();
    const sql = Float64Array.from(first, (row) => Number(row.churn_probability)).sort();
    for (const [i, p] of all.entries()) expect(Math.abs(p - (sql[i] as number))).toBeLessThan(1e-6);
  });

  it('is scored by the compiled model, while artifacts and views have SQL that runs anywhere', async () => {
    const ran = readFileSync(join(root, 'target/run/shop/models/churn_scores.sql'), 'utf8');
    expect(ran).toMatch(/ml_margin_churn_1_[0-9a-f]{12}\(/);
    const { results } = JSON.parse(readFileSync(join(root, 'target/run_results.json'), 'utf8'));
    const [{ compiled_code: sql }] = results;
    expect(sql).not.toMatch(/ml_margin_churn/);
    const [compared] = await query(
      root,
      `select count(*)::int as n, max(abs(a.s - b.s)) < 1e-8 as near from (select user_id, sum(churn_probability) as s from (${sql}) group by all) as a
       join (select user_id, sum(churn_probability) as s from churn_scores group by all) as b using (user_id)`,
    );
    expect(compared).toEqual({ n: 900, near: true });
    writeFileSync(join(root, 'models/models.yml'), MODELS.replace('materialized: table', 'materialized: view'));
    run(root, ['build', '--select', 'churn_scores']);
    const [viewed] = await query(root, 'select count(*)::int as n from churn_scores');
    expect(viewed).toEqual({ n: 2700 });
    writeFileSync(join(root, 'models/models.yml'), MODELS);
    run(root, ['build', '--select', 'churn_scores']);
  });

  it('gives reasons, the strongest first, in a table and nothing else', async () => {
    const reasons = MODELS.replace('churn_scores', 'churn_reasons')
      .replace(/ {2}- name: groups[\s\S]*$/, '')
      .replace('trees: 20', 'output: reasons\n        reasons: 2\n        trees: 20')
      .replace('keep: [user_id]', 'keep: [user_id, cutoff_date]');
    writeFileSync(join(root, 'models/reasons.yml'), reasons);
    writeFileSync(join(root, 'models/churn_reasons.sql'), "select * from {{ ref('features') }}");
    for (let i = 0; i < 2; i++) run(root, ['build', '--select', 'churn_reasons']);
    const rows = await query(
      root,
      `select typeof(cutoff_date) as d, typeof(rank) as r, min(rank) as low, max(rank) as high, count(distinct feature)::int as features,
        bool_and(contribution > 0) as up, count(distinct (user_id, cutoff_date)) > 2000 as most from churn_reasons group by all`,
    );
    expect(rows).toEqual([{ d: 'DATE', r: 'INTEGER', low: 1, high: 2, features: 3, up: true, most: true }]);
    const order = await query(
      root,
      'select count(*)::int as n from churn_reasons as a join churn_reasons as b using (user_id, cutoff_date) where a.rank < b.rank and a.contribution < b.contribution',
    );
    expect(order).toEqual([{ n: 0 }]);
    expect(await query(root, "select table_name from duckdb_tables() where table_name like 'ml_reasons%'")).toEqual([]);
    writeFileSync(join(root, 'models/reasons.yml'), reasons.replace('materialized: table', 'materialized: view'));
    expect(run(root, ['build', '--select', 'churn_reasons'], 1).text).toMatch(
      /reasons as its output, which only a table/,
    );
    writeFileSync(join(root, 'models/reasons.yml'), reasons.replace('keep: [user_id, cutoff_date]', 'keep: [gone]'));
    expect(run(root, ['build', '--select', 'churn_reasons'], 1).text).toMatch(/column 'gone' is missing/);
    rmSync(join(root, 'models/reasons.yml'));
    rmSync(join(root, 'models/churn_reasons.sql'));
  });

  it('gives the same bytes when it is trained again on the same rows, and no new version', () => {
    const before = readFileSync(join(root, 'ml/churn/1.json'), 'utf8');
    expect(run(root, ['ml', 'train', 'churn_scores']).text).toMatch(/same model: nothing written/);
    expect(readdirSync(join(root, 'ml/churn')).sort()).toEqual(['1.json', 'promoted.json']);
    expect(readFileSync(join(root, 'ml/churn/1.json'), 'utf8')).toBe(before);
  });

  it('has a new version when it is trained otherwise, which scores once it is promoted', async () => {
    writeFileSync(join(root, 'models/models.yml'), MODELS.replace('trees: 20', 'trees: 40'));
    expect(run(root, ['ml', 'train', 'churn']).text).toMatch(/Wrote churn version 2/);
    run(root, ['build', '--select', 'churn_scores']);
    expect(await scores(root)).toEqual(first);
    const list = run(root, ['ml', 'list']).text;
    expect(list).toMatch(/\* {2}churn {2}1 .*classifier .*auc 0\.\d{3}/);
    expect(list).toMatch(/^ {3}churn {2}2 /m);
    run(root, ['ml', 'promote', 'churn', '--model-version', '2']);
    run(root, ['build', '--select', 'churn_scores']);
    expect(await scores(root)).not.toEqual(first);
    run(root, ['ml', 'score', 'churn', '--model-version', '1']);
    expect(await scores(root)).toEqual(first);
    run(root, ['ml', 'score', 'churn', '--model-version', '1', '--out', 'old.csv']);
    // The very numbers of the table: both are scored by the compiled model, from which plain SQL differs in the last digits.
    const written = readFileSync(join(root, 'old.csv'), 'utf8').trimEnd().split('\n').slice(1);
    expect(written.map((line) => Number(line.split(',')[1])).sort()).toEqual(
      first.map((row) => Number(row.churn_probability)).sort(),
    );
    const { text } = run(root, ['ml', 'promote', 'churn', '--model-version', '7'], 1);
    expect(text).toMatch(/no version 7/);
    expect(JSON.parse(readFileSync(join(root, 'ml/churn/promoted.json'), 'utf8'))).toEqual({ version: 2 });
  });

  it('counts as modified once another version is promoted', () => {
    writeFileSync(join(root, 'models/scored.sql'), "select * from ({{ ml_predict('churn', ref('features')) }}) as p");
    for (let i = 0; i < 2; i++) run(root, ['parse']);
    mkdirSync(join(root, 'state'), { recursive: true });
    cpSync(join(root, 'target/manifest.json'), join(root, 'state/manifest.json'));
    const modified = () => run(root, ['ls', '--select', 'state:modified', '--state', 'state']).stdout.trim();
    expect(modified()).not.toMatch(/shop\./);
    run(root, ['ml', 'promote', 'churn', '--model-version', '1']);
    for (let i = 0; i < 2; i++) expect(modified().split('\n').sort()).toEqual(['shop.churn_scores', 'shop.scored']);
    run(root, ['parse']);
    cpSync(join(root, 'target/manifest.json'), join(root, 'state/manifest.json'));
    expect(modified()).not.toMatch(/shop\./);
    run(root, ['ml', 'promote', 'churn', '--model-version', '2']);
    expect(modified()).toMatch(/shop\.scored/);
    rmSync(join(root, 'models/scored.sql'));
  });

  it('is judged by the figures of its training as long as no row is newer, and on newer rows then, with its drift', () => {
    expect(run(root, ['ml', 'evaluate', 'churn']).text).toMatch(/rows held out when it was trained \(none are newer\)/);
    const later = FEATURES.replace('look = 2', 'look = 3')
      .replaceAll('look < 2', 'look < 3')
      .replace('silent,\n    visits', 'silent,\n    visits + 40 as visits');
    writeFileSync(join(root, 'models/features.sql'), `{{ config(materialized='table') }}\n${later}`);
    run(root, ['build', '--select', 'features']);
    const ran = run(root, ['ml', 'evaluate', 'churn', '--output', 'json']);
    const [promoted] = JSON.parse(ran.stdout) as [Record<string, never>];
    expect(promoted).toMatchObject({ name: 'churn', version: 2, on: 'new', rows: 900 });
    expect(ran.text).toMatch(/spread otherwise .*visits \(PSI/);
    expect(run(root, ['ml', 'evaluate', 'churn']).text).toMatch(
      /churn version 2 \(promoted\), 900 rows that it has not seen/,
    );
  });
});

describe('what goes wrong', () => {
  let built = '';
  beforeAll(() => {
    built = mlProject();
    run(built, ['build', '--select', 'features']);
  });

  it('leaves the last good scores: a cut off file, another format, a feature that is gone', async () => {
    const root = mlProject();
    run(root, ['build', '--select', 'features']);
    run(root, ['ml', 'train', 'churn']);
    run(root, ['build', '--select', 'churn_scores']);
    const good = await scores(root);
    const file = join(root, 'ml/churn/1.json');
    const text = readFileSync(file, 'utf8');
    for (const [broken, message] of [
      [text.slice(0, text.length / 2), /cut off or not JSON/],
      ['', /it is empty/],
      [text.replace('"format": 1', '"format": 9'), /format 9, but this version of upsql reads format 1/],
      [text.replace('"missing": "learned"', '"missing": "maybe"'), /'missing' is not as a model has it/],
    ] as const) {
      writeFileSync(file, broken);
      expect(run(root, ['build', '--select', 'churn_scores'], 1).text).toMatch(message);
      expect(run(root, ['ml', 'list'], 1).text).toMatch(message);
      expect(await scores(root)).toEqual(good);
    }
    writeFileSync(file, text);
    writeFileSync(join(root, 'models/churn_scores.sql'), "select * exclude (visits) from {{ ref('features') }}");
    const gone = run(root, ['build', '--select', 'churn_scores'], 1).text;
    expect(gone).toMatch(/the model 'churn' \(version 1\) needs 'visits'/);
    expect(await scores(root)).toEqual(good);
    writeFileSync(
      join(root, 'models/churn_scores.sql'),
      "select minutes, visits, * exclude (visits, minutes) from {{ ref('features') }}",
    );
    run(root, ['build', '--select', 'churn_scores']);
    expect(await scores(root)).toEqual(good);
  });

  it.each([
    [
      'a feature that counts events from after the cutoff',
      { features: '[silent, visits, later]' },
      /feature 'later' alone tells the outcome \(AUC 1\.0000\)/,
    ],
    ['the label itself', { features: '[silent, churned]' }, /'churned' is a feature, but it says the outcome/],
    [
      'rows that have seen a day after their cutoff',
      { late: true },
      /'last_seen_date' is after 'cutoff_date' in \d+ rows/,
    ],
  ])('refuses %s', (_, change, message) => {
    const yaml =
      'features' in change
        ? MODELS.replace('features: [silent, visits, minutes]', `features: ${change.features}`)
        : MODELS;
    const features =
      'late' in change ? FEATURES.replace('look * 30 - silent as', 'look * 30 + 3 - silent as') : FEATURES;
    const root = mlProject({
      'models/models.yml': yaml,
      'models/features.sql': `{{ config(materialized='table') }}\n${features}`,
    });
    run(root, ['build', '--select', 'features']);
    expect(run(root, ['ml', 'train', 'churn'], 1).text).toMatch(message);
    expect(existsSync(join(root, 'ml'))).toBe(false);
  });

  it.each([
    ['no rows', 'where false', /there are no rows/],
    ['one class', 'where churned = 1', /every one of the \d+ labels is 1/],
    ['one cutoff without labels', 'where churned is null', /no row has a value in 'churned'/],
  ])('refuses to train on %s', (_, where, message) => {
    writeFileSync(join(built, 'models/churn_scores.sql'), `select * from {{ ref('features') }} ${where}`);
    const root = built;
    expect(run(root, ['ml', 'train', 'churn'], 1).text).toMatch(message);
  });

  it.each([
    ['type: classifier', 'type: clasifier', /'ml.type' of 'churn_scores' is "clasifier"/],
    ['label: churned', 'lable: churned', /'ml\.(lable|label)' of 'churn_scores'/],
    ['trees: 20', 'trees: many', /'ml.trees' of 'churn_scores' is "many"/],
    ['label: churned', 'label: chuned', /column 'chuned' is missing/],
  ])('tells what is wrong with %s written as %s', (right, wrong, message) => {
    writeFileSync(join(built, 'models/models.yml'), MODELS.replace(right, wrong));
    writeFileSync(join(built, 'models/churn_scores.sql'), "select * from {{ ref('features') }}");
    const ran = upsql(built, ['ml', 'train', 'churn_scores']);
    expect(ran.code).toBe(1);
    expect(ran.stdout + ran.stderr).toMatch(message);
  });
});

describe('segments in YAML', () => {
  it('are trained in the build, named, scored in SQL, and stay as they were when rows cannot be clustered', async () => {
    const root = mlProject();
    const { text } = run(root, ['build', '--select', 'features', 'groups']);
    expect(text).toMatch(/900 of 900 rows fitted, inertia/);
    const sizes = await query(
      root,
      'select segment, cluster, count(*)::int as n from groups group by all order by cluster',
    );
    expect(sizes.map((row) => row.segment)).toEqual(['Power Users', 'Casual Browsers', 'At-Risk']);
    expect(sizes.reduce((sum, row) => sum + Number(row.n), 0)).toBe(900);

    const built = await query(root, 'select * from groups order by user_id');
    for (const [columns, where, message] of [
      ['*', 'false', /there are no rows/],
      ['*', 'churned is null and user_id < 2', /2 rows for 3 clusters/],
      ["* replace ('inf'::double as minutes)", 'churned is null', /'minutes' is infinite/],
      ["* replace ('many' as visits)", 'churned is null', /'visits' is not numeric/],
      ['* exclude (visits)', 'churned is null', /'visits' is missing/],
    ] as const) {
      writeFileSync(join(root, 'models/groups.sql'), `select ${columns} from {{ ref('features') }} where ${where}`);
      expect(run(root, ['build', '--select', 'groups'], 1).text).toMatch(message);
      expect(await query(root, 'select * from groups order by user_id')).toEqual(built);
    }
  });
});

describe('ml_ macros', () => {
  it('score, describe and compare in any model', async () => {
    const root = mlProject({
      'models/scored.sql': `select p.user_id, p.risk from ({{ ml_predict('churn', ref('features'), rename={'churn_probability': 'risk'}) }}) as p`,
      'models/kept.sql': `{{ config(materialized='table') }} with p as ({{ ml_predict('churn', ref('features'), keep=['user_id', 'cutoff_date']) }}) select * from p`,
      'models/figures.sql': "{{ config(materialized='table') }} {{ ml_facts('churn', 'metrics') }}",
      'models/reasons.sql': "{{ config(materialized='table') }} {{ ml_facts('churn', 'importance') }}",
      'models/drift.sql': "{{ config(materialized='table') }} {{ ml_drift('churn', ref('features')) }}",
    });
    run(root, ['build', '--select', 'features']);
    run(root, ['ml', 'train', 'churn']);
    run(root, ['build', '--exclude', 'groups']);
    // The table was scored by the compiled model, the view is plain SQL.
    const [same] = await query(
      root,
      `select count(*)::int as n, max(abs(churn_probability - risk)) < 1e-8 as near from (
        select user_id, churn_probability, row_number() over (partition by user_id order by churn_probability) as i from churn_scores
      ) join (select user_id, risk, row_number() over (partition by user_id order by risk) as i from scored) using (user_id, i)`,
    );
    expect(same).toEqual({ n: 2700, near: true });
    const [kept] = await query(
      root,
      `select count(*)::int as n, max(abs(kept.churn_probability - v.churn_probability)) < 1e-8 as near from kept
       join (${readFileSync(join(root, 'target/compiled/shop/models/kept.sql'), 'utf8')}) as v using (user_id, cutoff_date)`,
    );
    expect(kept).toEqual({ n: 2700, near: true });
    const statement = (name: string) => readFileSync(join(root, `target/run/shop/models/${name}.sql`), 'utf8');
    expect(statement('kept')).toMatch(/ml_margin_churn_1_/);
    expect(statement('kept')).not.toMatch(/case when ml_f/);
    expect(statement('scored')).not.toMatch(/ml_margin_churn_1_/);
    expect(await query(root, "select value > 0.7 as good from figures where metric = 'auc'")).toEqual([{ good: true }]);
    expect(await query(root, 'select round(sum(importance), 6) as s from reasons')).toEqual([{ s: 1 }]);
    // Two thirds of the rows are those learnt from: next to no drift.
    expect(await query(root, 'select feature, psi < 0.05 as calm, drifted from drift order by feature')).toEqual(
      ['minutes', 'silent', 'visits'].map((feature) => ({ feature, calm: true, drifted: false })),
    );
  });
});
