import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter, DatabaseError, Session } from '../../src/adapters/adapter.js';
import { createDuckDbAdapter } from '../../src/adapters/duckdb/index.js';

let folder: string;
let adapter: Adapter;
let sessions: Session[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'upsql-sessions-'));
  adapter = createDuckDbAdapter({ type: 'duckdb', path: 'shop.duckdb' }, { projectRoot: folder });
  await adapter.open();
  sessions = await Promise.all(Array.from({ length: 8 }, (_, i) => adapter.session(`worker-${i}`)));
});

afterAll(async () => {
  await adapter.close();
  rmSync(folder, { recursive: true });
});

function first(): Session {
  const session = sessions[0];
  if (session === undefined) throw new Error('no session');
  return session;
}

describe('sessions side by side', () => {
  it('make the same schema and replace the same relations without a conflict reaching anyone', async () => {
    for (let round = 0; round < 15; round++) {
      const schema = `s${round}`;
      await Promise.all(sessions.map((s) => adapter.createSchema(s, 'shop', schema)));
      await Promise.all(sessions.map((s, i) => s.execute(`create or replace view ${schema}.same as select ${i} as a`)));
      await Promise.all(sessions.map((s, i) => s.execute(`create or replace table ${schema}.t as select ${i} as a`)));
      await Promise.all(sessions.map((s) => s.execute(`update ${schema}.t set a = a + 100`)));
      await Promise.all(sessions.map((s) => adapter.dropSchema(s, 'shop', schema)));
    }
    expect(await adapter.listSchemas(first(), 'shop')).not.toContain('s14');
  });

  it('retry only the statement of a text that conflicted', async () => {
    await first().execute('create table log (a int); create table counter as select 0 as a');
    await Promise.all(sessions.map((s) => s.execute('insert into log values (1); update counter set a = a + 1;')));
    expect((await first().execute('select (select count(*) from log), a from counter')).rows).toEqual([[8, 8]]);
  });

  it('hand a conflict inside a transaction to the caller, who can start again', async () => {
    const [a, b] = sessions as [Session, Session];
    await a.execute('create or replace table one as select 1 as a');
    await a.begin();
    await b.begin();
    await a.execute('update one set a = 2');
    await expect(b.execute('update one set a = 3')).rejects.toMatchObject({ kind: 'conflict' });
    await b.rollback();
    await a.commit();
    await b.execute('update one set a = a + 1');
    expect((await a.execute('select a from one')).rows).toEqual([[3]]);
  });
});

describe('transactions', () => {
  it('are known to the session, however they are started and ended', async () => {
    const s = first();
    expect(s.inTransaction).toBe(false);
    await s.begin();
    expect(s.inTransaction).toBe(true);
    await s.execute('create table gone as select 1 as a');
    await s.rollback();
    expect(s.inTransaction).toBe(false);
    expect(await adapter.getColumns(s, { database: 'shop', schema: 'main', identifier: 'gone' })).toEqual([]);
    await s.execute('-- a comment\nbegin; create table kept as select 1 as a');
    expect(s.inTransaction).toBe(true);
    await s.execute('commit;');
    expect(s.inTransaction).toBe(false);
    await s.rollback();
    expect((await s.execute('from kept')).rows).toEqual([[1]]);
    await expect(s.commit()).rejects.toThrow('no transaction is active');
  });

  it('do nothing with disable_transactions', async () => {
    const memory = createDuckDbAdapter({ disable_transactions: true }, { projectRoot: folder });
    await memory.open();
    const s = await memory.session('s');
    await s.begin();
    expect(s.inTransaction).toBe(false);
    await s.commit();
    await memory.close();
  });
});

