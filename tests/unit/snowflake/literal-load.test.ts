import { describe, expect, it } from 'vitest';
import type { BulkLoad } from '../../../src/adapters/adapter.js';
import { loadStatements, snowflakeType } from '../../../src/adapters/snowflake/literal-load.js';
import { timestampText } from '../../../src/adapters/snowflake/values.js';

const table = { database: 'DB', schema: 'SC', identifier: 'T' };

describe('loadStatements', () => {
  it('fills a temporary table and makes the table of it in one statement', () => {
    const load: BulkLoad = {
      table,
      columns: [
        { name: 'ID', type: 'bigint' },
        { name: 'DATA', type: 'json' },
        { name: 'BYTES', type: 'blob' },
        { name: 'X', type: 'double' },
      ],
      data: [[1n], [{ a: [1n, "it's"] }], [new Uint8Array([1, 255])], new Float64Array([Number.POSITIVE_INFINITY])],
      length: 1,
    };
    const [create, insert, make, drop] = [...loadStatements(load)];
    const staged = /temporary table (\S+)/.exec(create ?? '')?.[1] ?? '';
    expect(create).toBe(`create or replace temporary table ${staged} (c0 varchar, c1 varchar, c2 varchar, c3 varchar)`);
    expect(insert).toBe(`insert into ${staged} values ('1', '{"a":[1,"it''s"]}', '01ff', 'inf')`);
    expect(make).toBe(
      `create or replace transient table DB.SC.T as select cast(c0 as bigint) as "ID", parse_json(c1)::VARIANT as "DATA", to_binary(c2, 'HEX') as "BYTES", cast(c3 as double) as "X" from ${staged}`,
    );
    expect(drop).toBe(`drop table if exists ${staged}`);
  });

  it('keeps every statement within the limits on rows and on text', () => {
    const wide = 'x'.repeat(2_000);
    const data = Array.from({ length: 25_000 }, (_, i) => (i < 20_000 ? 'a' : wide));
    const load: BulkLoad = { table, columns: [{ name: 'A', type: 'varchar' }], data: [data], length: data.length };
    const inserts = [...loadStatements(load)].filter((sql) => sql.startsWith('insert'));
    expect(inserts.every((sql) => sql.length < 1_000_000)).toBe(true);
    expect(inserts.reduce((sum, sql) => sum + (sql.match(/\('/g)?.length ?? 0), 0)).toBe(25_000);
  });

  it('has no insert for no rows', () => {
    const load: BulkLoad = { table, columns: [{ name: 'A', type: 'varchar' }], data: [[]], length: 0 };
    expect([...loadStatements(load)].map((sql) => sql.split(' ')[0])).toEqual(['create', 'create', 'drop']);
  });

  it("has Snowflake's types for DuckDB's", () => {
    expect(['varchar', 'VARCHAR[]', 'struct(a int)', 'timestamptz', 'hugeint'].map(snowflakeType)).toEqual([
      'varchar',
      'ARRAY',
      'OBJECT',
      'TIMESTAMP_TZ',
      'NUMBER(38,0)',
    ]);
  });
});

describe('timestampText', () => {
  it('is exact to the nanosecond, before 1970 and after 9999 days too', () => {
    expect(timestampText(0, 0)).toBe('1970-01-01 00:00:00');
    expect(timestampText(1_706_704_200, 250_000_000)).toBe('2024-01-31 12:30:00.25');
    expect(timestampText(-1, 1)).toBe('1969-12-31 23:59:59.000000001');
    expect(timestampText(-62_135_596_800, 0)).toBe('0001-01-01 00:00:00');
  });
});
