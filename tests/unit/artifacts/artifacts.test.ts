import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { scrub, secretsOf, writeAtomic, writeManifest, writeRunResults } from '../../../src/artifacts/index.js';
import { UpsqlError } from '../../../src/diagnostics/index.js';
import { Float } from '../../../src/jinja/values/float.js';
import type { NodeResult } from '../../../src/run/events.js';
import { manifestOf, nodeOf } from '../run/fixtures.js';
import { validator } from './schemas.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'upsql-artifacts-'));
});

const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const models = Array.from({ length: 3 }, (_, i) => nodeOf(`m${i}`));

function resultOf(name: string, more: Partial<NodeResult> = {}): NodeResult {
  return {
    node: nodeOf(name),
    status: 'success',
    timing: [
      { name: 'compile', startedAt: new Date(0), completedAt: new Date(5) },
      { name: 'execute', startedAt: new Date(5), completedAt: new Date(12) },
    ],
    threadId: 'Thread-1 (worker)',
    executionTime: 0.012,
    adapterResponse: { _message: 'OK' },
    message: 'OK',
    failures: null,
    diagnostics: [],
    compiled: true,
    compiledCode: 'select 1',
    relationName: `"db"."main"."${name}"`,
    skippedBecause: [],
    ...more,
  };
}

describe('manifest.json', () => {
  it("is valid against dbt's schema, with every kind of node", async () => {
    const manifest = manifestOf([
      nodeOf('a', { contract: { enforced: false, alias_types: true, checksum: null }, access: 'protected' }),
      nodeOf('s', { resource_type: 'seed', root_path: '/p', original_file_path: 'seeds/s.csv' }),
      nodeOf('t', {
        resource_type: 'test',
        test_metadata: { name: 'unique', kwargs: { column_name: 'id' }, namespace: null },
        column_name: 'id',
      }),
      nodeOf('one', { resource_type: 'test' }),
      nodeOf('sn', { resource_type: 'snapshot' }),
      nodeOf('an', { resource_type: 'analysis' }),
    ]);
    await writeManifest(manifest, folder);
    const validate = validator('manifest');
    expect(validate(JSON.parse(read('manifest.json'))), JSON.stringify(validate.errors?.slice(0, 5))).toBe(true);
  });

  it('leaves out what only the engine knows', async () => {
    await writeManifest(manifestOf([nodeOf('a', { _template: 'inner' })]), folder);
    const written = JSON.parse(read('manifest.json'));
    expect(Object.keys(written.nodes)).toEqual(['model.shop.a']);
    expect(written.nodes['model.shop.a']).not.toHaveProperty('_template');
    expect(Object.keys(written.nodes['model.shop.a']).slice(0, 3)).toEqual(['database', 'schema', 'name']);
  });

  it('writes numbers as Python does: large integers exact, whole floats as floats', async () => {
    const meta = {
      big: 12345678901234567890n,
      text: '12n',
      share: new Float(1),
      odd: new Float(Number.NaN),
      list: [1],
    };
    await writeManifest(manifestOf([nodeOf('a', { meta })]), folder);
    const written = '"meta":{"big":12345678901234567890,"text":"12n","share":1.0,"odd":null,"list":[1]}';
    expect(read('manifest.json')).toContain(written);
  });

  it('holds 10,000 nodes', async () => {
    const nodes = Array.from({ length: 10_000 }, (_, i) => nodeOf(`m${i}`, { raw_code: 'x'.repeat(1000) }));
    await writeManifest(manifestOf(nodes), folder);
    expect(Object.keys(JSON.parse(read('manifest.json')).nodes)).toHaveLength(10_000);
  });
});