describe('order, cancelling and closing', () => {
  it('runs the statements of one session one after another', async () => {
    const s = first();
    const done: number[] = [];
    await s.execute('create or replace table steps (a int)');
    await Promise.all([
      s.execute('insert into steps select 1 from range(3000000)').then(() => done.push(1)),
      s.execute('delete from steps').then((r) => done.push(2, r.rowsAffected ?? 0)),
      s.execute('select count(*) from steps').then((r) => done.push(3, Number(r.rows[0]?.[0]))),
    ]);
    expect(done).toEqual([1, 2, 3_000_000, 3, 0]);
  });

  it('stops a running statement, and the session works on', async () => {
    const s = first();
    const running = s.execute(
      'select count(*) from range(1000000) a, range(1000000) b where a.range * b.range % 7 = 9',
    );
    setTimeout(() => s.cancel(), 50);
    await expect(running).rejects.toMatchObject({ kind: 'interrupted' });
    expect((await s.execute('select 1')).rows).toEqual([[1]]);
  });

  it('stops statements that still wait for a thread, too', { timeout: 20_000 }, async () => {
    const endless = 'select count(*) from range(100000000000)';
    const running = sessions.map((s) => s.execute(endless).catch((e: unknown) => (e as DatabaseError).kind));
    await new Promise((later) => setTimeout(later, 50));
    for (const s of sessions) s.cancel();
    expect(await Promise.all(running)).toEqual(sessions.map(() => 'interrupted'));
    expect((await Promise.all(sessions.map((s) => s.execute('select 1')))).map((r) => r.rows)).toEqual(
      sessions.map(() => [[1]]),
    );
  });

  it('streams in batches, and goes on after a stream that was left early', async () => {
    const s = first();
    let rows = 0;
    for await (const batch of s.stream('select range as a, 3 as b from range(10000)')) {
      expect(batch.columns.map((c) => c.name)).toEqual(['a', 'b']);
      expect(batch.rows[0]).toEqual([rows, 3]);
      rows += batch.rows.length;
      if (rows > 5000) break;
    }
    expect(rows).toBeLessThan(10000);
    expect((await s.execute('select 5')).rows).toEqual([[5]]);
    const empty = [];
    for await (const batch of s.stream('select 1 as a where false')) empty.push(batch);
    expect(empty).toEqual([{ columns: [{ name: 'a', type: 'INTEGER' }], rows: [] }]);
  });

  it('runs statements while a stream is read, and the stream loses nothing', { timeout: 10_000 }, async () => {
    const s = first();
    for (const sooner of [0, 1, 3]) {
      const ids: number[] = [];
      const others: unknown[] = [];
      let batches = 0;
      for await (const batch of s.stream('select range as a from range(20000)')) {
        ids.push(...batch.rows.map((row) => Number(row[0])));
        if (batches++ >= sooner) others.push((await s.execute(`select ${batches}`)).rows[0]?.[0]);
      }
      expect(ids).toEqual(Array.from({ length: 20000 }, (_, i) => i));
      expect(others).toEqual(Array.from({ length: batches - sooner }, (_, i) => i + sooner + 1));
    }
    const inner: number[] = [];
    for await (const outer of s.stream('select * from range(5000)')) {
      for await (const batch of s.stream('select * from range(3000)'))
        inner.push(outer.rows.length * 0 + batch.rows.length);
    }
    expect(inner.reduce((a, b) => a + b)).toBe(3 * 3000);
    const [one, two] = await Promise.all([
      (async () => {
        let n = 0;
        for await (const batch of s.stream('select * from range(10000)')) n += batch.rows.length;
        return n;
      })(),
      s.execute('select 2'),
    ]);
    expect([one, two.rows]).toEqual([10000, [[2]]]);
  });

  it('hands the error of a stream to its reader, also when another statement hurried it', async () => {
    const s = first();
    const failing = "select case when range = 15000 then cast('x' || range as int) else 1 end as a from range(20000)";
    const read = async (hurry: boolean) => {
      for await (const batch of s.stream(failing)) if (hurry && batch.rows.length > 0) await s.execute('select 1');
    };
    await expect(read(false)).rejects.toThrow(/x15000/);
    await expect(read(true)).rejects.toThrow(/x15000/);
    expect((await s.execute('select 1')).rows).toEqual([[1]]);
  });

  it('refuses statements of a closed session', async () => {
    const s = await adapter.session('short');
    await s.close();
    await s.close();
    await expect(s.execute('select 1')).rejects.toThrow("the session 'short' is closed");
  });
});

