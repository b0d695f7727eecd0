import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileBin, startUpsql } from '../unit/cli/compiled-bin.js';
import { withOpened } from './macros-session.js';
import { makeProject } from './test-project.js';

beforeAll(compileBin);

const message = (result: { diagnostics: readonly { message: string }[] } | undefined) =>
  result?.diagnostics.map((d) => d.message).join('\n') ?? '';

describe('a relation that is replaced', () => {
  it('is there for readers all the time, whatever it turns into', async () => {
    const project = makeProject({
      'models/m.sql':
        "{{ config(materialized=var('how')) }}\nselect range as n, {{ var('round') }} as round from range(20000)",
    });
    let round = 0;
    const seen = new Set<string>();
    for (const how of ['table', 'view', 'table', 'incremental', 'view', 'incremental']) {
      round++;
      await withOpened(
        project,
        async ({ run, rows }) => {
          let done = false;
          const read = async () =>
            seen.add(JSON.stringify((await rows('select min(round), max(round), count(*)::int from m'))[0]));
          if (round > 1) await read();
          const reading = (async () => {
            while (!done && round > 1) {
              await read();
              await wait(0);
            }
          })();
          const { m } = await run({ fullRefresh: true });
          done = true;
          await reading;
          expect(message(m)).toBe('');
          expect(m?.status).toBe('success');
          expect(await rows('select distinct round from m')).toEqual([[round]]);
          const type = how === 'view' ? 'VIEW' : 'BASE TABLE';
          const listed = "select table_name, table_type from information_schema.tables where table_schema = 'main'";
          expect(await rows(listed)).toEqual([['m', type]]);
        },
        { how, round },
      );
    }
    for (const line of seen) {
      const [low, high, count] = JSON.parse(line) as number[];
      expect(low).toBe(high);
      expect(count).toBe(20000);
    }
    expect(seen.size).toBeGreaterThanOrEqual(5);
  });

  it('stays as it was when the query, an index, a contract or a hook in the transaction fails', async () => {
    const project = makeProject({ 'models/m.sql': "{{ config(materialized='table') }}\nselect 1 as id" });
    await withOpened(project, async ({ run }) => expect((await run()).m?.status).toBe('success'));
    const failing: Record<string, string> = {
      query: "{{ config(materialized='table') }}\nselect error('no')::int as id",
      index:
        "{{ config(materialized='table', indexes=[{'columns': ['id'], 'unique': true}]) }}\nselect 2 as id from range(2)",
      hook: "{{ config(materialized='table', post_hook='select * from nowhere') }}\nselect 3 as id",
      type: "{{ config(materialized='view', post_hook='select * from nowhere') }}\nselect 4 as id",
      contract: "{{ config(materialized='table', contract={'enforced': true}) }}\nselect 'x' as id",
    };
    project.write(
      'models/m.yml',
      'models: [{name: m, columns: [{name: id, data_type: integer, constraints: [{type: not_null}]}]}]',
    );
    for (const [name, sql] of Object.entries(failing)) {
      project.write('models/m.sql', sql);
      await withOpened(project, async ({ run, rows }) => {
        expect((await run()).m?.status, name).toBe('error');
        expect(await rows('select id from m'), name).toEqual([[1]]);
        expect(await rows('select count(*)::int from duckdb_indexes()'), name).toEqual([[0]]);
      });
    }
    project.write(
      'models/m.sql',
      "{{ config(materialized='table', contract={'enforced': true}, post_hook={'sql': 'select * from nowhere', 'transaction': false}) }}\nselect 5 as id",
    );
    await withOpened(project, async ({ run, rows }) => {
      expect((await run()).m?.status).toBe('error');
      expect(await rows('select id from m'), 'a hook after the commit cannot undo it').toEqual([[5]]);
    });
  });

  it('survives a kill at any moment, and the next run clears what was left', async () => {
    const sql = (rows: number) =>
      `{{ config(materialized=var('how', 'table')) }}\nselect range as n, ${rows} as size from range(${rows})`;
    const project = makeProject({ 'models/m.sql': sql(5) });
    const first = project.upsql('run');
    expect(first.code, first.text).toBe(0);
    project.write('models/m.sql', sql(3_000_000));
    for (const [index, delay] of [150, 250, 350, 450].entries()) {
      const how = index % 2 === 0 ? 'view' : 'table';
      const child = startUpsql(project.dir, ['run', '--vars', `{how: ${how}}`]);
      const ended = once(child, 'exit');
      await wait(delay);
      child.kill('SIGKILL');
      await ended;
      const [found] = await project.rows('select count(*)::int = min(size) and min(size) = max(size) from m');
      expect(found).toEqual([true]);
    }
    await withOpened(project, async ({ rows, loaded }) => {
      const { adapter } = await loaded.engine();
      const session = await adapter.session('left');
      await session.execute('create table m__dbt_tmp as select 1 as n; create table m__dbt_backup as select 1 as n');
      expect(
        await rows("select count(*)::int from duckdb_tables() where table_name like 'm\\_\\_%' escape '\\'"),
      ).toEqual([[2]]);
    });
    expect(project.upsql('run').code).toBe(0);
    expect(await project.rows("select table_name from information_schema.tables where table_schema = 'main'")).toEqual([
      ['m'],
    ]);
    expect(await project.rows('select count(*)::int from m')).toEqual([[3_000_000]]);
  });
});

describe('hooks', () => {
  it('run inside and outside of the transaction, in order', async () => {
    const project = makeProject({
      'models/m.sql': `{{ config(materialized='table',
        pre_hook=[before_begin('create table if not exists log (line varchar)'), "insert into log values ('pre')", ''],
        post_hook=["insert into log select 'post ' || count(*) from {{ this }}", after_commit("insert into log values ('after')")]) }}
select 1 as id from range(3)`,
    });
    await withOpened(project, async ({ run, rows, statements }) => {
      const { m } = await run();
      expect(message(m)).toBe('');
      expect(await rows('select line from log')).toEqual([['pre'], ['post 3'], ['after']]);
      const order = statements.map((s) => /^(begin|commit|create (?:or replace )?table|insert into log)/.exec(s)?.[0]);
      expect(order.filter((s) => s !== undefined)).toEqual([
        'create table',
        'begin',
        'insert into log',
        'create or replace table',
        'insert into log',
        'commit',
        'insert into log',
      ]);
    });
  });
});
