import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { createDuckDbAdapter } from '../../src/adapters/duckdb/index.js';
import { randomBelow } from '../seeded-random.js';
import { compileBin, upsql } from '../unit/cli/compiled-bin.js';
import { killing } from './killing.js';
import { makeProject } from './test-project.js';

beforeAll(compileBin);

const N = 8;
const models = (v: number): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: N }, (_, i) => [
      `models/m${i}.sql`,
      `{{ config(materialized='table') }} select ${v} as v from ${i === 0 ? "{{ ref('raw') }}" : `{{ ref('m${i - 1}') }}`} limit 1`,
    ]),
  );

async function rows(dir: string, sql: string) {
  const adapter = createDuckDbAdapter({ type: 'duckdb', path: 'shop.duckdb' }, { projectRoot: dir });
  await adapter.open();
  try {
    return [...(await (await adapter.session('look')).execute(sql)).rows];
  } finally {
    await adapter.close();
  }
}

it('a promotion that is killed at any statement has changed all of production or nothing, and is done by the next', {
  timeout: 300_000,
}, async () => {
  const project = makeProject({ 'seeds/raw.csv': 'id\n1\n', ...models(1) });
  expect(project.upsql('build').code).toBe(0);
  for (const [file, text] of Object.entries(models(2))) project.write(file, text);
  expect(project.upsql('build', '--env', 'dev_x').code).toBe(0);
  const copy = (): string => {
    const dir = mkdtempSync(join(tmpdir(), 'upsql-killed-'));
    cpSync(project.dir, dir, { recursive: true });
    return dir;
  };
  const promote = (dir: string, env: Readonly<Record<string, string>> = {}) =>
    upsql(dir, ['env', 'promote', 'dev_x'], { HOME: dir, ...env });
  const values = `select distinct v from (${Array.from({ length: N }, (_, i) => `select v from main.m${i}`).join(' union all ')})`;
  const views =
    "select count(*)::int from information_schema.tables where table_schema = 'main' and table_type = 'VIEW'";

  const count = killing('duckdb');
  const whole = copy();
  expect(promote(whole, count.env())).toMatchObject({ code: 0 });
  const asked = count.asked();
  // What the kills are among: the schema's DDL, each rename and each view, and the commit.
  expect(asked.filter((sql) => /^alter table .* rename/i.test(sql))).toHaveLength(N);
  expect(asked.filter((sql) => /^create or replace view/i.test(sql))).toHaveLength(N);
  const first = asked.findIndex((sql) => /^alter table/i.test(sql)) + 1;
  const commit = asked.findIndex((sql, i) => i > first && /^commit/i.test(sql)) + 1;
  expect(commit).toBeGreaterThan(first);

  const random = randomBelow(20261124);
  const within = Array.from({ length: 4 }, () => first + random(commit - first));
  const before = 1 + random(first - 1);
  const seen = new Set<unknown>();
  for (const n of [before, ...within, commit, commit + 1]) {
    const dir = copy();
    expect([n, promote(dir, count.env(n)).code]).toEqual([n, null]);
    const [[value] = [], ...others] = await rows(dir, values);
    const done = value === 2;
    seen.add(value);
    expect([n, others, await rows(dir, views)]).toEqual([n, [], [[done ? N : 0]]]);
    const again = promote(dir);
    expect([n, again.code, again.stdout.split('\n')[0]]).toEqual([
      n,
      0,
      done ? 'Nothing to promote: production shows what dev_x has' : `Promoted dev_x: ${N} relations of production`,
    ]);
    expect([n, await rows(dir, values), await rows(dir, views)]).toEqual([n, [[2]], [[N]]]);
  }
  // The last blow falls after the commit, the others before.
  expect([...seen]).toEqual([1, 2]);
});
