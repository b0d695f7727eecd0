import { beforeAll, describe, expect, it } from 'vitest';
import { validator } from '../unit/artifacts/schemas.js';
import { compileBin } from '../unit/cli/compiled-bin.js';
import { makeProject, statusesOf, type TestProject } from './test-project.js';

beforeAll(compileBin);

const config =
  "materialized='incremental', incremental_strategy='microbatch', event_time='at_time', begin='2024-01-01', batch_size='day', lookback=1";
const files = {
  'models/events.sql': `{{ config(materialized='table', event_time='at_time') }}
select i::int as id, timestamp '2024-01-01 06:00:00' + to_days(i::int) as at_time from range({{ var('days', 5) }}) t(i)`,
  'models/plain.sql': 'select 1 as one',
  'models/daily.sql': `{{ config(${config},
  pre_hook="create table if not exists pre_ran as select '{{ model.batch.id }}' as batch",
  post_hook="create table if not exists post_ran as select '{{ model.batch.id }}' as batch") }}
-- incremental: {{ is_incremental() }} batch {{ model.batch.id if model.batch }}
select id, at_time, {{ "error('boom')" if model.batch and model.batch.id == var('fail', '') else "'ok'" }} as state
from {{ ref('events') }} cross join {{ ref('plain') }}`,
  'models/down.sql': "select count(*)::int as n from {{ ref('daily') }}",
};
const span = ['--event-time-start', '2024-01-01', '--event-time-end', '2024-01-05'];

interface Result {
  readonly unique_id: string;
  readonly [field: string]: unknown;
}

function resultOf(project: TestProject, name: string): Result {
  const { results } = project.artifact('run_results.json') as { results: Result[] };
  const found = results.find((result) => result.unique_id === `model.shop.${name}`);
  if (found === undefined) throw new Error(`no result of ${name}`);
  return found;
}

const day = (n: number): [string, string] => [`2024-01-0${n}T00:00:00+00:00`, `2024-01-0${n + 1}T00:00:00+00:00`];
const daysOf = (project: TestProject) =>
  project.rows("select strftime(at_time, '%d'), count(*)::int from daily group by 1 order by 1");

