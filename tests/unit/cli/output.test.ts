import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { OutputFlags } from '../../../src/cli/flags.js';
import { createOutput } from '../../../src/cli/output/create-output.js';
import { openOutput } from '../../../src/cli/output/index.js';
import { plainSink } from '../../../src/cli/output/plain.js';
import { problem } from '../../../src/diagnostics/index.js';
import type { NodeResult } from '../../../src/run/events.js';
import { fakeStream, sampleEvents, sampleNode, sampleResult } from './samples.js';

const flags: OutputFlags = {
  format: 'text',
  level: 'info',
  debug: false,
  colors: undefined,
  printerWidth: undefined,
  logPath: undefined,
  command: 'build',
};

const users = sampleResult(sampleNode('users', 'seed'), {
  adapterResponse: { _message: 'INSERT 3', rows_affected: 3 },
});
const facts = sampleResult(sampleNode('fact_events'), {
  executionTime: 1.236,
  adapterResponse: { _message: 'OK', rows_affected: 1_000_000 },
});
const failing: NodeResult = sampleResult(sampleNode('unique_id', 'test', { compiled_path: 'target/unique_id.sql' }), {
  status: 'fail',
  failures: 12,
  message: 'Got 12 results, configured to fail if != 0',
  sample: {
    columns: ['id', 'n'],
    rows: [
      [1, 2],
      [null, 10],
    ],
  },
});
const broken = sampleResult(sampleNode('bad'), {
  status: 'error',
  message: 'Database Error in model bad (models/bad.sql)\n  no column nam',
  diagnostics: [
    problem('missing-column', 'There is no column nam', {
      place: { file: 'models/bad.sql', line: 1, column: 8, length: 3 },
      source: 'select nam from users',
      hint: "Did you mean 'name'?",
    }),
  ],
});
const skipped = ['after', 'later'].map((name) =>
  sampleResult(sampleNode(name), { status: 'skipped', skippedBecause: ['model.shop.bad'] }),
);
const results = [users, facts, failing, broken, ...skipped];

function run(more: Partial<OutputFlags> = {}, list: readonly NodeResult[] = results) {
  const stdout = fakeStream();
  const io = { stdout, stderr: fakeStream(), env: {}, cwd: tmpdir() };
  const sink = plainSink({ log: stdout, answer: stdout }, false, () => new Date('2026-01-02T03:04:05Z'));
  const output = createOutput(sink, { ...flags, ...more }, io);
  for (const event of sampleEvents(list)) output.event(event);
  output.close();
  return stdout.text;
}

describe('plain output', () => {
  it('has a line a start and an end in dbt form, and a summary with reasons, places, rows and causes', () => {
    expect(run().replaceAll('03:04:05  ', '').replaceAll(/ +$/gm, '')).toBe(`Found 3 models, 1 data test

Concurrency: 2 threads (target='default')

1 of 6 START seed file main.users .............................................. [RUN]
1 of 6 OK loaded seed file main.users .......................................... [3 rows in 0.25s]
2 of 6 START sql table model main.fact_events .................................. [RUN]
2 of 6 OK created sql table model main.fact_events ............................. [1,000,000 rows in 1.24s]
3 of 6 START test unique_id .................................................... [RUN]
3 of 6 FAIL 12 unique_id ....................................................... [FAIL 12 in 0.25s]
4 of 6 START sql table model main.bad .......................................... [RUN]
4 of 6 ERROR creating sql table model main.bad ................................. [ERROR in 0.25s]
5 of 6 START sql table model main.after ........................................ [RUN]
5 of 6 SKIP relation main.after ................................................ [SKIP]
6 of 6 START sql table model main.later ........................................ [RUN]
6 of 6 SKIP relation main.later ................................................ [SKIP]

Finished running 1 data test, 1 seed, 4 table models in 0 hours 0 minutes and 1.50 seconds (1.50s).

Completed with 2 errors, 0 partial successes, and 0 warnings:

Failure in test unique_id (models/unique_id.sql)
  Got 12 results, configured to fail if != 0
  2 of 12 failing rows:
  |   id |  n |
  | ---- | -- |
  |    1 |  2 |
  | NULL | 10 |
  compiled code at target/unique_id.sql

Failure in model bad (models/bad.sql)
  Database Error in model bad (models/bad.sql)
  error[missing-column]: There is no column nam
    --> models/bad.sql:1:8
  > 1 | select nam from users
      |        ^^^
    hint: Did you mean 'name'?

Skipped 2 nodes because of model bad:
  after, later

Done. PASS=2 WARN=0 ERROR=2 SKIP=2 NO-OP=0 TOTAL=6
`);
  });

  it('has timestamps and no control characters', () => {
    const text = run();
    expect(text.split('\n')[0]).toBe('03:04:05  Found 3 models, 1 data test');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is the point.
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
  });

  it('says so when all went well', () => {
    expect(run({}, [users, facts])).toContain('Completed successfully');
  });

  it('says so when there was nothing to do', () => {
    expect(run({}, []).replaceAll('03:04:05  ', '')).toMatch(/\nNothing to do: no node is selected\.\n$/);
  });

  it('prints failures only when quiet, and the answer of a command always', () => {
    const text = run({ level: 'error' });
    expect(text).toContain('There is no column nam');
    expect(text).toContain('FAIL 12 unique_id');
    expect(text).not.toMatch(/START|OK created|Done\.|Skipped/);
    expect(run({ level: 'error' }, [users, facts])).toBe('');
  });
});