describe('columns and load', () => {
  it('gives numbers as Float64Array with NaN for null, and exact values where a double is not', async () => {
    const result = await first().columns(`
      select * from (values
        (1, 1.5::double, 0.1::decimal(18,2), 5::bigint, 7::hugeint, 9007199254740993, 'x', true, date '2024-01-01'),
        (null, null, null, null, null, null, null, null, null)) as t(i, d, m, b, h, big, s, o, day)`);
    const { columns, length } = result;
    expect(length).toBe(2);
    for (const [name, value] of [
      ['i', 1],
      ['d', 1.5],
      ['m', 0.1],
      ['b', 5],
      ['h', 7],
    ] as const)
      expect(columns.get(name)).toEqual(new Float64Array([value, Number.NaN]));
    expect(columns.get('big')).toEqual([9007199254740993n, null]);
    expect(columns.get('s')).toEqual(['x', null]);
    expect(columns.get('o')).toEqual([true, null]);
    expect(columns.get('day')).toEqual(['2024-01-01', null]);
  });

  it('makes a table of columns, with the types it is told', async () => {
    const table = { database: 'shop', schema: 'main', identifier: 'Loaded "it"' };
    const columns = [
      { name: 'f', type: 'DOUBLE' },
      { name: 'whole', type: 'INTEGER' },
      { name: 'big', type: 'BIGINT' },
      { name: 'huge', type: 'HUGEINT' },
      { name: 'money', type: 'DECIMAL(18,2)' },
      { name: 'at', type: 'TIMESTAMP' },
      { name: 'day', type: 'DATE' },
      { name: 'flag', type: 'BOOLEAN' },
      { name: 'bytes', type: 'BLOB' },
      { name: 'list', type: 'BIGINT[]' },
      { name: 'order', type: 'VARCHAR' },
    ];
    const data = [
      new Float64Array([1.5, Number.NaN, 3]),
      new Float64Array([1, Number.NaN, 3]),
      [1, null, 9007199254740993n],
      [1, null, 170141183460469231731687303715884105727n],
      ['0.10', null, '12345678901234.56'],
      ['2024-01-02 03:04:05.000007', null, '1969-12-31T23:59:59'],
      ['2024-02-29', null, '0001-01-01'],
      [true, null, false],
      [new Uint8Array([0, 255]), null, new Uint8Array()],
      [[1, 9007199254740993n], null, []],
      ['caf\u00e9', null, ''],
    ];
    await first().load({ table, columns, data, length: 3 });
    const read = await first().execute('select * from shop.main."Loaded ""it"""');
    expect(read.columns).toEqual(columns);
    expect(read.rows[0]?.slice(0, 7)).toEqual([1.5, 1, 1, 1n, '0.10', '2024-01-02 03:04:05.000007', '2024-02-29']);
    expect(read.rows[0]?.slice(7)).toEqual([true, new Uint8Array([0, 255]), [1, 9007199254740993n], 'caf\u00e9']);
    expect(read.rows[1]).toEqual(columns.map(() => null));
    expect(read.rows[2]?.[2]).toBe(9007199254740993n);
    expect(read.rows[2]?.[3]).toBe(170141183460469231731687303715884105727n);
    expect(read.rows[2]?.[10]).toBe('');
  });

  it('leaves nothing behind when a value does not fit, and says which', async () => {
    const s = first();
    const table = { database: 'shop', schema: 'main', identifier: 'half' };
    const load = { table, columns: [{ name: 'a', type: 'DATE' }], data: [['2024-01-01', 'soon']], length: 2 };
    await expect(s.load(load)).rejects.toThrow(/soon/);
    expect(await adapter.getColumns(s, table)).toEqual([]);
    await s.load({ ...load, data: [['2024-01-01', '2024-01-02']] });
    expect((await s.execute('select count(*) from half')).rows).toEqual([[2]]);
  });

  it('is part of a transaction that is open', async () => {
    const s = first();
    const table = { database: 'shop', schema: 'main', identifier: 'maybe' };
    await s.begin();
    await s.load({ table, columns: [{ name: 'a', type: 'INTEGER' }], data: [[1, 2]], length: 2 });
    expect((await s.execute('select count(*) from maybe')).rows).toEqual([[2]]);
    await s.rollback();
    expect(await adapter.getColumns(s, table)).toEqual([]);
  });
});