describe('microbatch models', () => {
  it('are built batch by batch, each with its span of every input that has an event_time', async () => {
    const project = makeProject(files);
    const ran = project.upsql('run', ...span);
    expect(ran.code).toBe(0);
    expect(ran.text).toMatch(/START sql microbatch model main\.daily/);
    expect(ran.text).toMatch(/Batch 2 of 4 START batch 2024-01-02 of main\.daily \.+ \[RUN\]/);
    expect(ran.text).toMatch(/Batch 4 of 4 OK created batch 2024-01-04 of main\.daily \.+ \[OK in \d/);
    expect(await daysOf(project)).toEqual([
      ['01', 1],
      ['02', 1],
      ['03', 1],
      ['04', 1],
    ]);
    expect(project.read('target/compiled/shop/models/daily/daily_2024-01-02.sql')).toContain(
      `from (select * from "shop"."main"."events" where at_time >= '2024-01-02 00:00:00+00:00' and at_time < '2024-01-03 00:00:00+00:00') cross join "shop"."main"."plain"`,
    );
    expect(project.read('target/compiled/shop/models/daily/daily_2024-01-01.sql')).toContain(
      'incremental: False batch 20240101',
    );
    expect(project.read('target/compiled/shop/models/daily/daily_2024-01-02.sql')).toContain(
      'incremental: True batch 20240102',
    );
    expect(project.read('target/run/shop/models/daily/daily_2024-01-03.sql')).toMatch(
      /delete from "shop"\."main"\."daily"\s+where at_time >= '2024-01-03 00:00:00\+00:00' and at_time < '2024-01-04 00:00:00\+00:00'/,
    );
    expect(await project.rows('select (select batch from pre_ran), (select batch from post_ran)')).toEqual([
      ['20240101', '20240104'],
    ]);
    expect(resultOf(project, 'daily')).toMatchObject({
      status: 'success',
      message: 'SUCCESS',
      failures: 0,
      compiled: false,
      adapter_response: {},
      batch_results: { successful: [1, 2, 3, 4].map(day), failed: [] },
    });
    const isValid = validator('run-results');
    expect(isValid(project.artifact('run_results.json')), JSON.stringify(isValid.errors)).toBe(true);
  });

  it('a failed batch fails no other; retry runs it alone, and what was skipped for it', async () => {
    const project = makeProject(files);
    const ran = project.upsql('run', ...span, '--vars', '{fail: "20240103"}');
    expect(ran.code).toBe(1);
    expect(ran.text).toMatch(/PARTIALLY created sql microbatch model main\.daily \.+ \[PARTIAL SUCCESS \(3\/4\) in/);
    expect(ran.text).toMatch(/Completed with 1 partial success and 0 warnings/);
    expect(ran.text).toContain('boom');
    expect(statusesOf(project)).toMatchObject({ daily: 'partial success', down: 'skipped' });
    expect(resultOf(project, 'daily').batch_results).toEqual({ successful: [1, 2, 4].map(day), failed: [day(3)] });
    expect(await daysOf(project)).toEqual([
      ['01', 1],
      ['02', 1],
      ['04', 1],
    ]);
    const again = project.upsql('retry');
    expect(again.code).toBe(1);
    expect(again.text).toContain('Batch 1 of 1 START batch 2024-01-03');
    expect(resultOf(project, 'daily')).toMatchObject({ status: 'error', message: 'ERROR' });
    const fixed = project.upsql('retry', '--vars', '{}');
    expect(fixed.code).toBe(0);
    expect(statusesOf(project)).toEqual({ daily: 'success', down: 'success' });
    expect(resultOf(project, 'daily').batch_results).toEqual({ successful: [3, 1, 2, 4].map(day), failed: [] });
    expect(await daysOf(project)).toEqual([
      ['01', 1],
      ['02', 1],
      ['03', 1],
      ['04', 1],
    ]);
  });

  it('begin no other batch when the first one fails', async () => {
    const project = makeProject(files);
    const ran = project.upsql('run', ...span, '--vars', '{fail: "20240101"}');
    expect(ran.code).toBe(1);
    expect(ran.text).toMatch(/Batch 3 of 4 SKIP batch 2024-01-03 of main\.daily \.+ \[SKIPPED\]/);
    expect(resultOf(project, 'daily')).toMatchObject({
      status: 'error',
      batch_results: { successful: [], failed: [1, 2, 3, 4].map(day) },
    });
    expect(project.upsql('retry', '--vars', '{}').code).toBe(0);
    expect(resultOf(project, 'daily').batch_results).toEqual({ successful: [1, 2, 3, 4].map(day), failed: [] });
  });

  it('build the newest batches again later, by lookback, and all of them with --full-refresh', async () => {
    const today = new Date();
    const begin = new Date(today.getTime() - 5 * 86_400_000).toISOString().slice(0, 10);
    const project = makeProject({
      'models/events.sql':
        "{{ config(materialized='table', event_time='at_time') }} select now()::timestamp as at_time",
      'models/daily.sql': `{{ config(${config.replace('2024-01-01', begin)}) }} select * from {{ ref('events') }}`,
    });
    const batches = (): number =>
      (resultOf(project, 'daily').batch_results as { successful: unknown[] }).successful.length;
    expect(project.upsql('run').code).toBe(0);
    expect(batches()).toBe(6);
    expect(project.upsql('run').code).toBe(0);
    expect(batches()).toBe(2);
    expect(project.upsql('run', '--full-refresh').code).toBe(0);
    expect(batches()).toBe(6);
    expect(await project.rows('select count(*)::int from daily')).toEqual([[1]]);
  });

  it('run side by side where that is safe, in any number', async () => {
    const project = makeProject({
      ...files,
      'models/daily.sql': files['models/daily.sql'].replace(
        "batch_size='day'",
        "batch_size='day', concurrent_batches=true",
      ),
    });
    const ran = project.upsql(
      'run',
      '--threads',
      '4',
      '--vars',
      '{days: 30}',
      '--event-time-start',
      '2024-01-01',
      '--event-time-end',
      '2024-01-31',
    );
    expect(ran.text).toContain('Completed successfully');
    expect(await project.rows('select count(*)::int, count(distinct id)::int from daily')).toEqual([[30, 30]]);
    // The second was done, or at least begun, before the third's turn.
    const starts = [...ran.stdout.matchAll(/Batch (\d+) of 30 (START|OK)/g)].map(([, n, what]) => `${what} ${n}`);
    expect(starts.slice(0, 2)).toEqual(['START 1', 'OK 1']);
    expect(starts.slice(-2)).toEqual(['START 30', 'OK 30']);
    const overlaps = starts.some((what, i) => what.startsWith('START') && starts[i + 1]?.startsWith('START'));
    expect(overlaps).toBe(true);
  });

  it('are told of what is wrong in their configs', () => {
    const project = makeProject({
      'models/bad.sql':
        "{{ config(materialized='incremental', incremental_strategy='microbatch', batch_size='week', begin='soon', lookback=1.5) }} select 1 as id",
      'models/whole.sql': `{{ config(${config}) }} select 1 as id, now() as at_time`,
    });
    const ran = project.upsql('parse');
    expect(ran.code).toBe(2);
    for (const text of [
      "has no 'event_time'",
      'no date or time: soon',
      "has the 'batch_size' week",
      'no whole number: 1.5',
    ]) {
      expect(ran.text).toContain(text);
    }
    expect(ran.text).toMatch(/models\/bad\.sql:1:1/);
    expect(ran.text).toContain("No input of the microbatch model 'whole' has an event_time");
    expect(project.upsql('run', '--event-time-start', '2024-01-01').text).toContain('--event-time-end is missing');
  });
});

describe('--sample', () => {
  it('cuts inputs with an event_time to the span, for models and batches', async () => {
    const project = makeProject({ ...files, 'models/all_events.sql': "select * from {{ ref('events') }}" });
    const sample = ['--sample', '{start: 2024-01-02, end: 2024-01-04}'];
    expect(project.upsql('run', ...sample).code).toBe(0);
    expect(project.read('target/compiled/shop/models/all_events.sql')).toBe(
      `select * from (select * from "shop"."main"."events" where at_time >= '2024-01-02 00:00:00+00:00' and at_time < '2024-01-04 00:00:00+00:00')`,
    );
    expect(await daysOf(project)).toEqual([
      ['02', 1],
      ['03', 1],
    ]);
    expect(await project.rows('select count(*)::int from all_events')).toEqual([[2]]);
    expect(project.upsql('run', '--sample', '3 weeks')).toMatchObject({ code: 2 });
  });
});
