import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter, Session, SqlValue } from '../../src/adapters/adapter.js';
import { createSnowflakeAdapter } from '../../src/adapters/snowflake/index.js';
import { loadFromStage, type StageLoad } from '../../src/adapters/snowflake/load.js';
import { noStandIn, type StandIn, startStandIn, titled } from '../stand-ins/snowflake/stand-in.js';

describe.skipIf(noStandIn !== undefined)(titled('stages and COPY INTO'), () => {
  let standIn: StandIn;
  let adapter: Adapter;
  let session: Session;
  const folder = mkdtempSync(join(tmpdir(), 'upsql-stages-'));

  beforeAll(async () => {
    standIn = await startStandIn();
    adapter = createSnowflakeAdapter(standIn.profile(), { projectRoot: folder });
    await adapter.open();
    session = await adapter.session('Thread-1');
    await session.execute('create stage files');
  });
  afterAll(async () => {
    await adapter?.close();
    await standIn?.stop();
  });

  const rows = async (sql: string): Promise<readonly (readonly SqlValue[])[]> => (await session.execute(sql)).rows;

  /** Puts a file onto the stage by the driver. */
  async function put(name: string, content: string, at = 'files'): Promise<void> {
    writeFileSync(join(folder, name), content);
    await session.execute(`put 'file://${join(folder, name)}' @${at} auto_compress = false overwrite = true`);
  }

  const load = (table: string, more: Partial<StageLoad>): StageLoad => ({
    relation: { database: 'ANALYTICS', schema: 'DBT', identifier: table },
    stage: { database: 'ANALYTICS', schema: 'DBT', identifier: 'FILES' },
    url: '',
    format: { type: 'csv', skipHeader: 1 },
    onError: 'abort_statement',
    ...more,
  });

  it('puts, lists, gets and removes files', async () => {
    await put('a.csv', 'id,name\n1,x\n');
    await put('b.csv', 'id,name\n2,y\n', 'files/deep');
    expect((await rows('list @files')).map(([name, size]) => [name, size])).toEqual([
      ['files/a.csv', '12'],
      ['files/deep/b.csv', '12'],
    ]);
    const out = mkdtempSync(join(tmpdir(), 'upsql-got-'));
    await session.execute(`get @files/deep 'file://${out}'`);
    expect(readFileSync(join(out, 'b.csv'), 'utf8')).toBe('id,name\n2,y\n');
    expect(await rows('remove @files/deep')).toEqual([['files/deep/b.csv', 'removed']]);
    expect(await rows('list @files/deep')).toEqual([]);
  });

  it('loads CSV with quotes, nulls and line breaks, once', async () => {
    await session.execute('create or replace table people (id number(38,0), name varchar, born date, note varchar)');
    await put(
      'people.csv',
      'id,name,born,note\n1,"O\'Hara, ""Sons""",2024-02-29,\n2,"two\nlines",,""\n3,back\\slash,,-\n',
    );
    const first = await loadFromStage(session, load('PEOPLE', { files: ['people.csv'] }));
    expect(first).toEqual({
      files: [{ file: 'files/people.csv', status: 'loaded', rowsParsed: 3, rowsLoaded: 3, errors: 0 }],
      rowsLoaded: 3,
      rejected: [],
    });
    expect(await rows('select * from people order by id')).toEqual([
      [1, 'O\'Hara, "Sons"', '2024-02-29', null],
      [2, 'two\nlines', null, ''],
      [3, 'back\\slash', null, '-'],
    ]);
    const again = await loadFromStage(session, load('PEOPLE', { files: ['people.csv'] }));
    expect(again.files.map(({ status }) => status)).toEqual(['skipped']);
    expect(again.rowsLoaded).toBe(0);
    // Changed under the same name, it is another file.
    await put('people.csv', 'id,name,born,note\n4,four,,\n');
    expect((await loadFromStage(session, load('PEOPLE', { files: ['people.csv'] }))).rowsLoaded).toBe(1);
    expect((await loadFromStage(session, load('PEOPLE', { files: ['people.csv'], force: true }))).rowsLoaded).toBe(1);
    expect(await rows('select count(*) from people')).toEqual([[5]]);
    const history = `select file_name, status, row_count from table(information_schema.copy_history(
      table_name => 'PEOPLE', start_time => dateadd(hours, -1, current_timestamp())))`;
    expect(await rows(history)).toEqual([['files/people.csv', 'Loaded', 1]]);
  });

  describe('with broken rows', () => {
    const broken = 'id,born\n1,2024-01-01\nx,2024-01-02\n3,2024-13-01\n4,2024-01-04,more\n5,2024-01-05\n';
    beforeAll(async () => {
      await put('broken.csv', broken);
      await put('good.csv', 'id,born\n9,2024-01-09\n');
    });
    const fresh = (table: string) => session.execute(`create or replace table ${table} (id number(38,0), born date)`);
    const files = ['broken.csv', 'good.csv'];

    it('ends at the first one by ABORT_STATEMENT, and loads nothing', async () => {
      await fresh('aborted');
      await expect(loadFromStage(session, load('ABORTED', { files }))).rejects.toThrow(
        /100038 \(22018\): Numeric value 'x' is not recognized\s+File 'files\/broken.csv', line 3, character 1\s+Row 2, column "ABORTED"\["ID":1\]/,
      );
      expect(await rows('select count(*) from aborted')).toEqual([[0]]);
    });

    it('leaves them out by CONTINUE, and tells them', async () => {
      await fresh('continued');
      const report = await loadFromStage(session, load('CONTINUED', { files, onError: 'continue' }));
      expect(report.files).toEqual([
        {
          file: 'files/broken.csv',
          status: 'partially_loaded',
          rowsParsed: 5,
          rowsLoaded: 2,
          errors: 3,
          firstError: "Numeric value 'x' is not recognized",
          firstErrorLine: 3,
          firstErrorColumn: 'CONTINUED[ID:1]',
        },
        { file: 'files/good.csv', status: 'loaded', rowsParsed: 1, rowsLoaded: 1, errors: 0 },
      ]);
      expect(report.rejected.map(({ line, error, record }) => [line, error.slice(0, 33), record])).toEqual([
        [3, "Numeric value 'x' is not recogniz", 'x,2024-01-02'],
        [4, "Date '2024-13-01' is not recogniz", '3,2024-13-01'],
        [5, 'Number of columns in file (3) doe', '4,2024-01-04,more'],
      ]);
      expect(await rows('select id from continued order by id')).toEqual([[1], [5], [9]]);
    });

    it.each([
      ['skip_file', 'load_failed', 1],
      ['skip_file_3', 'load_failed', 1],
      ['skip_file_4', 'partially_loaded', 3],
      ['skip_file_50%', 'load_failed', 1],
      ['skip_file_70%', 'partially_loaded', 3],
    ] as const)('leaves the whole file out by %s, or not', async (onError, status, count) => {
      await fresh('skipped');
      const report = await loadFromStage(session, load('SKIPPED', { files, onError }));
      expect(report.files.map((one) => one.status)).toEqual([status, 'loaded']);
      expect([report.rowsLoaded, await rows('select count(*) from skipped')]).toEqual([count, [[count]]]);
    });

    it('loads a file that was left out when it has been mended', async () => {
      await fresh('mended');
      await loadFromStage(session, load('MENDED', { files, onError: 'skip_file' }));
      await put('broken.csv', 'id,born\n1,2024-01-01\n');
      const report = await loadFromStage(session, load('MENDED', { files, onError: 'skip_file' }));
      expect(report.files.map(({ status }) => status)).toEqual(['loaded', 'skipped']);
      expect(await rows('select id from mended order by id')).toEqual([[1], [9]]);
      await put('broken.csv', broken);
    });

    it('only looks by VALIDATION_MODE', async () => {
      await fresh('looked');
      const { rows: errors } = await session.execute(
        "copy into looked from @files files = ('broken.csv') file_format = (type = csv skip_header = 1) validation_mode = return_errors",
      );
      expect(errors.map((row) => row[0])).toHaveLength(3);
      expect(await rows('select count(*) from looked')).toEqual([[0]]);
    });
  });

  it('loads JSON by name and by expressions, numbers exact', async () => {
    await put('events.json', '{"user_id":"a","big":9007199254740993,"tags":["x"]}\n{"USER_ID":"b","other":1}\n');
    await session.execute('create or replace table named (user_id varchar, big number(38,0), tags variant)');
    const json = { format: { type: 'json' }, files: ['events.json'] } as const;
    await loadFromStage(session, load('NAMED', { ...json, byName: 'case_insensitive' }));
    expect(await rows('select user_id, big, tags from named')).toEqual([
      ['a', 9007199254740993n, '["x"]'],
      ['b', null, null],
    ]);
    await session.execute('create or replace table picked (who varchar, big number(38,0), file varchar)');
    const columns = [
      { name: 'WHO', expression: '$1:user_id::varchar' },
      { name: 'BIG', expression: '$1:big::number(38,0)' },
      { name: 'FILE', expression: 'metadata$filename' },
    ];
    const report = await loadFromStage(session, load('PICKED', { ...json, columns }));
    expect(report.rowsLoaded).toBe(2);
    expect((await rows('select who, big from picked order by who'))[0]).toEqual(['a', 9007199254740993n]);
  });

  it('unloads to Parquet and loads it again', async () => {
    await session.execute(
      "create or replace table source as select range as id, 'n' || range as name from range(60000)",
    );
    const unloaded = await rows(
      'copy into @files/out/ from (select id, name from source) file_format = (type = parquet) header = true',
    );
    expect(unloaded[0]?.[0]).toBe(60000);
    expect(await rows('list @files/out')).toHaveLength(2);
    await session.execute('create or replace table back (name varchar, id number(38,0))');
    const stage = load('BACK', { format: { type: 'parquet' }, byName: 'case_insensitive' });
    await session.execute(
      `copy into back from @files/out file_format = (type = parquet) match_by_column_name = case_insensitive`,
    );
    expect(stage.format.type).toBe('parquet');
    expect(await rows('select count(*), min(name), max(id) from back')).toEqual([[60000, 'n0', 59999]]);
  });

  it.each([
    ["create stage odd ulr = 's3://x/'", /invalid property 'ULR'/],
    ['copy into people from @files on_err = continue', /invalid parameter 'ON_ERR'/],
    ['copy into people from @files on_error = maybe', /invalid value \[MAYBE\]/],
    ['copy into people from @nowhere', /Stage 'ANALYTICS.DBT.NOWHERE' does not exist/],
    ["copy into people from @files files = ('none.csv')", /Remote file .*none.csv' was not found/],
    [
      'copy into people from @files file_format = (type = csv strip_outer_array = true)',
      /invalid parameter 'STRIP_OUTER_ARRAY'/,
    ],
    ['copy into nobody from @files', /Table 'ANALYTICS.DBT.NOBODY' does not exist/],
    ["create stage far url = 's3://bucket/' storage_integration = none_such", /Integration 'NONE_SUCH' does not exist/],
    ['create or replace view v as select 1 qualify', /001003.*syntax error line 1 at position 43/s],
  ])('refuses %s', async (sql, message) => {
    await expect(session.execute(sql)).rejects.toThrow(message);
  });
});
