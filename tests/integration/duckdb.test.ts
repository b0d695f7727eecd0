import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter, DatabaseError, Session } from '../../src/adapters/adapter.js';
import { createDuckDbAdapter } from '../../src/adapters/duckdb/index.js';

let folder: string;
let adapter: Adapter;
let session: Session;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'upsql-duckdb-'));
  adapter = createDuckDbAdapter({ type: 'duckdb', path: 'deep/er/shop.prod.duckdb' }, { projectRoot: folder });
  await adapter.open();
  session = await adapter.session('main');
});

afterAll(async () => {
  await adapter.close();
  rmSync(folder, { recursive: true });
});

async function failure(sql: string): Promise<DatabaseError> {
  const error = await session.execute(sql).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(Error);
  return error as DatabaseError;
}

describe('execute', () => {
  it('names the database after the file, up to its first dot', async () => {
    expect(adapter.database).toBe('shop');
    expect((await session.execute('select current_database()')).rows).toEqual([['shop']]);
  });

  it('hands over exact values', async () => {
    const { rows, columns } = await session.execute(`
      select 1::tinyint as a, 9007199254740991 as b, 9007199254740993 as c, 12::hugeint as d,
        0.10::decimal(18,2) as e, date '2024-02-29' as f, timestamp '2024-01-02 03:04:05.000007' as g,
        time '01:02:03.5' as h, 'caf\u00e9' as i, '\\x00\\xFF'::blob as j, [1, null, 3] as k, {'x': 1, 'y': 'z'} as l,
        map {'p': 9007199254740993} as m, null as n, true as o, 1.5::double as p, interval 3 days as q,
        '-170141183460469231731687303715884105728'::hugeint as r, '{"a":1}'::json as s,
        timestamp '1500-01-02 03:04:05.000007' as t, uuid '00000000-0000-0000-0000-0000000000ff' as u`);
    expect(rows[0]).toEqual([
      1,
      9007199254740991,
      9007199254740993n,
      12n,
      '0.10',
      '2024-02-29',
      '2024-01-02 03:04:05.000007',
      '01:02:03.5',
      'caf\u00e9',
      new Uint8Array([0, 255]),
      [1, null, 3],
      { x: 1, y: 'z' },
      { p: 9007199254740993n },
      null,
      true,
      1.5,
      '3 days',
      -170141183460469231731687303715884105728n,
      '{"a":1}',
      '1500-01-02 03:04:05.000007',
      '00000000-0000-0000-0000-0000000000ff',
    ]);
    expect(columns.slice(0, 5).map((c) => c.type)).toEqual(['TINYINT', 'BIGINT', 'BIGINT', 'HUGEINT', 'DECIMAL(18,2)']);
    expect(columns[18]?.type).toBe('JSON');
  });

  it('prints timestamps with time zone as DuckDB does, in the session zone', async () => {
    const stamps = ['2024-07-01 12:00:00+00', '2024-01-01 12:00:00.1234+00', '1883-01-01 12:00:00.5+00'];
    for (const zone of ['Europe/Berlin', 'UTC', 'America/St_Johns', 'Asia/Kolkata']) {
      await session.execute(`set timezone = '${zone}'`);
      for (const stamp of stamps) {
        const { rows } = await session.execute(`select t, t::varchar from (select timestamptz '${stamp}' as t)`);
        expect(rows[0]?.[0]).toBe(rows[0]?.[1]);
      }
    }
    await session.execute("set timezone = 'UTC'");
  });

  it('prints timestamps as DuckDB does', async () => {
    const { rows } = await session.execute(`
      select t, t::varchar from (
        select make_timestamp(i * 7919000000000 + (i * i * 31) % 1000000) as t from range(-1300, 1300) r(i)
        union all select 'infinity'::timestamp union all select timestamp '290000-01-01' union all select timestamp '0001-01-01')`);
    expect(rows).toHaveLength(2603);
    for (const [ours, theirs] of rows) expect(ours).toBe(theirs);
  });

  it('runs several statements and answers for the last one', async () => {
    const result = await session.execute(
      'create table many as select 1 as a; -- one; two\ninsert into many values (2), (3);',
    );
    expect(result).toMatchObject({ message: 'OK', rowsAffected: 2, rows: [] });
    expect((await session.execute("select ';' as x, $$a;b$$ as y; /* ; */ ")).rows).toEqual([[';', 'a;b']]);
    expect(await session.execute('-- nothing\n')).toMatchObject({ rows: [], columns: [] });
  });

  it('runs nothing of a text whose later statement is no SQL', async () => {
    const error = await failure('create table never as select 1;\nselec 2');
    expect(error.kind).toBe('syntax');
    expect(error.offset).toBe('create table never as select 1;\n'.length);
    expect((await failure('from never')).kind).toBe('missing');
  });

  it('counts the rows of DML and of create table as', async () => {
    expect((await session.execute('create or replace table n as select * from range(12345)')).rowsAffected).toBe(12345);
    expect((await session.execute('update n set range = 0 where range < 5')).rowsAffected).toBe(5);
    expect((await session.execute('delete from n where range = 0')).rowsAffected).toBe(5);
    expect((await session.execute('create table e (a int)')).rowsAffected).toBeUndefined();
    expect((await session.execute('select 7 as "Count"')).rows).toEqual([[7]]);
  });

  it('takes parameters', async () => {
    const sql = 'select ? + 1 as a, ? as b, ?::timestamp as c, ? as d';
    const { rows } = await session.execute(sql, { parameters: [41, "o'x", '2024-01-01', null] });
    expect(rows).toEqual([[42, "o'x", '2024-01-01 00:00:00', null]]);
  });

  it('gives no more rows than the limit, and none without fetch', async () => {
    expect((await session.execute('select * from range(5000)', { limit: 3 })).rows).toEqual([[0], [1], [2]]);
    expect((await session.execute('select * from range(5000)', { fetch: false })).rows).toEqual([]);
  });

  it('tells apart columns of the same name', async () => {
    expect((await session.execute('select 1 as a, 2 as a, 3 as a')).columns.map((c) => c.name)).toEqual([
      'a',
      'a_2',
      'a_3',
    ]);
  });
});

describe('errors', () => {
  it.each([
    ["select 'é', 'ü',\n  foo(1)", 'foo', 'missing'],
    [`select 1,\n ${'1 + '.repeat(90)}nocol${' + 1'.repeat(90)}\nfrom range(3)`, 'nocol', 'missing'],
    ['select 1;\n\nselect x from yy', 'yy', 'missing'],
    ['drop table gone_table', 'gone_table', 'missing'],
    ["select 1,\n  '😀' as e,\n  cast('a' as integer)", 'cast', 'other'],
    ['select\n  a,,b\nfrom t', ',b', 'syntax'],
  ])('point at the place: %s', async (sql, at, kind) => {
    const error = await failure(sql);
    expect(error.offset).toBe(sql.indexOf(at));
    expect(error.kind).toBe(kind);
    expect(error.message).not.toContain('LINE ');
    expect(error.message).not.toContain('{"');
  });

  it('give no place in the query when the fault is in a view', async () => {
    await session.execute(
      'create table base as select 1 as a; create view over_base as select a from base; drop table base',
    );
    const error = await failure('select *\nfrom over_base');
    expect(error.offset).toBeUndefined();
    expect(error.message).toContain('base');
  });

  it('know a broken constraint', async () => {
    await session.execute('create table keyed (a int primary key); insert into keyed values (1)');
    expect((await failure('insert into keyed values (1)')).kind).toBe('constraint');
  });
});
