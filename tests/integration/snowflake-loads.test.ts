import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter, BulkLoad, Session, SqlValue } from '../../src/adapters/adapter.js';
import { createSnowflakeAdapter } from '../../src/adapters/snowflake/index.js';
import { noStandIn, type StandIn, startStandIn, titled } from '../stand-ins/snowflake/stand-in.js';
import { compileBin } from '../unit/cli/compiled-bin.js';
import { bare, snowflakeProject, unreadable } from './snowflake-project.js';

const MANY = 30_000;
const range = Array.from({ length: MANY }, (_, i) => i);

describe.skipIf(noStandIn !== undefined)(titled('loads into Snowflake by files'), () => {
  let standIn: StandIn;
  let adapter: Adapter;
  let session: Session;
  // A folder for temporary files that no other test writes to.
  const temporary = mkdtempSync(join(tmpdir(), 'upsql-loads-'));
  const before = process.env.TMPDIR;

  beforeAll(async () => {
    process.env.TMPDIR = temporary;
    await compileBin();
    standIn = await startStandIn();
    adapter = createSnowflakeAdapter(standIn.profile(), { projectRoot: process.cwd() });
    await adapter.open();
    session = await adapter.session('Thread-1');
  });
  afterAll(async () => {
    await adapter?.close();
    await standIn?.stop();
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(temporary, { recursive: true, force: true });
  });

  const rows = async (sql: string): Promise<readonly (readonly SqlValue[])[]> => (await session.execute(sql)).rows;
  const left = () => readdirSync(temporary).filter((name) => name.startsWith('upsql-load-'));
  const sent = async () =>
    (await standIn.log(true)).statements.map(({ sql }) => bare(sql).split(' ').slice(0, 2).join(' '));

  const load = (identifier: string, more: Partial<BulkLoad> = {}): BulkLoad => ({
    table: { database: 'ANALYTICS', schema: 'DBT', identifier },
    columns: [
      { name: 'ID', type: 'bigint' },
      { name: 'SCORE', type: 'double' },
      { name: 'NOTE', type: 'varchar' },
      { name: 'SEEN_AT', type: 'timestamp' },
      { name: 'TAGS', type: 'json' },
      { name: 'OK', type: 'boolean' },
    ],
    data: [
      range.map((i) => (i === 0 ? 9007199254740993n : i)),
      Float64Array.from(range, (i) => (i % 3 === 0 ? Number.NaN : i / 7)),
      range.map((i) => ['', null, 'a"b', 'c,d', 'two\nlines', 'back\\slash', '\\N', 'ü'][i % 8] ?? null),
      range.map((i) => (i % 2 === 0 ? '2024-02-29 12:30:00.123456' : null)),
      range.map((i) => (i % 2 === 0 ? { a: [i, null, 'x"y'] } : null)),
      range.map((i) => (i % 3 === 0 ? null : i % 2 === 0)),
    ],
    length: MANY,
    ...more,
  });

  it('puts a large result onto the stage, with the same values as literals', async () => {
    await standIn.log(true);
    await session.load(load('BY_FILE'));
    expect(await sent()).toEqual([
      'create or',
      expect.stringMatching(/^put 'file:/),
      'copy into',
      'create or',
      'drop table',
    ]);
    const small = load('BY_LITERAL');
    await session.load({ ...small, data: small.data.map((data) => data.slice(0, 2_000)), length: 2_000 });
    expect(await sent()).toEqual(['create or', 'insert into', 'create or', 'drop table']);
    const same = 'select count(*) from (select * from by_literal minus select * from by_file)';
    expect(await rows(same)).toEqual([[0]]);
    expect(await rows('select count(*), count(score), count(note), count(seen_at), count(ok) from by_file')).toEqual([
      [MANY, 20_000, 26_250, 15_000, 20_000],
    ]);
    expect(
      await rows(
        "select count(*) from by_file where note = '' union all select count(*) from by_file where note = '\\\\N'",
      ),
    ).toEqual([[3750], [3750]]);
    expect((await rows('select id, seen_at from by_file order by id desc limit 1'))[0]).toEqual([
      9007199254740993n,
      '2024-02-29 12:30:00.123456',
    ]);
    expect(await rows('list @~/upsql')).toEqual([]);
    expect(left()).toEqual([]);
  });

  it('keeps nulls of a single column', async () => {
    const { table, columns } = load('ALONE');
    const data = [range.map((i) => (i % 2 === 0 ? null : i === 1 ? '' : 'x'))];
    await session.load({ table, columns: columns.slice(2, 3), data, length: MANY });
    expect(await rows("select count(*), count(note), count_if(note = '') from alone")).toEqual([[MANY, MANY / 2, 1]]);
    const odd = [range.map((i) => (i === 5 ? '\\N' : null))];
    await session.load({ table, columns: columns.slice(2, 3), data: odd, length: MANY });
    expect(await rows('select count(note), max(note) from alone')).toEqual([[1, '\\N']]);
  });

  it.each(['put ', 'copy into', 'as select'])(
    'that fails at %s leaves the table and the stage as they were',
    async (match) => {
      await session.execute('create or replace table kept as select 1 as id');
      await standIn.fault({ on: 'statement', do: 400, match });
      await expect(session.load(load('KEPT'))).rejects.toThrow();
      await standIn.clearFaults();
      expect(await rows('select * from kept')).toEqual([[1]]);
      expect(await rows('list @~/upsql')).toEqual([]);
      expect(left()).toEqual([]);
    },
  );

  it('fetches a large result by files, with the values of a small one', async () => {
    await session.execute(`create or replace table wide as select range as id, case when range % 3 = 0 then null else range / 7 end::float as score,
      case when range % 2 = 0 then 'n"' || range end as note, '2024-02-29 12:30:00.25'::timestamp_ntz as seen_at, '2024-02-29'::date as day,
      range % 2 = 0 as ok, 9007199254740993 + range as big, (range / 4)::number(12,2) as price from range(120000)`);
    await standIn.log(true);
    const large = await session.columns('select * from wide');
    expect(await sent()).toEqual([
      'select *',
      'copy into',
      expect.stringMatching(/^get @~/),
      expect.stringMatching(/^remove @~/),
    ]);
    const small = await session.columns('select * from wide where id < 50000');
    expect(await sent()).toEqual(['select *']);
    expect([large.length, small.length]).toEqual([120_000, 50_000]);
    expect(large.types).toEqual(small.types);
    const places = new Map(Array.from(large.columns.get('ID') ?? [], (id, i) => [Number(id), i]));
    const ids = Array.from(small.columns.get('ID') ?? [], Number);
    for (const { name } of small.types) {
      const [here, there] = [small.columns.get(name) ?? [], large.columns.get(name) ?? []];
      expect(there instanceof Float64Array, name).toBe(here instanceof Float64Array);
      expect(
        ids.findIndex((id, i) => !Object.is(here[i], there[places.get(id) ?? -1])),
        name,
      ).toBe(-1);
    }
    expect(await rows('list @~/upsql')).toEqual([]);
    expect(readdirSync(temporary).filter((name) => name.startsWith('upsql-unload-'))).toEqual([]);
  });

  describe('in a project', () => {
    const seed = (size: number) =>
      `id,name,joined\n${range
        .slice(0, size)
        .map((i) => `${i},${i % 5 === 0 ? '' : `"n ""${i}"""`},2024-01-${String((i % 28) + 1).padStart(2, '0')}`)
        .join('\n')}\n`;
    const files = {
      'seeds/many.csv': seed(20_000),
      'seeds/few.csv': seed(500),
      'models/doubled.ts': `
        import type { ModelContext, ModelResult } from 'upsql/model';
        export const config = { materialized: 'incremental', unique_key: 'id', refs: ['many'] };
        export default async function model({ columns, isIncremental }: ModelContext): Promise<ModelResult> {
          const many = await columns('many');
          const from = isIncremental ? 15_000 : 0;
          const ids = Array.from(many.columns.id as Float64Array).filter((id) => id >= from);
          return { columns: { id: Float64Array.from(ids), twice: ids.map((id) => (isIncremental ? -id : id * 2)) } };
        }`,
      'models/events.sql': `{{ config(materialized='table', event_time='seen_at') }}
        select * from (values (1, '2024-01-01 10:00'::timestamp_ntz), (2, '2024-01-02 10:00'::timestamp_ntz), (3, '2024-01-03 10:00'::timestamp_ntz)) as v (id, seen_at)`,
      'models/batched.sql': `{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='seen_at', batch_size='day',
          begin='2024-01-01', lookback=0) }} select id, seen_at, '{{ var("mark", "a") }}' as mark from {{ ref('events') }}`,
    };

    it('loads a large seed by a file, a small one by literals, and TypeScript incremental models', async () => {
      const project = snowflakeProject(standIn, files, { schema: 'LOADS' });
      const first = await project.sent('build', '--event-time-start', '2024-01-01', '--event-time-end', '2024-01-04');
      expect(first.ran.code, first.ran.text).toBe(0);
      const kinds = (node: string) => (first.byNode.get(node) ?? []).map((sql) => sql.split(' ')[0]);
      expect(kinds('few')).toEqual(['create', 'insert', 'alter']);
      expect(first.all.filter(({ sql }) => sql.startsWith('put '))).toHaveLength(2);
      expect(await standIn.query('select count(*), count(name), min(name) from analytics.loads.many')).toEqual([
        ['20000', '16000', 'n "1"'],
      ]);
      expect(await standIn.query('select count(*), sum(twice) from analytics.loads.doubled')).toEqual([
        ['20000', String(19_999 * 20_000)],
      ]);
      const second = await project.sent('run', '-s', 'doubled');
      expect(second.ran.code, second.ran.text).toBe(0);
      expect(await standIn.query('select count(*), count_if(twice < 0) from analytics.loads.doubled')).toEqual([
        ['20000', '5000'],
      ]);
      expect(unreadable([...first.all, ...second.all])).toEqual([]);
      expect(
        await standIn.query("select table_name from duckdb_tables() where schema_name = 'LOADS' order by 1"),
      ).toEqual([['BATCHED'], ['DOUBLED'], ['EVENTS'], ['FEW'], ['MANY']]);
    });

    it('replaces the batches of a microbatch model that are asked for', async () => {
      const project = snowflakeProject(standIn, files, { schema: 'LOADS' });
      const window = ['--event-time-start', '2024-01-02', '--event-time-end', '2024-01-03'];
      const { ran, all } = await project.sent('run', '-s', 'batched', ...window, '--vars', '{mark: b}');
      expect(ran.code, ran.text).toBe(0);
      expect(await standIn.query('select id, mark from analytics.loads.batched order by id')).toEqual([
        ['1', 'a'],
        ['2', 'b'],
        ['3', 'a'],
      ]);
      expect(unreadable(all)).toEqual([]);
    });
  });
});
