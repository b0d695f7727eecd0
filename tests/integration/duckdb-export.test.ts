import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter, Session } from '../../src/adapters/adapter.js';
import { createDuckDbAdapter } from '../../src/adapters/duckdb/index.js';
import { exportByStream } from '../../src/adapters/stream-export.js';
import { UpsqlError } from '../../src/diagnostics/index.js';
import { exportRelations } from '../../src/ingest/export.js';

let folder: string;
let adapter: Adapter;
let session: Session;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'upsql-export-'));
  adapter = createDuckDbAdapter({}, { projectRoot: folder });
  await adapter.open();
  session = await adapter.session('s');
  await session.execute(`
    create table mixed as select i as id, case when i % 3 = 0 then null else 'a "quoted", ' || i || e'\\nline' end as text,
      case when i % 2 = 0 then '' else 'x' end as plain, (i * 1.25)::decimal(18,2) as money, i % 2 = 0 as flag,
      date '2024-01-01' + i::int as day, timestamp '2024-01-01' + interval (i) second as seen,
      [i, i + 1] as list, 9007199254740993 + i as big
    from range(5000) t(i)`);
});

afterAll(async () => {
  await adapter.close();
  rmSync(folder, { recursive: true });
});

describe('exportRelations', () => {
  it('writes each relation and tells what was written', async () => {
    const progress: string[] = [];
    const outDir = join(folder, 'out');
    const done = await exportRelations({
      session,
      adapter,
      outDir,
      format: 'csv',
      exports: [
        { name: 'mixed', relation: '"memory"."main"."mixed"', file: 'mixed.csv' },
        { name: 'days', sql: 'select day, count(*) as n from mixed group by day', file: 'deep/days.csv' },
      ],
      onProgress: ({ name, rows }, index, total) => progress.push(`${index}/${total} ${name} ${rows}`),
    });
    expect(progress).toEqual(['1/2 mixed 5000', '2/2 days 5000']);
    expect(done.map((one) => one.file)).toEqual([join(outDir, 'mixed.csv'), join(outDir, 'deep/days.csv')]);
    const back = await session.execute(
      `select count(*), count(text), sum(id) from read_csv('${join(outDir, 'mixed.csv')}')`,
    );
    expect(back.rows).toEqual([[5000, 3333, 12497500n]]);
  });

  it('names the export that fails, keeps its old file, and says what to do', async () => {
    const outDir = join(folder, 'kept');
    const ok = { name: 'ok', sql: 'select 1 as a', file: 'ok.csv' };
    await exportRelations({ session, adapter, outDir, format: 'csv', exports: [ok] });
    const gone = { name: 'gone', relation: 'main.gone', file: 'ok.csv' };
    const error = await exportRelations({ session, adapter, outDir, format: 'csv', exports: [gone] }).catch(
      (e: unknown) => e,
    );
    expect((error as UpsqlError).diagnostics[0]).toMatchObject({
      code: 'export-failed',
      hint: 'Build it first: upsql build --select gone',
    });
    expect(readFileSync(join(outDir, 'ok.csv'), 'utf8')).toBe('a\n1\n');
    expect(readdirSync(outDir)).toEqual(['ok.csv']);
    await expect(exportRelations({ session, adapter, outDir, format: 'csv', exports: [ok, gone] })).rejects.toThrow(
      'both',
    );
  });

  it('fails on a folder that is a file', async () => {
    writeFileSync(join(folder, 'plain'), '');
    const exports = [{ name: 'a', sql: 'select 1 as a', file: 'a.csv' }];
    const failing = exportRelations({ session, adapter, outDir: join(folder, 'plain'), format: 'csv', exports });
    await expect(failing).rejects.toBeInstanceOf(UpsqlError);
  });
});

describe('exportByStream', () => {
  it('writes the same CSV as the warehouse itself', async () => {
    const [own, streamed] = [join(folder, 'own.csv'), join(folder, 'streamed.csv')];
    const sql = 'select * exclude (list) from mixed order by id';
    await adapter.exportQuery(session, sql, own, 'csv');
    expect(await exportByStream(session, sql, streamed, 'csv')).toBe(5000);
    expect(readFileSync(streamed, 'utf8')).toBe(readFileSync(own, 'utf8'));
  });

  it('writes the same JSON lines', async () => {
    const [own, streamed] = [join(folder, 'own.json'), join(folder, 'streamed.json')];
    await adapter.exportQuery(session, 'from mixed order by id', own, 'json');
    await exportByStream(session, 'from mixed order by id', streamed, 'json');
    expect(readFileSync(streamed, 'utf8')).toBe(readFileSync(own, 'utf8'));
  });

  it('writes Parquet with the same types and values', async () => {
    const file = join(folder, 'streamed.parquet');
    expect(await exportByStream(session, 'from mixed', file, 'parquet')).toBe(5000);
    const { rows } = await session.execute(
      `select count(*) from (from mixed except from read_parquet('${file}')) union all select count(*) from read_parquet('${file}')`,
    );
    expect(rows).toEqual([[0], [5000]]);
  });

  it('writes a header for no rows, and nothing when the query fails', async () => {
    const file = join(folder, 'none.csv');
    expect(await exportByStream(session, 'from mixed where false', file, 'csv')).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe('id,text,plain,money,flag,day,seen,list,big\n');
    const before = readdirSync(folder).length;
    await expect(exportByStream(session, 'from nowhere', join(folder, 'x.csv'), 'csv')).rejects.toThrow(/nowhere/);
    expect(readdirSync(folder)).toHaveLength(before);
  });
});
