import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compile, loadProject } from '../../src/index.js';
import { withOpened } from './macros-session.js';
import { makeProject } from './test-project.js';

const CALLS: Record<string, Record<string, string>> = JSON.parse(
  readFileSync(new URL('fixtures/macros/calls.json', import.meta.url), 'utf8'),
);

describe('calls of built-in macros', () => {
  it.each(Object.keys(CALLS))('give dbt-core’s text, spaces included: %s', async (subject) => {
    const calls = Object.entries(CALLS[subject] ?? {});
    const body = calls.map(([call], index) => `[${index}]<<{{ ${call} }}>>`).join('\n');
    const project = makeProject({ [`models/${subject}.sql`]: `{% if execute %}${body}{% endif %}` });
    const loaded = await loadProject({ projectDir: project.dir, profilesDir: project.dir, env: {} });
    try {
      const { results } = await compile(loaded);
      const [result] = results;
      expect(result?.diagnostics).toEqual([]);
      const given = [...(result?.compiledCode ?? '').matchAll(/\[\d+\]<<([\s\S]*?)>>(?=\n\[|$)/g)].map((m) => m[1]);
      expect(Object.fromEntries(calls.map(([call], index) => [call, given[index]]))).toEqual(CALLS[subject]);
    } finally {
      await loaded.close();
    }
  });
});

describe('statements a model takes', () => {
  const project = makeProject({
    'models/v.sql': 'select 1 as id',
    'models/t.sql': "{{ config(materialized='table') }}\nselect id from {{ ref('v') }}",
    'models/app.sql':
      "{{ config(materialized='incremental', incremental_strategy='append') }}\nselect id from {{ ref('v') }}",
    'models/di.sql': "{{ config(materialized='incremental', unique_key='id') }}\nselect id from {{ ref('v') }}",
  });

  it('is one for a view and a table, new or there already', async () => {
    await withOpened(project, async ({ run, statements }) => {
      await run({ select: ['v'] });
      expect(statements.filter((s) => s.includes('"v"'))).toEqual([
        'create or replace view "shop"."main"."v" as ( select 1 as id );',
      ]);
      expect(statements.filter((s) => /^(begin|commit|rollback)$/.test(s))).toEqual([]);
      for (const _ of [1, 2]) {
        await run({ select: ['t'] });
        expect(statements.filter((s) => s.includes('"t"'))).toHaveLength(1);
        expect(statements.filter((s) => /^(begin|commit|rollback)$/.test(s))).toEqual([]);
      }
    });
  });

  it('is one that writes for rows that are only added, and one transaction for rows that are replaced', async () => {
    await withOpened(project, async ({ run, statements, rows }) => {
      await run();
      await run({ select: ['app'] });
      const writes = /^(begin|commit|insert|delete|update|merge|create|drop)/;
      expect(statements.filter((s) => writes.test(s) && (s.includes('app') || !s.includes('"')))).toEqual([
        'create or replace temporary view "app__dbt_tmp" as ( select id from "shop"."main"."v" )',
        'insert into "shop"."main"."app" ("id") ( select "id" from "app__dbt_tmp" )',
        'drop view if exists "app__dbt_tmp" cascade',
      ]);
      await run({ select: ['di'] });
      expect(statements.filter((s) => writes.test(s) && (s.includes('di') || !s.includes('"')))).toEqual([
        'create or replace temporary table "di__dbt_tmp" as ( select id from "shop"."main"."v" );',
        'begin',
        'delete from "shop"."main"."di" where (id) in ( select (id) from "di__dbt_tmp" ); insert into "shop"."main"."di" ("id") ( select "id" from "di__dbt_tmp" )',
        'commit',
        'drop table if exists "di__dbt_tmp" cascade',
      ]);
      expect(await rows('select count(*)::int from app')).toEqual([[2]]);
      expect(await rows('select count(*)::int from di')).toEqual([[1]]);
    });
  });
});
