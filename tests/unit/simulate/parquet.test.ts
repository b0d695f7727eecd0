import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bytes } from '../../../src/simulate/parquet/bytes.js';
import {
  encodeRowGroup,
  footer,
  MAGIC,
  type ParquetColumn,
  type ParquetField,
  type RowGroup,
} from '../../../src/simulate/parquet/index.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'upsql-parquet-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function roundTrip(
  fields: readonly ParquetField[],
  groups: readonly { rows: number; columns: readonly ParquetColumn[] }[],
  sql = 'select * from file',
): Promise<Record<string, unknown>[]> {
  const out = new Bytes();
  out.append(MAGIC);
  const done: RowGroup[] = groups.map(({ rows, columns }) => encodeRowGroup(out, rows, columns));
  out.append(footer(fields, done));
  const path = join(folder, `${Math.abs(groups.length)}-${fields.map((f) => f.name).join('-')}.parquet`);
  await writeFile(path, out.view());
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const reader = await connection.runAndReadAll(sql.replace('file', `'${path}'`));
  return reader.getRowObjectsJson() as Record<string, unknown>[];
}

describe('the Parquet writer, read back by DuckDB', () => {
  it.each([0, 1, 2, 31, 32, 33, 127, 128, 129, 130, 257, 5000])('keeps %i integers and timestamps', async (count) => {
    const integers = Int32Array.from({ length: count }, (_, i) => Math.imul(i + 1, 2654435761) >> (i % 31));
    const times = Float64Array.from(
      { length: count },
      (_, i) => 1_700_000_000_000 + i * 977 - (i % 7 === 0 ? 259_200_000 : 0),
    );
    // Differences between 32-bit integers may need 33 bits; the writer's contract is a span below 2^32 in a block.
    const narrow = integers.map((v) => v >> 1);
    const rows = await roundTrip(
      [
        { name: 'n', type: 'integer' },
        { name: 't', type: 'timestamp' },
      ],
      [
        {
          rows: count,
          columns: [
            { kind: 'integer', values: narrow },
            { kind: 'timestamp', values: times },
          ],
        },
      ],
      'select n, epoch_ms(t)::double as t from file',
    );
    expect(rows.map((r) => r.n)).toEqual([...narrow]);
    expect(rows.map((r) => r.t)).toEqual([...times]);
  });

  it('keeps texts, dictionaries, doubles and dates with nulls, over several row groups', async () => {
    const fields: ParquetField[] = [
      { name: 'word', type: 'text' },
      { name: 'kind', type: 'text' },
      { name: 'rate', type: 'double' },
      { name: 'day', type: 'date' },
    ];
    const group = (rows: number, salt: number) => {
      const nulls = Uint8Array.from({ length: rows }, (_, i) => ((i + salt) % 5 === 0 ? 1 : 0));
      const columns: ParquetColumn[] = [
        { kind: 'text', values: Array.from({ length: rows }, (_, i) => `Zoë "${i}", 漢字`), nulls },
        {
          kind: 'dictionary',
          values: Uint8Array.from({ length: rows }, (_, i) => i % 3),
          dictionary: ['a', 'b', 'c'],
          nulls,
        },
        { kind: 'double', values: Float64Array.from({ length: rows }, (_, i) => i / 3 - 1), nulls },
        { kind: 'date', values: Int32Array.from({ length: rows }, (_, i) => 20_000 - i * 40), nulls },
      ];
      const expected = Array.from({ length: rows }, (_, i) =>
        nulls[i] === 1
          ? { word: null, kind: null, rate: null, day: null }
          : {
              word: `Zoë "${i}", 漢字`,
              kind: 'abc'[i % 3],
              rate: i / 3 - 1,
              day: new Date((20_000 - i * 40) * 86_400_000).toISOString().slice(0, 10),
            },
      );
      return { rows, columns, expected };
    };
    const groups = [group(7, 0), group(100, 1), group(1, 0)];
    expect(await roundTrip(fields, groups)).toEqual(groups.flatMap((g) => g.expected));
  });

  it('writes statistics that let a filter skip row groups', async () => {
    const groups = [0, 1000].map((start) => ({
      rows: 10,
      columns: [{ kind: 'integer', values: Int32Array.from({ length: 10 }, (_, i) => start + i) } as ParquetColumn],
    }));
    const fields: ParquetField[] = [{ name: 'n', type: 'integer' }];
    expect(await roundTrip(fields, groups, 'select count(*)::int as n from file where n >= 1005')).toEqual([{ n: 5 }]);
    const stats = await roundTrip(
      fields,
      groups,
      'select stats_min_value as stats_min, stats_max_value as stats_max, stats_null_count::int as nulls from parquet_metadata(file)',
    );
    expect(stats).toEqual([
      { stats_min: '0', stats_max: '9', nulls: 0 },
      { stats_min: '1000', stats_max: '1009', nulls: 0 },
    ]);
  });

  it('keeps timestamps that are too far apart to be packed', async () => {
    const values = [1_700_000_000_123, 0, 1_700_000_000_124 - 2 ** 40, 4_000_000_000_000];
    const nulls = Uint8Array.from([0, 0, 1, 0]);
    const rows = await roundTrip(
      [{ name: 't', type: 'timestamp' }],
      [{ rows: 4, columns: [{ kind: 'timestamp', values, nulls }] }],
      'select epoch_ms(t)::text as t from file',
    );
    expect(rows.map(({ t }) => t)).toEqual(['1700000000123', '0', null, '4000000000000']);
  });
});
