/** The bundle that the package ships: its entries work and share what they are made of, compiled code is kept safely. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { bin, compileBin, upsql } from '../unit/cli/compiled-bin.js';

beforeAll(compileBin);

const dist = resolve(dirname(bin), '..');
const code = join(dist, 'bundle');
const load = (name: string) => import(pathToFileURL(join(dist, name)).href);

/** A command in a new project, with its compiled code in `cache`. */
const run = (cache: string, args: readonly string[] = ['ls']) => {
  const { code, stdout, stderr } = upsql(project, args, { UPSQL_CODE_CACHE: cache });
  return { code, stdout: stdout.replace(/^\d\d:\d\d:\d\d/gm, ''), stderr };
};
const scratch = () => mkdtempSync(join(tmpdir(), 'upsql-bundle-'));
const kept = (cache: string): string[] =>
  readdirSync(cache, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.bin') || name.endsWith('.tmp'),
  );
let project = '';

describe('compiled code', () => {
  beforeAll(() => {
    const folder = scratch();
    upsql(folder, ['init', 'shop']);
    project = join(folder, 'shop');
  });

  it('is kept by command, used again, and made anew where it is damaged', () => {
    const cache = scratch();
    const first = run(cache);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    const [name = '', ...others] = kept(cache);
    expect(others).toEqual([]);
    expect(name).toMatch(/ls\.bin$/);
    const file = join(cache, name);
    const whole = readFileSync(file);
    expect(run(cache)).toEqual(first);
    expect(readFileSync(file).equals(whole)).toBe(true);
    const changed = Buffer.from(whole);
    changed.fill(0x55, whole.length / 2, whole.length / 2 + 2000);
    for (const damaged of [changed, whole.subarray(0, 5000), Buffer.alloc(0)]) {
      writeFileSync(file, damaged);
      expect(run(cache)).toEqual(first);
      expect(readFileSync(file).length).toBeGreaterThan(100_000);
    }
  });

  it('runs queries and TypeScript models', () => {
    const cache = scratch();
    writeFileSync(
      join(project, 'models/typed.ts'),
      `import { kMeans } from 'upsql/ml';
export const config = { materialized: 'table', refs: ['daily_revenue'] };
export default async function model() { return { columns: { a: [typeof kMeans] } }; }`,
    );
    for (let i = 0; i < 2; i++) expect(run(cache, ['build']).stdout).toContain('ERROR=0');
    expect(kept(cache)).toHaveLength(1);
  });

  it('is not kept of a command that fails, where it may not be, or with UPSQL_CODE_CACHE=0', () => {
    const cache = scratch();
    expect(run(cache, ['nonsense']).code).toBe(2);
    expect(kept(cache)).toEqual([]);
    writeFileSync(join(cache, 'file'), '');
    expect(run(join(cache, 'file'))).toMatchObject({ code: 0, stderr: '' });
    expect(run('0')).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(join(project, '0'))).toBe(false);
  });
});

describe('the bundle', () => {
  it('has one file of code, so that entries share classes and state', async () => {
    const files = readdirSync(code).filter((name) => /^upsql-\w+\.cjs$/.test(name));
    expect(files).toHaveLength(1);
    const { load: loadBundle } = createRequire(import.meta.url)(join(code, 'load.cjs'));
    const [entry, inside] = await Promise.all([load('ml/index.js'), loadBundle('library')['ml/index']()]);
    expect(entry.kMeans).toBe(inside.kMeans);
  });

  it('has every entry that package.json names', async () => {
    const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      readonly exports: Readonly<Record<string, { readonly default?: string }>>;
    };
    const files = Object.values(exports).flatMap((entry) => entry.default ?? []);
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) await load(file.replace('./dist/', ''));
  });

  it('throws errors of one class from all entries', async () => {
    const [upsql, jinja] = await Promise.all([load('index.js'), load('jinja/index.js')]);
    expect(jinja.renderString('{{ 1.0 ~ x }}', { x: [true] })).toBe('1.0[True]');
    expect(() => jinja.renderString('{% if %}')).toThrow(upsql.UpsqlError);
  });

  it('has beside it what is read while it runs', () => {
    for (const name of ['macros/dbt', 'simulate/worker.js', 'ml/gbdt/worker.js', 'bundle/LICENSES.txt'])
      expect(existsSync(join(dist, name)), name).toBe(true);
    expect(readFileSync(join(code, 'LICENSES.txt'), 'utf8')).toMatch(/^yargs \d.*MIT/m);
  });
});
