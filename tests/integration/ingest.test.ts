import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Bucket, openBucket } from '../../src/s3/index.js';
import { noS3, type S3Server, startS3 } from '../stand-ins/s3/s3.js';
import { noStandIn, type StandIn, startStandIn } from '../stand-ins/snowflake/stand-in.js';
import { compileBin, startUpsql } from '../unit/cli/compiled-bin.js';
import { unreadable } from './snowflake-project.js';
import { makeProject, type TestProject } from './test-project.js';

beforeAll(() => compileBin());

const EVENTS = [
  '{"id": 1, "at": "2025-01-01T10:00:00", "what": "a, \\"b\\""}',
  '{"id": 2, "at": "2025-01-02T10:00:00", "what": null}',
  '{"id": 3, "what": "späť"}',
  '',
].join('\n');
const ORDERS = 'id,name,price\n1,"a,b",3.50\n2,NULL,4\n3,"",7\n4,"with\nnewline",\n';
const BROKEN = 'id,name,price\n5,e,1\nsix,f,2\n7,g,cheap\n8,h\n9,i,9\n';

function sources(options: string, events = ''): string {
  return `sources:
  - name: raw
    tables:
      - name: events
        config:
          meta:
            ingest:
              files: data/**/events*.jsonl
${events}
        columns:
          - {name: id, data_type: bigint}
          - {name: at, data_type: timestamp}
          - {name: what}
      - name: orders
        config:
          meta:
            ingest:
              files: [data/orders*.csv]
              null_if: ['NULL']
${options}
        columns:
          - {name: id, data_type: integer}
          - {name: name}
          - {name: price, data_type: "decimal(10,2)"}
`;
}

const files = (options = '', more: Record<string, string> = {}): Record<string, string> => ({
  'models/sources.yml': sources(options),
  'models/total.sql': "select count(*) as events from {{ source('raw', 'events') }}",
  'data/events1.jsonl': EVENTS,
  'data/later/events2.jsonl': '{"id": 9007199254740993}\n',
  'data/orders1.csv': ORDERS,
  ...more,
});

/** Puts events and orders into a bucket, some of them packed. */
async function put(project: TestProject, bucket: Bucket): Promise<void> {
  project.write('data/orders2.csv', 'id,name,price\n9,z,1\n');
  execFileSync('gzip', ['-k', join(project.dir, 'data/later/events2.jsonl')]);
  const packed = join(project.dir, 'data/orders2.csv.zst');
  await project.rows(`copy (select 9 as id, 'z' as name, 1 as price) to '${packed}' (format csv, compression zstd)`);
  const named = {
    'data/events1.jsonl': '2025/events1.jsonl',
    'data/later/events2.jsonl.gz': 'later/events2.jsonl.gz',
    'data/orders1.csv': '2025/orders1.csv',
    'data/orders2.csv.zst': '2025/more/orders2.csv.zst',
    'data/orders2.csv': '2025/orders2.csv',
  };
  await bucket.upload(
    Object.entries(named).map(([path, key]) => ({ path: join(project.dir, path), key: `exports/${key}` })),
  );
}

interface FileResult {
  file: string;
  status: string;
  rows_loaded: number;
  errors: number;
  first_error_line: number | null;
}

/** By file: status, rows, errors. */
function outcome(project: TestProject): Record<string, [string, number, number]> {
  const results = project.artifact('ingest_results.json').results as { files: FileResult[] }[];
  return Object.fromEntries(
    results.flatMap(({ files }) => files.map((one) => [one.file, [one.status, one.rows_loaded, one.errors]])),
  );
}

