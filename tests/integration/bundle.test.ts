/** The bundle that the package ships: its entries work, and no module is in it twice. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { bin, compileBin } from '../unit/cli/compiled-bin.js';

beforeAll(compileBin);

const dist = resolve(dirname(bin), '..');
const code = join(dist, 'bundle');
const load = (name: string) => import(pathToFileURL(join(dist, name)).href);

describe('the bundle', () => {
  it('holds each source once, so that entries share classes and state', () => {
    const seen = new Map<string, string>();
    for (const name of readdirSync(code).filter((file) => file.endsWith('.map'))) {
      const { sources } = JSON.parse(readFileSync(join(code, name), 'utf8')) as { readonly sources: readonly string[] };
      for (const source of sources) {
        expect(seen.get(source), source).toBeUndefined();
        seen.set(source, name);
      }
    }
    expect(seen.size).toBeGreaterThan(300);
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