describe('run_results.json', () => {
  const { metadata } = manifestOf([]);

  it("is valid against dbt's schema and has dbt's fields", async () => {
    const results = [
      resultOf('a'),
      resultOf('b', { status: 'skipped', timing: [], compiled: false, compiledCode: null, message: null }),
      { ...resultOf('s'), node: nodeOf('s', { resource_type: 'seed' }) },
      { ...resultOf('t', { status: 'fail', failures: 3 }), node: nodeOf('t', { resource_type: 'test' }) },
    ];
    const outcome = { results, elapsed: 1.5, success: false };
    await writeRunResults(outcome, folder, { metadata, args: { which: 'build', vars: {} } });
    const written = JSON.parse(read('run_results.json'));
    const validate = validator('run-results');
    expect(validate(written), JSON.stringify(validate.errors)).toBe(true);
    expect(written.results.map((entry: { unique_id: string }) => entry.unique_id)).toEqual([
      'model.shop.a',
      'model.shop.b',
      'seed.shop.s',
      'test.shop.t',
    ]);
    expect(written.results[0]).toMatchObject({
      status: 'success',
      timing: [{ name: 'compile', started_at: '1970-01-01T00:00:00.000Z' }, { name: 'execute' }],
      execution_time: 0.012,
      compiled: true,
      compiled_code: 'select 1',
      relation_name: '"db"."main"."a"',
      batch_results: null,
    });
    expect(written.results[2]).toMatchObject({ compiled: null, compiled_code: null, relation_name: null });
    expect(written.elapsed_time).toBe(1.5);
  });

  it('shows no secret', async () => {
    const secrets = secretsOf({ DBT_ENV_SECRET_KEY: 'pa"ss\nword', PATH: '/bin' }, { DBT_ENV_SECRET_VAR: 'hunter2' });
    const results = [resultOf('a', { status: 'error', message: 'login with pa"ss\nword failed' })];
    const args = { which: 'run', vars: { k: 'hunter2' } };
    await writeRunResults({ results, elapsed: 0, success: false }, folder, { metadata, args, secrets });
    const text = read('run_results.json');
    expect(text).not.toMatch(/hunter2|pa\\"ss/);
    expect(JSON.parse(text).results[0].message).toBe('login with ***** failed');
    expect(scrub('key pa"ss\nword!', secrets)).toBe('key *****!');
  });
});

describe('writeAtomic', () => {
  function* failing(): Generator<string> {
    yield 'new';
    throw new Error('halfway');
  }

  it('keeps the old file when writing fails halfway, and leaves nothing behind', async () => {
    const file = join(folder, 'f.json');
    writeFileSync(file, 'old');
    await expect(writeAtomic(file, failing())).rejects.toThrow(/Can't write .*f\.json: halfway/);
    expect(readFileSync(file, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['f.json']);
  });

  it('says why a file could not be written and what to do', async () => {
    writeFileSync(join(folder, 'target'), '');
    const attempt = writeManifest(manifestOf(models), join(folder, 'target'));
    const error = await attempt.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UpsqlError);
    const [found] = (error as UpsqlError).diagnostics;
    expect(found?.code).toBe('cannot-write');
    expect(found?.message).toMatch(/target\/manifest\.json: a file stands where a folder is needed/);
    expect(found?.hint).toContain('--target-path');
    expect((error as UpsqlError).exitCode).toBe(2);
  });

  it.skipIf(process.getuid?.() === 0)('reports a folder that is read-only', async () => {
    const closed = join(folder, 'closed');
    mkdirSync(closed);
    chmodSync(closed, 0o500);
    await expect(writeManifest(manifestOf(models), closed)).rejects.toThrow(/permission denied/);
  });

  it('makes missing folders', async () => {
    await writeManifest(manifestOf(models), join(folder, 'a/b'));
    expect(existsSync(join(folder, 'a/b/manifest.json'))).toBe(true);
  });

  it.skipIf(!existsSync('/dev/full'))('reports a full disk', async () => {
    const { cannotWrite } = await import('../../../src/artifacts/index.js');
    const error = (() => {
      try {
        writeFileSync('/dev/full', 'x');
      } catch (thrown) {
        return cannotWrite('/dev/full', thrown);
      }
    })();
    expect(error?.message).toBe("Can't write /dev/full: the disk is full");
  });
});