/** As `project.upsql`, while servers of this process can answer. */
async function run(project: TestProject, args: string[], env: Record<string, string> = {}) {
  const child = startUpsql(project.dir, args, { HOME: project.dir, ...env });
  let text = '';
  child.stdout.on('data', (data) => {
    text += String(data);
  });
  child.stderr.on('data', (data) => {
    text += String(data);
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, text };
}

describe('ingest into DuckDB', () => {
  it('loads every file once, and what is built reads it', async () => {
    const project = makeProject(files());
    const dry = project.upsql('ingest', '--dry-run');
    expect(dry.text).toContain('3 files: 3 would be loaded');
    const first = project.upsql('ingest');
    expect(first.code, first.text).toBe(0);
    expect(outcome(project)).toEqual({
      'data/events1.jsonl': ['loaded', 3, 0],
      'data/later/events2.jsonl': ['loaded', 1, 0],
      'data/orders1.csv': ['loaded', 4, 0],
    });
    expect(await project.rows('select id, "at", what from raw.events order by id')).toEqual(
      [
        [1n, '2025-01-01 10:00:00', 'a, "b"'],
        [2n, '2025-01-02 10:00:00', null],
        [3n, null, 'späť'],
        [9007199254740993n, null, null],
      ].map(([id, ...rest]) => [typeof id === 'bigint' && id < 1000n ? Number(id) : id, ...rest]),
    );
    expect(await project.rows('select id, name, price from raw.orders order by id')).toEqual([
      [1, 'a,b', '3.50'],
      [2, null, '4.00'],
      [3, '', '7.00'],
      [4, 'with\nnewline', null],
    ]);
    expect(project.upsql('ingest').text).toContain('3 files: 0 loaded (0 rows), 3 loaded before, 0 not loaded');
    expect(project.upsql('build').code).toBe(0);
    expect(await project.rows('select events from total')).toEqual([[4]]);
  });

  it('does with a file that changed what the declaration says, and loads all anew with --full-refresh', async () => {
    const project = makeProject(files());
    project.upsql('ingest');
    project.write('data/orders1.csv', `${ORDERS}5,new,1\n`);
    project.write('data/orders2.csv', 'id,name,price\n6,x,1\n');
    const changed = project.upsql('ingest', '-s', 'source:raw.orders');
    expect(changed.code).toBe(1);
    expect(changed.text).toMatch(/error\[file-not-loaded\]: data\/orders1\.csv: not loaded; the file has changed/);
    expect(await project.rows('select count(*) from raw.orders')).toEqual([[5]]);
    const anew = project.upsql('ingest', '-s', 'source:raw.orders', '--full-refresh');
    expect(anew.code, anew.text).toBe(0);
    expect(await project.rows('select count(*) from raw.orders')).toEqual([[6]]);
    expect(await project.rows('select count(*) from raw.events')).toEqual([[4]]);
    project.write('models/sources.yml', sources('              changed_files: append'));
    project.write('data/orders2.csv', 'id,name,price\n7,y,1\n');
    expect(project.upsql('ingest').code).toBe(0);
    expect(await project.rows('select id from raw.orders where id > 5 order by id')).toEqual([[6], [7]]);
  });

  it.each([
    ['abort_statement', 1, { 'data/orders1.csv': ['load_failed', 0, 0], 'data/orders2.csv': ['load_failed', 0, 3] }, 0],
    ['skip_file', 0, { 'data/orders1.csv': ['loaded', 4, 0], 'data/orders2.csv': ['load_failed', 0, 3] }, 4],
    ['continue', 0, { 'data/orders1.csv': ['loaded', 4, 0], 'data/orders2.csv': ['partially_loaded', 2, 3] }, 6],
  ])('on_error: %s', async (mode, code, expected, rows) => {
    const project = makeProject(files(`              on_error: ${mode}`, { 'data/orders2.csv': BROKEN }));
    const ran = project.upsql('ingest', '-s', 'source:raw.orders');
    expect(ran.code, ran.text).toBe(code);
    expect(outcome(project)).toEqual(expected);
    expect(await project.rows('select count(*) from raw.orders')).toEqual([[rows]]);
    const { rejected } = project.artifact('ingest_results.json').results[0];
    expect(
      rejected.map((row: { line: number; column: string; record: string }) => [row.line, row.column, row.record]),
    ).toEqual([
      [3, 'id', 'six,f,2'],
      [4, 'price', '7,g,cheap'],
      [5, 'price', '8,h'],
    ]);
    // A file that was mended is loaded by the next run, whatever became of the first.
    project.write('data/orders2.csv', 'id,name,price\n5,e,1\n');
    const again = project.upsql('ingest', '-s', 'source:raw.orders');
    if (mode === 'continue') expect(again.text).toContain('the file has changed since it was loaded');
    else expect(await project.rows('select count(*) from raw.orders')).toEqual([[5]]);
  });

  it('reads broken JSON, Parquet, compressed files and columns by name', async () => {
    const yaml = sources('              by_name: true', '              on_error: continue').replace(
      'data/orders*.csv',
      'data/orders*.csv.*',
    );
    const project = makeProject({
      ...files('', {
        'models/sources.yml': `${yaml}
      - name: items
        config: {meta: {ingest: {files: data/items.parquet}}}
        columns: [{name: id, data_type: integer}, {name: nothing}]
`,
      }),
      'data/events3.jsonl': '{"id": 4}\n{"id": 5\n[6]\n{"id": "seven"}\n\n{"id": 8, "what": {"deep": [1]}}\n',
      'data/orders9.csv': 'Price,other,ID\n1.25,x,10\n',
    });
    execFileSync('gzip', [join(project.dir, 'data/orders9.csv')]);
    await project.rows(
      `copy (select 11 as id, 'packed' as name, 2.5 as price) to '${join(project.dir, 'data/orders8.csv.zst')}' (format csv, compression zstd)`,
    );
    await project.rows(`copy (select 1 as ID, 2 as more) to '${join(project.dir, 'data/items.parquet')}'`);
    const ran = project.upsql('ingest');
    expect(ran.code, ran.text).toBe(0);
    expect(ran.text).toContain(
      'warning[rows-rejected]: data/events3.jsonl: 3 rows rejected; line 2: the line is no JSON object',
    );
    expect(await project.rows('select id, what from raw.events where id between 4 and 8 order by id')).toEqual([
      [4, null],
      [8, '{"deep":[1]}'],
    ]);
    expect(await project.rows('select id, name, price from raw.orders order by id')).toEqual([
      [10, null, '1.25'],
      [11, 'packed', '2.50'],
    ]);
    expect(await project.rows('select * from raw.items')).toEqual([[1, null]]);
  });

  it('kill -9 loses and doubles nothing', async () => {
    const project = makeProject(files('', { 'models/sources.yml': sources('', '              on_error: continue') }));
    const lines = Array.from({ length: 2000 }, (_, i) => `{"id": ${i}, "what": "x"}`).join('\n');
    mkdirSync(join(project.dir, 'data/many'));
    const many = 150;
    for (let i = 0; i < many; i++) writeFileSync(join(project.dir, `data/many/events${i}.jsonl`), `${lines}\n`);
    const log = join(project.dir, 'shop.duckdb.wal');
    const logged = (): number => statSync(log, { throwIfNoEntry: false })?.size ?? 0;
    let loaded = 0;
    for (let round = 0; round < 3; round++) {
      const child = startUpsql(project.dir, ['ingest', '-s', 'source:raw.events'], { HOME: project.dir });
      const ended = new Promise((resolve) => child.once('close', resolve));
      // DuckDB's log grows by each file: a few of them are in, and most are still to come.
      const start = logged();
      await vi.waitFor(() => expect(logged()).toBeGreaterThan(start + 100_000), { timeout: 50_000, interval: 1 });
      child.kill('SIGKILL');
      await ended;
      const sql =
        'select (select count(*) from raw.events), (select coalesce(sum(row_count), 0) from raw.upsql_load_history)';
      const [[rows, remembered] = [0, 0]] = await project.rows(sql);
      expect(Number(rows)).toBe(Number(remembered));
      expect(Number(rows)).toBeGreaterThan(loaded);
      expect(Number(rows)).toBeLessThan(many * 2000);
      loaded = Number(rows);
    }
    expect(project.upsql('ingest', '-s', 'source:raw.events').code).toBe(0);
    expect(await project.rows('select count(*) from raw.events')).toEqual([[many * 2000 + 4]]);
  });

  it.each([
    ['a key that is misspelt', 'on_eror: continue', /unknown key|on_eror/, /on_error/],
    ['a mode that is none', 'on_error: explode', /abort_statement, continue, skip_file/, undefined],
    ['a delimiter of two', 'delimiter: "||"', /no single character/, /tab/],
    ['a form that is none', 'format: xml', /json, csv, parquet/, undefined],
  ])('says at its line what is wrong: %s', (_, line, message, hint) => {
    const project = makeProject(files(`              ${line}`));
    const ran = project.upsql('ingest');
    expect(ran.code).toBe(2);
    expect(ran.text).toMatch(message);
    expect(ran.text).toMatch(/models\/sources\.yml:(17|20):\d+/);
    if (hint !== undefined) expect(ran.text).toMatch(hint);
  });

  it('says that no file matches, and that nothing is declared', () => {
    const project = makeProject({
      ...files(),
      'models/sources.yml': sources('').replace('data/orders*', 'data/odrers*'),
    });
    const ran = project.upsql('ingest');
    expect([ran.code, ran.text]).toEqual([
      1,
      expect.stringContaining('No file matches data/odrers*.csv (source raw.orders)'),
    ]);
    project.write(
      'models/sources.yml',
      sources('              optional: true').replace('data/orders*', 'data/odrers*'),
    );
    expect(project.upsql('ingest').code).toBe(0);
    const none = makeProject({ 'models/one.sql': 'select 1 as one' }).upsql('ingest');
    expect([none.code, none.text]).toEqual([2, expect.stringContaining('No selected source declares files')]);
  });
});

describe.skipIf(noS3 !== undefined)(
  `ingest of a bucket into DuckDB${noS3 === undefined ? '' : ` [skipped: ${noS3}]`}`,
  () => {
    let s3: S3Server;
    let bucket: Bucket;

    beforeAll(async () => {
      s3 = await startS3();
      const { region, credentials } = s3;
      bucket = await openBucket({ bucket: await s3.bucket('exports'), endpoint: s3.direct, region, credentials });
    });
    afterAll(async () => {
      bucket?.close();
      await s3?.stop();
    });

    const from = (events: string, orders: string) => {
      const yaml = files()['models/sources.yml'] ?? '';
      return yaml
        .replace('files: data/**/events*.jsonl', `files: ${events}`)
        .replace('files: [data/orders*.csv]', `files: ${orders}`);
    };

    it('loads each object once, fetches only what is new, and tells of what has changed', async () => {
      const project = makeProject(files());
      project.write(
        'models/sources.yml',
        from("'s3://exports/exports/**/*.jsonl*'", "'s3://exports/exports/2025/**/*.csv*'"),
      );
      await put(project, bucket);
      mkdirSync(join(project.dir, 'temporary'));
      const env = { ...s3.env, TMPDIR: join(project.dir, 'temporary') };
      const first = await run(project, ['ingest'], env);
      expect(first.code, first.text).toBe(0);
      expect(outcome(project)).toEqual({
        's3://exports/exports/2025/events1.jsonl': ['loaded', 3, 0],
        's3://exports/exports/later/events2.jsonl.gz': ['loaded', 1, 0],
        's3://exports/exports/2025/more/orders2.csv.zst': ['loaded', 1, 0],
        's3://exports/exports/2025/orders1.csv': ['loaded', 4, 0],
        's3://exports/exports/2025/orders2.csv': ['loaded', 1, 0],
      });
      expect(await project.rows('select count(*), max(id) from raw.events')).toEqual([[4, 9007199254740993n]]);
      expect(readdirSync(env.TMPDIR)).toEqual([]);
      project.write('data/orders3.csv', 'id,name,price\n10,new,1\n');
      project.write('data/orders2.csv', 'id,name,price\n9,changed,1\n');
      const keys = ['2', '3'].map((n) => ({
        path: join(project.dir, `data/orders${n}.csv`),
        key: `exports/2025/orders${n}.csv`,
      }));
      await bucket.upload(keys);
      s3.faults.log();
      const second = await run(project, ['ingest'], env);
      expect([second.code, second.text]).toEqual([
        1,
        expect.stringMatching(/orders2\.csv: not loaded; the file has changed/),
      ]);
      expect(second.text).toContain('6 files: 1 loaded (1 row), 4 loaded before, 1 not loaded');
      const got = s3.faults.log().flatMap(({ url }) => (url.includes('list-type=2') ? [] : [url.split('?')[0]]));
      expect(got).toEqual(['/exports/exports/2025/orders3.csv']);
    });

    it('tells a bucket that is missing or denied, and addresses that are none', async () => {
      const project = makeProject(files());
      const told = async (events: string, env: Record<string, string> = {}) => {
        project.write('models/sources.yml', from(events, 'data/orders*.csv'));
        const ran = await run(project, ['ingest', '-s', 'source:raw.events'], { ...s3.env, ...env });
        return `${ran.code} ${ran.text}`;
      };
      expect(await told("'s3://nowhere/*.jsonl'")).toMatch(/^1 .*error\[s3-missing-bucket\]/s);
      const stranger = {
        AWS_ACCESS_KEY_ID: s3.stranger.accessKeyId,
        AWS_SECRET_ACCESS_KEY: s3.stranger.secretAccessKey,
      };
      expect(await told("'s3://exports/*.jsonl'", stranger)).toMatch(/^1 .*error\[s3-denied\]/s);
      expect(await told("'s3://exports/none/*.jsonl'")).toMatch(/^1 .*No file matches s3:\/\/exports\/none/s);
      expect(await told("['s3://exports/*.jsonl', data/events1.jsonl]")).toMatch(
        /^2 .*names files of a bucket as well as others/s,
      );
      expect(await told("['s3://exports/*.jsonl', 's3://other/*.jsonl']")).toMatch(
        /^2 .*names files of several buckets/s,
      );
    });
  },
);

const missing = noS3 ?? noStandIn;
describe.skipIf(missing !== undefined)(
  `ingest into Snowflake${missing === undefined ? '' : ` [skipped: ${missing}]`}`,
  () => {
    let s3: S3Server;
    let standIn: StandIn;
    let counter = 0;

    beforeAll(async () => {
      [s3, standIn] = await Promise.all([startS3(), startStandIn()]);
    });
    afterAll(async () => {
      await Promise.all([s3?.stop(), standIn?.stop()]);
    });

    const opened = (bucket: string): Promise<Bucket> =>
      openBucket({ bucket, endpoint: s3.direct, region: s3.region, credentials: s3.credentials });

    /** A project with a bucket and a schema of its own. */
    async function remote(given: Record<string, string>, s3Options: Record<string, unknown> = {}) {
      counter += 1;
      const bucket = await s3.bucket(`ingest-${counter}`);
      const { accessKeyId: key, secretAccessKey: secret } = s3.credentials;
      await standIn.integration('s3_reader', { endpoint: s3.direct, key, secret });
      const options = { bucket, integration: 's3_reader', endpoint: s3.endpoint, ...s3Options };
      const output = { type: 'snowflake', threads: 2, ...standIn.profile({ s3: options }) };
      const schema = `RAW${counter}`;
      const yaml = (given['models/sources.yml'] ?? '').replace('- name: raw\n', `- name: raw\n    schema: ${schema}\n`);
      const project = makeProject({
        ...given,
        'models/sources.yml': yaml,
        'profiles.yml': JSON.stringify({ shop: { target: 'snowflake', outputs: { snowflake: output } } }),
      });
      const table = (name: string): string => `analytics.${schema}.${name}`;
      const rows = (sql: (table: (name: string) => string) => string) => standIn.query(sql(table));
      const ingest = (args: string[] = [], env: Record<string, string> = s3.env) =>
        run(project, ['ingest', ...args], env);
      return { project, bucket, rows, ingest };
    }

    it('loads by way of the bucket, every file once, and sends only what Snowflake reads', async () => {
      const { project, rows, ingest } = await remote(files());
      await standIn.log(true);
      const first = await ingest();
      expect(first.code, first.text).toBe(0);
      expect(outcome(project)).toEqual({
        'data/events1.jsonl': ['loaded', 3, 0],
        'data/later/events2.jsonl': ['loaded', 1, 0],
        'data/orders1.csv': ['loaded', 4, 0],
      });
      expect(await rows((table) => `select id, name, price from ${table('ORDERS')} order by id`)).toEqual([
        ['1', 'a,b', '3.50'],
        ['2', null, '4.00'],
        ['3', '', '7.00'],
        ['4', 'with\nnewline', null],
      ]);
      expect(await rows((table) => `select id, what from ${table('EVENTS')} order by id`)).toEqual([
        ['1', 'a, "b"'],
        ['2', null],
        ['3', 'späť'],
        ['9007199254740993', null],
      ]);
      const { statements } = await standIn.log(true);
      expect(unreadable(statements)).toEqual([]);
      expect(statements.filter(({ sql }) => !/\n\/\* \{"app": "upsql".*\*\/$/s.test(sql))).toEqual([]);
      expect(statements.map(({ sql }) => sql).join('\n')).not.toContain(s3.credentials.secretAccessKey);
      s3.faults.log();
      const second = await ingest();
      expect(second.text).toContain('3 files: 0 loaded (0 rows), 3 loaded before, 0 not loaded');
      expect(s3.faults.log()).toEqual([]);
    });

    it('takes files that are in a bucket already from where they are, packed ones too', async () => {
      const { project, bucket, rows, ingest } = await remote(files());
      const address = `s3://${bucket}/exports`;
      project.write(
        'models/sources.yml',
        project
          .read('models/sources.yml')
          .replace('files: data/**/events*.jsonl', `files: '${address}/**/events*.jsonl*'`)
          .replace(
            'files: [data/orders*.csv]',
            `files: ['${address}/2025/orders1.csv', '${address}/2025/more/*.csv.zst']`,
          ),
      );
      await put(project, await opened(bucket));
      await standIn.log(true);
      s3.faults.log();
      const dry = await ingest(['--dry-run']);
      expect(dry.text).toContain('4 files: 4 would be loaded');
      const first = await ingest();
      expect(first.code, first.text).toBe(0);
      expect(outcome(project)).toEqual({
        [`${address}/2025/events1.jsonl`]: ['loaded', 3, 0],
        [`${address}/later/events2.jsonl.gz`]: ['loaded', 1, 0],
        [`${address}/2025/orders1.csv`]: ['loaded', 4, 0],
        [`${address}/2025/more/orders2.csv.zst`]: ['loaded', 1, 0],
      });
      expect(await rows((table) => `select count(*), max(id) from ${table('EVENTS')}`)).toEqual([
        ['4', '9007199254740993'],
      ]);
      expect(await rows((table) => `select count(*), max(id) from ${table('ORDERS')}`)).toEqual([['5', '9']]);
      // Nothing goes through this machine but the list of what is there.
      expect(s3.faults.log().filter(({ url }) => !url.includes('list-type=2'))).toEqual([]);
      const { statements } = await standIn.log(true);
      expect(unreadable(statements)).toEqual([]);
      expect(statements.some(({ sql }) => sql.includes(`url = '${address}/2025/' storage_integration`))).toBe(true);
      expect((await ingest()).text).toContain('4 files: 0 loaded (0 rows), 4 loaded before, 0 not loaded');
    });

    it('a run that was killed between COPY and its own history doubles nothing', async () => {
      const { project, rows, ingest } = await remote(files());
      await ingest();
      await rows((table) => `delete from ${table('UPSQL_LOAD_HISTORY')}`);
      const again = await ingest();
      expect(again.code, again.text).toBe(0);
      expect(outcome(project)['data/orders1.csv']?.[0]).toBe('skipped');
      expect(await rows((table) => `select count(*) from ${table('ORDERS')}`)).toEqual([['4']]);
      const anew = await ingest(['--full-refresh']);
      expect(anew.code, anew.text).toBe(0);
      expect(await rows((table) => `select count(*) from ${table('ORDERS')}`)).toEqual([['4']]);
    });

    it.each(['abort_statement', 'skip_file', 'continue'])('on_error: %s as on DuckDB', async (mode) => {
      const given = files(`              on_error: ${mode}`, { 'data/orders2.csv': BROKEN });
      const local = makeProject(given);
      const there = local.upsql('ingest', '-s', 'source:raw.orders');
      const { project, rows, ingest } = await remote(given);
      const here = await ingest(['-s', 'source:raw.orders']);
      expect(here.code, here.text).toBe(there.code);
      const states = (of: TestProject) =>
        Object.entries(outcome(of)).map(([file, [status, loaded]]) => [file, status, loaded]);
      expect(states(project)).toEqual(states(local));
      const ids = await rows((table) => `select id from ${table('ORDERS')} order by id`);
      expect(ids.map(([id]) => Number(id))).toEqual(
        (await local.rows('select id from raw.orders order by id')).map(([id]) => id),
      );
      project.write('data/orders2.csv', 'id,name,price\n5,e,1\n');
      if (mode === 'continue') return;
      expect((await ingest(['-s', 'source:raw.orders'])).code).toBe(0);
      expect(await rows((table) => `select count(*) from ${table('ORDERS')}`)).toEqual([['5']]);
    });

    it('tells of faults of S3 without secrets, and a later run completes', async () => {
      const { project, rows, ingest } = await remote(files());
      const secrets = ['another-secret-word', s3.credentials.secretAccessKey, s3.stranger.secretAccessKey];
      const texts: string[] = [];
      const fails = async (env: Record<string, string>, code: string) => {
        const ran = await ingest(['--debug'], { ...s3.env, ...env });
        expect([ran.code, ran.text]).toEqual([1, expect.stringContaining(`error[${code}]`)]);
        texts.push(ran.text);
      };
      await fails({ AWS_SECRET_ACCESS_KEY: 'another-secret-word' }, 's3-credentials');
      await fails(
        { AWS_ACCESS_KEY_ID: s3.stranger.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.stranger.secretAccessKey },
        's3-denied',
      );
      await fails({ AWS_REGION: 'eu-west-1' }, 's3-wrong-region');
      s3.faults.add({ do: 503, method: 'PUT', times: 1000 });
      await fails({}, 's3-server');
      s3.faults.clear();
      const done = await ingest(['--debug']);
      expect(done.code, done.text).toBe(0);
      texts.push(done.text);
      expect(await rows((table) => `select count(*) from ${table('EVENTS')}`)).toEqual([['4']]);
      for (const name of readdirSync(join(project.dir, 'logs')))
        texts.push(readFileSync(join(project.dir, 'logs', name), 'utf8'));
      texts.push(project.read('target/ingest_results.json'));
      for (const text of texts) {
        for (const secret of secrets) expect(text).not.toContain(secret);
        expect(text).not.toMatch(/X-Amz-Signature|Signature=|AWS4-HMAC/);
      }
    });

    it('needs a bucket, and a table that can be written while a connection breaks is whole', async () => {
      const { project, rows, ingest } = await remote(files(), { bucket: null });
      const ran = await ingest();
      expect([ran.code, ran.text]).toEqual([2, expect.stringContaining('names no bucket')]);
      const other = await remote(files());
      await standIn.fault({ on: 'statement', do: 'cut', match: 'copy into', times: 1 });
      await other.ingest();
      await standIn.clearFaults();
      const again = await other.ingest();
      expect(again.code, again.text).toBe(0);
      expect(await other.rows((table) => `select count(*) from ${table('ORDERS')}`)).toEqual([['4']]);
      expect(await other.rows((table) => `select count(*) from ${table('EVENTS')}`)).toEqual([['4']]);
      expect(project.exists('target/ingest_results.json')).toBe(false);
      appendFileSync(join(other.project.dir, 'data/later/events2.jsonl'), '{"id": 10}\n');
      expect((await other.ingest()).text).toContain('the file has changed since it was loaded');
      expect(await rows(() => 'select 1')).toEqual([['1']]);
    });
  },
);