describe('columns', () => {
  it.each([
    'i::tinyint',
    'i::smallint - 40',
    '(i * 100003)::integer',
    'i::utinyint',
    'i::uinteger + 4000000000',
    '(i * 1000003 - 5000000)::bigint * 1000000',
    'i::ubigint',
    'i::hugeint',
    'i / 7',
    '(i / 7)::float',
    "case when i % 9 = 0 then 'nan'::double else -i end",
    "date '1969-12-20' + (i % 40)::integer",
  ])('of %s hold the values of rows, with nulls and without', async (value) => {
    for (const rows of [0, 1, 100, 5000]) {
      const small = value.includes('tinyint') ? 'i % 100' : 'i';
      for (const cell of [value, `case when i % 3 = 1 then null else ${value} end`]) {
        const query = `select ${cell} as v from (select ${small} as i from range(${rows}) as r (i))`;
        const { columns, length } = await first().columns(query);
        const expected = (await first().execute(query)).rows.map(([v]) => v ?? null);
        const column = columns.get('v') ?? [];
        const isText = expected.some((v) => typeof v === 'string');
        expect(length).toBe(rows);
        expect(Array.from(column as ArrayLike<unknown>)).toEqual(
          isText ? expected : expected.map((v) => (v === null ? Number.NaN : Number(v))),
        );
      }
    }
  });

  it('keep integers beyond what a double holds as they are', async () => {
    const { columns } = await first().columns('select 9007199254740993 + i as v from range(3) as r (i)');
    expect(columns.get('v')).toEqual([9007199254740993n, 9007199254740994n, 9007199254740995n]);
    const negative = await first().columns('select -9007199254740991 + i as v from range(3) as r (i)');
    expect([...(negative.columns.get('v') ?? [])]).toEqual([-9007199254740991, -9007199254740990, -9007199254740989]);
  });
});

describe('functions of this process', () => {
  it.each([
    ['one thread more waits for them', {}, 1],
    ['as many threads as the profile says', { settings: { threads: 3 } }, 0],
  ])('are called from several sessions: %s', async (_, more, added) => {
    const own = createDuckDbAdapter({ type: 'duckdb', path: ':memory:', ...more }, { projectRoot: folder });
    await own.open();
    try {
      const pair = [await own.session('a'), await own.session('b')] as const;
      const threads = async () => Number((await pair[0].execute("select current_setting('threads')")).rows[0]?.[0]);
      const before = await threads();
      const evaluate = (column: (index: number) => Float64Array, rows: number, out: Float64Array) => {
        const values = column(0);
        for (let i = 0; i < rows; i++) out[i] = 2 * (values[i] as number);
      };
      for (const session of pair) await session.defineFunction?.({ name: 'twice', width: 1, evaluate });
      expect(await threads()).toBe(before + added);
      const query = 'select sum(twice(cast(i as double))) from range(100000) as r (i)';
      const answers = await Promise.all(pair.map((session) => session.execute(query)));
      for (const { rows } of answers) expect(Number(rows[0]?.[0])).toBe(9_999_900_000);
    } finally {
      await own.close();
    }
  });
});
