import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter, DatabaseError, Session } from '../../src/adapters/adapter.js';
import { createDuckDbAdapter } from '../../src/adapters/duckdb/index.js';

let folder: string;
let adapter: Adapter;
let session: Session;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'upsql-catalog-'));
  adapter = createDuckDbAdapter(
    { path: 'shop.duckdb', attach: [{ path: 'other.duckdb', alias: 'beside' }] },
    { projectRoot: folder },
  );
  await adapter.open();
  session = await adapter.session('s');
});

afterAll(async () => {
  await adapter.close();
  rmSync(folder, { recursive: true });
});

describe('the catalog', () => {
  it('lists schemas, tables and views, of attached databases too, without regard to case', async () => {
    await adapter.createSchema(session, 'shop', 'Marts');
    await adapter.createSchema(session, 'beside', 'raw "x"');
    await session.execute('create table shop.Marts.Orders as select 1 as a; create view shop.marts.v as select 1 as a');
    await session.execute('create table beside."raw ""x""".t as select 1 as a');
    expect(await adapter.listSchemas(session, 'SHOP')).toContain('Marts');
    expect(await adapter.listRelations(session, 'shop', 'marts')).toEqual([
      { database: 'shop', schema: 'Marts', identifier: 'Orders', type: 'table' },
      { database: 'shop', schema: 'Marts', identifier: 'v', type: 'view' },
    ]);
    expect(await adapter.listRelations(session, 'beside', 'raw "x"')).toHaveLength(1);
    await adapter.dropSchema(session, 'beside', 'raw "x"');
    await adapter.dropSchema(session, 'beside', 'raw "x"');
    expect(await adapter.listSchemas(session, 'beside')).toEqual(expect.not.arrayContaining(['raw "x"']));
  });

  it('gives columns in order with full types, of tables, views and temporary tables', async () => {
    await session.execute(
      `create table shop.main.wide (b decimal(18,2) not null, a timestamptz, "C d" struct(x int, y varchar[]))`,
    );
    expect(await adapter.getColumns(session, { database: 'shop', schema: 'main', identifier: 'wide' })).toEqual([
      { name: 'b', dataType: 'DECIMAL(18,2)' },
      { name: 'a', dataType: 'TIMESTAMP WITH TIME ZONE' },
      { name: 'C d', dataType: 'STRUCT(x INTEGER, y VARCHAR[])' },
    ]);
    await session.execute('create temporary table passing as select 1 as a');
    const temporary = { database: null, schema: null, identifier: 'passing' };
    expect(await adapter.getColumns(session, temporary)).toEqual([{ name: 'a', dataType: 'INTEGER' }]);
    expect(await adapter.getColumns(session, { database: 'shop', schema: 'nope', identifier: 'x' })).toEqual([]);
  });
});

describe('exportQuery', () => {
  const query = `select 1 as id, 'a,"b"' as text, null::int as nothing, '' as empty, 'x\ny' as lines -- the end`;

  it('writes CSV with quotes where they are needed', async () => {
    const file = join(folder, 'out', 'x.csv');
    expect(await adapter.exportQuery(session, `${query}\n; -- really`, file, 'csv')).toBe(1);
    expect(readFileSync(file, 'utf8')).toBe('id,text,nothing,empty,lines\n1,"a,""b""",,"","x\ny"\n');
  });

  it('writes JSON lines and Parquet', async () => {
    const json = join(folder, 'out', "it's.json");
    expect(await adapter.exportQuery(session, 'select range as n from range(2)', json, 'json')).toBe(2);
    expect(readFileSync(json, 'utf8')).toBe('{"n":0}\n{"n":1}\n');
    const parquet = join(folder, 'out', 'x.parquet');
    expect(await adapter.exportQuery(session, 'select range as n from range(3000)', parquet, 'parquet')).toBe(3000);
    expect((await session.execute(`select sum(n) from '${parquet}'`)).rows).toEqual([[4498500n]]);
  });

  it('keeps the old file when the query fails, and leaves no other file', async () => {
    const file = join(folder, 'kept', 'x.csv');
    await adapter.exportQuery(session, 'select 1 as a', file, 'csv');
    writeFileSync(join(folder, 'kept', 'other'), '');
    const failing = "select case when range > 100000 then cast('x' as int) else range end as a from range(200000)";
    await expect(adapter.exportQuery(session, failing, file, 'csv')).rejects.toThrow(/Could not convert/);
    expect(readFileSync(file, 'utf8')).toBe('a\n1\n');
    expect(readdirSync(join(folder, 'kept')).sort()).toEqual(['other', 'x.csv']);
    expect(existsSync(file)).toBe(true);
  });

  it('tells of a fault where it is in the query, and of the file that was asked for', async () => {
    const sql = 'select 1 as a,\n  nope\nfrom range(3)';
    const error = (await adapter
      .exportQuery(session, sql, join(folder, 'x.csv'), 'csv')
      .catch((e: unknown) => e)) as DatabaseError;
    expect(error).toMatchObject({ kind: 'missing', sql, offset: sql.indexOf('nope') });
    const device = await adapter.exportQuery(session, 'from range(10)', '/proc/x.csv', 'csv').catch((e: unknown) => e);
    expect(String(device)).toContain('/proc/x.csv');
    expect(String(device)).not.toContain('.tmp');
  });
});