describe('what a model says', () => {
  it('has the name of a TypeScript model before it, and is as written from a template', () => {
    const stdout = fakeStream();
    const output = openOutput(flags, { stdout, stderr: fakeStream(), env: {}, cwd: tmpdir() });
    const typescript = sampleNode('scores', 'model', { language: 'typescript' });
    output.event({ kind: 'node-log', node: typescript, message: 'AUC 0.9', level: 'info' });
    output.event({ kind: 'node-log', node: sampleNode('orders'), message: 'hello', level: 'info' });
    output.event({ kind: 'node-log', node: sampleNode('orders'), message: 'quiet', level: 'debug' });
    expect(stdout.text.replaceAll(/\d\d:\d\d:\d\d {2}/g, '')).toBe('scores: AUC 0.9\nhello\n');
  });
});

describe('a summary of many skipped nodes', () => {
  it('names the first relations and counts the rest and the tests', () => {
    const because = { status: 'skipped', skippedBecause: ['model.shop.bad'] } as const;
    const models = Array.from({ length: 15 }, (_, n) => sampleResult(sampleNode(`m${n}`), because));
    const tests = Array.from({ length: 40 }, (_, n) => sampleResult(sampleNode(`t${n}`, 'test'), because));
    expect(run({}, [broken, ...models, ...tests])).toContain(`Skipped 55 nodes because of model bad:
  m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, … 3 more, 40 tests
`);
  });
});

describe('json output', () => {
  function lines() {
    const stdout = fakeStream();
    const io = { stdout, stderr: fakeStream(), env: {}, cwd: tmpdir() };
    const output = openOutput({ ...flags, format: 'json' }, io, false, 'the-invocation');
    for (const event of sampleEvents(results)) output.event(event);
    output.result('model.shop.a');
    output.close();
    return stdout.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  }

  it('is one object a line with info and data as dbt lays them out', () => {
    const all = lines();
    for (const { info } of all) {
      expect(Object.keys(info).sort()).toEqual(
        ['category', 'code', 'extra', 'invocation_id', 'level', 'msg', 'name', 'pid', 'thread', 'ts'].sort(),
      );
      expect(info.invocation_id).toBe('the-invocation');
    }
    const model = all.find((line) => line.info.name === 'LogModelResult');
    expect(model.info).toMatchObject({ code: 'Q012', level: 'info', thread: 'Thread-1' });
    expect(model.data).toMatchObject({
      index: 2,
      total: 6,
      status: 'success',
      execution_time: 1.236,
      node_info: { unique_id: 'model.shop.fact_events', materialized: 'table', node_status: 'success' },
    });
    expect(all.find((line) => line.info.name === 'LogTestResult').data).toMatchObject({
      num_failures: 12,
      num_models: 6,
      attached_node: '',
    });
    expect(all.find((line) => line.info.name === 'LogSeedResult').data).toMatchObject({
      relation: 'users',
      schema: 'main',
      result_message: expect.any(String),
    });
    expect(all.find((line) => line.info.name === 'StatsLine').data.stats).toEqual({
      pass: 2,
      warn: 0,
      error: 2,
      skip: 2,
      noop: 0,
      total: 6,
    });
    expect(all.at(-1).info).toMatchObject({ name: 'PrintEvent', msg: 'model.shop.a' });
  });

  it('carries no colours, not even when asked for', () => {
    const stdout = fakeStream(80, true);
    const io = { stdout, stderr: fakeStream(), env: {}, cwd: tmpdir() };
    const output = openOutput({ ...flags, format: 'json', colors: true }, io);
    for (const event of sampleEvents(results)) output.event(event);
    expect(stdout.text).not.toContain('\\u001b');
  });
});

describe('openOutput', () => {
  const open = (env: Record<string, string>, isTTY: boolean, more: Partial<OutputFlags> = {}) => {
    const stdout = fakeStream(80, isTTY);
    const output = openOutput({ ...flags, ...more }, { stdout, stderr: fakeStream(), env, cwd: tmpdir() });
    for (const event of sampleEvents([users])) output.event(event);
    output.close();
    return stdout.text;
  };

  it('colours a terminal unless NO_COLOR or --no-use-colors, and a pipe only with --use-colors', () => {
    const green = '\u001b[32m';
    expect(open({}, true)).toContain(green);
    expect(open({ NO_COLOR: '1' }, true)).not.toContain(green);
    expect(open({}, true, { colors: false })).not.toContain(green);
    expect(open({}, false)).not.toContain(green);
    expect(open({}, false, { colors: true })).toContain(green);
  });

  it('has no live line in CI and on dumb terminals', () => {
    expect(open({}, true)).toContain('\u001b[?25l');
    expect(open({ CI: 'true' }, true)).not.toContain('\u001b[?25l');
    expect(open({ TERM: 'dumb' }, true)).not.toContain('\u001b');
  });

  it('fits an answer to the stream it goes to, not to that of the log', () => {
    const open = (answer: boolean, log: boolean) =>
      openOutput(flags, { stdout: fakeStream(50, answer), stderr: fakeStream(70, log), env: {}, cwd: tmpdir() }, true);
    const piped = open(false, true);
    expect([piped.style.colors, piped.answer.style.colors, piped.answer.width]).toEqual([true, false, undefined]);
    const shown = open(true, false);
    expect([shown.style.colors, shown.answer.style.colors, shown.answer.width]).toEqual([false, true, 50]);
  });

  it('keeps the log of a command that answers apart from its answer', () => {
    const stdout = fakeStream();
    const stderr = fakeStream();
    const output = openOutput(flags, { stdout, stderr, env: {}, cwd: tmpdir() }, true);
    output.log('warn', 'careful');
    output.result('shop.users');
    expect(stdout.text).toBe('shop.users\n');
    expect(stderr.text).toMatch(/^\d\d:\d\d:\d\d {2}careful\n$/);
  });
});
