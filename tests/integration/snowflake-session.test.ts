import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Adapter, BulkLoad, Session } from '../../src/adapters/adapter.js';
import { DatabaseError } from '../../src/adapters/adapter.js';
import { createSnowflakeAdapter } from '../../src/adapters/snowflake/index.js';
import { generateTypes } from '../../src/run/typescript/index.js';
import { noStandIn, type StandIn, startStandIn, titled } from '../stand-ins/snowflake/stand-in.js';

/** What is waited for comes at once, on a machine that has nothing else to do. */
const PATIENCE = { timeout: 60_000, interval: 50 };

describe.skipIf(noStandIn !== undefined)(titled('a Snowflake session'), () => {
  let standIn: StandIn;
  let adapter: Adapter;
  let session: Session;

  beforeAll(async () => {
    standIn = await startStandIn();
    adapter = createSnowflakeAdapter(standIn.profile(), { projectRoot: process.cwd() });
    await adapter.open();
    session = await adapter.session('Thread-1');
  });

  afterAll(async () => {
    await adapter?.close();
    await standIn?.stop();
  });

  it('gives exact values of every type', async () => {
    const result = await session.execute(`
      select
        9007199254740993::number(38,0) as big,
        42::number(38,0) as small,
        1234567890123456.789::number(38,3) as price,
        1.5::float as ratio,
        true as yes,
        to_date('2024-02-29') as day,
        to_timestamp_ntz('2024-01-31 12:30:00.123456') as at,
        to_timestamp_ntz('1969-12-31 23:59:59.5') as before,
        '23:59:59.000001'::time as clock,
        'Zürich' as place,
        null::varchar as nothing,
        parse_json('{"a":[1,9007199254740993]}') as json`);
    expect(result.columns.map((column) => column.name)).toEqual(
      'BIG SMALL PRICE RATIO YES DAY AT BEFORE CLOCK PLACE NOTHING JSON'.split(' '),
    );
    expect(result.rows).toEqual([
      [
        9007199254740993n,
        42,
        '1234567890123456.789',
        1.5,
        true,
        '2024-02-29',
        '2024-01-31 12:30:00.123456',
        '1969-12-31 23:59:59.5',
        '23:59:59.000001',
        'Zürich',
        null,
        '{"a":[1,9007199254740993]}',
      ],
    ]);
    expect(result.queryId).toMatch(/^[0-9a-f-]{36}$/);
    expect(result.columns.map((column) => column.type).slice(0, 4)).toEqual([
      'NUMBER(38,0)',
      'NUMBER(38,0)',
      'NUMBER(38,3)',
      'FLOAT',
    ]);
  });

  it('reads every type to its last digit, as Snowflake sends it', async () => {
    const columns = [
      { name: 'whole', type: 'fixed', precision: 38, scale: 0 },
      { name: 'decimal', type: 'fixed', precision: 38, scale: 10 },
      { name: 'ratio', type: 'real' },
      { name: 'yes', type: 'boolean' },
      { name: 'day', type: 'date' },
      { name: 'clock', type: 'time', scale: 9 },
      { name: 'ntz', type: 'timestamp_ntz', scale: 9 },
      { name: 'ltz', type: 'timestamp_ltz', scale: 9 },
      { name: 'tz', type: 'timestamp_tz', scale: 9 },
      { name: 'bytes', type: 'binary' },
      { name: 'json', type: 'variant' },
      { name: 'fields', type: 'object' },
      { name: 'items', type: 'array' },
      { name: 'place', type: 'geography' },
      { name: 'embedding', type: 'vector' },
      { name: 'map', type: 'map' },
    ];
    const json = '{"a":[1.10,9007199254740993]}';
    const rows = [
      [
        '12345678901234567890123456789012345678',
        '1234567890123456789012345678.0123456789',
        'NaN',
        '1',
        '-25567',
        '45296.123456789',
        '1706704200.123456789',
        '1719835200.123456789',
        '1706704200.123456789 1770',
        '00FF10',
        json,
        json,
        '[\n  1,\n  undefined\n]',
        '{"coordinates":[1,2],"type":"Point"}',
        '[1.500000,2.500000]',
        '{"k":9007199254740993}',
      ],
      ['-7', '-0.0000000001', '-inf', '0', '2932896', '0.000000000', '-0.000000001', '0.000000000', '-0.5 1110', '']
        .concat(['null', '{}', '[]', '{}', '[]', '{}'])
        .map(String),
      columns.map(() => null),
      ['9007199254740992', '0.1000000000', 'inf', 'true', '-719162', '86399.999999999', '253402300799.999999999']
        .concat(['-62135596800.000000000', '253402300799.999999999 1440', '41', '"x"', '{"z":1}', '[1]', '{}', '[0]'])
        .concat(['{}']),
    ];
    await standIn.answer('of_all_types', columns, rows);
    const result = await session.execute('select * from of_all_types');
    expect(result.rows).toEqual([
      [
        12345678901234567890123456789012345678n,
        '1234567890123456789012345678.0123456789',
        Number.NaN,
        true,
        '1900-01-01',
        '12:34:56.123456789',
        '2024-01-31 12:30:00.123456789',
        '2024-07-01 12:00:00.123456789+00',
        '2024-01-31 18:00:00.123456789+05:30',
        new Uint8Array([0, 255, 16]),
        json,
        json,
        '[\n  1,\n  undefined\n]',
        '{"coordinates":[1,2],"type":"Point"}',
        '[1.500000,2.500000]',
        '{"k":9007199254740993}',
      ],
      [
        -7,
        '-0.0000000001',
        Number.NEGATIVE_INFINITY,
        false,
        '9999-12-31',
        '00:00:00',
        '1969-12-31 23:59:59.999999999',
        '1970-01-01 00:00:00+00',
        '1969-12-31 18:29:59.5-05:30',
        new Uint8Array([]),
        'null',
        '{}',
        '[]',
        '{}',
        '[]',
        '{}',
      ],
      columns.map(() => null),
      [
        9007199254740992n,
        '0.1000000000',
        Number.POSITIVE_INFINITY,
        true,
        '0001-01-01',
        '23:59:59.999999999',
        '9999-12-31 23:59:59.999999999',
        '0001-01-01 00:00:00+00',
        '9999-12-31 23:59:59.999999999+00',
        new Uint8Array([65]),
        '"x"',
        '{"z":1}',
        '[1]',
        '{}',
        '[0]',
        '{}',
      ],
    ]);
    expect(result.columns.map(({ type }) => type)).toEqual(
      'NUMBER(38,0) NUMBER(38,10) FLOAT BOOLEAN DATE TIME TIMESTAMP_NTZ TIMESTAMP_LTZ TIMESTAMP_TZ BINARY VARIANT OBJECT ARRAY GEOGRAPHY VECTOR MAP'.split(
        ' ',
      ),
    );
    const streamed: unknown[] = [];
    for await (const batch of session.stream('select * from of_all_types')) streamed.push(...batch.rows);
    expect(streamed).toEqual(result.rows);
  });

  it('runs several statements of one text and gives the last one', async () => {
    const { rows } = await session.execute(`
      -- a comment; with a semicolon
      create or replace transient table numbers (n number(38,0), word varchar);
      insert into numbers values (1, 'a;b'), (2, 'it''s'), (3, null);
      select n, word from numbers order by n;`);
    expect(rows).toEqual([
      [1, 'a;b'],
      [2, "it's"],
      [3, null],
    ]);
  });

  it('tells how many rows a statement changed', async () => {
    await session.execute('create or replace table counted as select 1 as n union all select 2');
    expect((await session.execute('insert into counted values (3), (4)')).rowsAffected).toBe(2);
    expect((await session.execute('delete from counted where n > 1')).rowsAffected).toBe(3);
  });

  it('streams a result of many chunks in order', async () => {
    let rows = 0;
    let expected = 0;
    for await (const batch of session.stream('select range as n from range(30000) order by 1')) {
      for (const [n] of batch.rows) if (n === expected) expected += 1;
      rows += batch.rows.length;
    }
    expect([rows, expected]).toEqual([30000, 30000]);
  });

  it('gives columns of numbers with NaN for null', async () => {
    const result = await session.columns('select 1::float as x, null::number(38,0) as y, 9007199254740993 as z');
    expect(result.columns.get('X')).toEqual(new Float64Array([1]));
    expect(result.columns.get('Y')).toEqual(new Float64Array([Number.NaN]));
    expect(result.columns.get('Z')).toEqual([9007199254740993n]);
  });

  it('binds parameters', async () => {
    const { rows } = await session.execute('select ? as a, ? as b', { parameters: ['x', 7] });
    expect(rows).toEqual([['x', 7]]);
  });

  it('loads columns of every kind and leaves no staging table behind', async () => {
    await session.load({
      table: { database: 'ANALYTICS', schema: 'DBT', identifier: 'LOADED' },
      columns: [
        { name: 'ID', type: 'bigint' },
        { name: 'SCORE', type: 'double' },
        { name: 'NOTE', type: 'varchar' },
        { name: 'DAY', type: 'date' },
        { name: 'OK', type: 'boolean' },
      ],
      data: [
        [1, 9007199254740993n],
        new Float64Array([0.1, Number.NaN]),
        ["it's \\ here", ''],
        ['2024-02-29', null],
        [true, null],
      ],
      length: 2,
    });
    const { rows } = await session.execute('select * from analytics.dbt.loaded order by id');
    expect(rows).toEqual([
      [1, 0.1, "it's \\ here", '2024-02-29', true],
      [9007199254740993n, null, '', null, null],
    ]);
    const names = (await adapter.listRelations(session, 'ANALYTICS', 'DBT')).map((found) => found.identifier);
    expect(names.filter((name) => name?.includes('upsql'))).toEqual([]);
  });

  it('knows schemas, relations with their types, and columns', async () => {
    await adapter.createSchema(session, 'ANALYTICS', 'marts');
    expect(await adapter.listSchemas(session, 'analytics')).toContain('MARTS');
    await session.execute(`create table analytics.marts.facts (id number(38,0), name varchar(20), seen_at timestamp_ntz);
      create view analytics.marts.seen as select id from analytics.marts.facts`);
    expect(await adapter.listRelations(session, 'analytics', 'marts')).toEqual([
      { database: 'ANALYTICS', schema: 'MARTS', identifier: 'FACTS', type: 'table' },
      { database: 'ANALYTICS', schema: 'MARTS', identifier: 'SEEN', type: 'view' },
    ]);
    const columns = await adapter.getColumns(session, { database: 'analytics', schema: 'marts', identifier: 'facts' });
    expect(columns.map((column) => column.name)).toEqual(['ID', 'NAME', 'SEEN_AT']);
    expect(columns[1]?.dataType).toBe('VARCHAR(20)');
    expect(await adapter.getColumns(session, { database: 'analytics', schema: 'marts', identifier: 'none' })).toEqual(
      [],
    );
    expect(await adapter.listRelations(session, 'analytics', 'nowhere')).toEqual([]);
  });

  it('makes types of tables in several databases, with what is not null', async () => {
    await session.execute(`create database if not exists elsewhere; create schema if not exists elsewhere.raw;
      create or replace table elsewhere.raw.events (id number(38,0) not null, note varchar);
      use schema analytics.dbt; create or replace table analytics.dbt.typed (id number(38,0) not null, at_day date)`);
    const source = await generateTypes({
      session,
      adapter,
      relations: [
        { name: 'raw.events', relation: { database: 'elsewhere', schema: 'raw', identifier: 'events' } },
        { name: 'typed', relation: { database: 'analytics', schema: 'dbt', identifier: 'typed' } },
      ],
    });
    expect(source).toContain('export interface RawEvents {\n  id: number;\n  note: string | null;\n}');
    expect(source).toContain('export interface Typed {\n  id: number;\n  at_day: string | null;\n}');
  });

  it('sends the query comment with each statement of a text, and places stay those of the text', async () => {
    await standIn.log(true);
    await session.execute("select 1;\nselect 2;\n\n  select 3\n/* {'node': 'a'} */");
    const { statements } = await standIn.log(true);
    expect(statements.map(({ sql }) => sql)).toEqual([
      "select 1\n/* {'node': 'a'} */",
      "\nselect 2\n/* {'node': 'a'} */",
      "\n\n  select 3\n/* {'node': 'a'} */",
    ]);
    const sql = 'select 1;\n  select\n  nonsense\nfrom analytics.marts.facts\n/* one */';
    const error = (await session.execute(sql).catch((e: unknown) => e)) as DatabaseError;
    expect(sql.slice(error.offset, (error.offset ?? 0) + 8)).toBe('nonsense');
  });

  it('sends the comment of a load with each statement that it makes, and files whatever stands in front', async () => {
    await standIn.log(true);
    const load: BulkLoad = {
      table: { database: 'ANALYTICS', schema: 'DBT', identifier: 'MARKED' },
      columns: [{ name: 'ID', type: 'bigint' }],
      data: [Float64Array.from({ length: 3000 }, (_, i) => i)],
      length: 3000,
    };
    await session.load(load, '\n/* mine */');
    await session.append?.('analytics.dbt.marked', [['1'], ['2']], '\n/* mine */');
    await session.execute(`/* yours */\nput 'file://${import.meta.filename}' @~/marked`);
    const { statements } = await standIn.log(true);
    expect(statements.map(({ sql }) => sql.split(/\s/)[0])).toEqual(
      'create put copy create drop put copy put'.split(' '),
    );
    expect(statements.map(({ sql }) => sql.endsWith('\n/* mine */'))).toEqual([...Array(7).fill(true), false]);
    expect((await session.execute('select count(*) from marked')).rows).toEqual([[3002]]);
  });

  it('tells where in a text of several statements the fault is', async () => {
    const sql = 'select 1;\nselect\n  id,\n  nonsense\nfrom analytics.marts.facts';
    const error = await session.execute(sql).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DatabaseError);
    const { offset, kind, message } = error as DatabaseError;
    expect(message).toMatch(/^000904 \(.*\): SQL compilation error/);
    expect([kind, sql.slice(offset, (offset ?? 0) + 8)]).toEqual(['missing', 'nonsense']);
  });

  it('sends no statement for a transaction without data changes, and rolls back one that failed', async () => {
    await standIn.log(true);
    await session.begin();
    expect(session.inTransaction).toBe(true);
    await session.execute('create or replace table tx as select 1 as n');
    await session.commit();
    expect((await standIn.log(true)).statements.map((one) => one.sql)).toEqual([
      'create or replace table tx as select 1 as n',
    ]);
    await session.begin();
    await session.execute('insert into tx values (2)');
    await session.rollback();
    await expect(session.execute('begin; delete from tx; insert into tx values (1, 2, 3); commit;')).rejects.toThrow();
    expect((await session.execute('select count(*) from tx')).rows).toEqual([[1]]);
    expect(session.inTransaction).toBe(false);
  });

  it('waits for a statement that takes long, and cancels one', async () => {
    const { rows } = await session.execute('call system$wait(2)');
    expect(rows).toEqual([['waited 2 seconds']]);
    const running = session.execute('call system$wait(60)').catch((error: unknown) => error);
    await vi.waitFor(async () => expect(await standIn.running()).toEqual(['call system$wait(60)']), PATIENCE);
    session.cancel();
    const error = await running;
    expect((error as DatabaseError).kind).toBe('interrupted');
    expect(await standIn.cancelled()).toEqual(['call system$wait(60)']);
    expect((await session.execute('select 1 as n')).rows).toEqual([[1]]);
  });

  it('carries the query tag with each statement instead of sending it, and skips a warehouse that is in use', async () => {
    await standIn.log(true);
    await session.execute("alter session set query_tag = 'model ''a'''; use warehouse transforming; select 1");
    await session.execute('alter session unset query_tag; select 2; use warehouse big; use warehouse transforming');
    const { statements } = await standIn.log(true);
    expect(statements.map((one) => [one.sql.trim(), one.parameters.QUERY_TAG])).toEqual([
      ['select 1', "model 'a'"],
      ['select 2', undefined],
      ['use warehouse big', undefined],
      ['use warehouse transforming', undefined],
    ]);
  });

  it('runs sessions side by side', async () => {
    const [one, other] = await Promise.all([adapter.session('Thread-2'), adapter.session('Thread-3')]);
    const long = one.execute('call system$wait(61)').catch((error: unknown) => error);
    await vi.waitFor(async () => expect(await standIn.running()).toEqual(['call system$wait(61)']), PATIENCE);
    expect((await other.execute('select 3 as n')).rows).toEqual([[3]]);
    expect(await standIn.running()).toEqual(['call system$wait(61)']);
    one.cancel();
    expect(await long).toBeInstanceOf(DatabaseError);
    await Promise.all([one.close(), other.close()]);
  });
});
