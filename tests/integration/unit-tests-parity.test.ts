/** The outcome of unit tests beside dbt-core's own, which scripts/judge/unit_tests.py recorded. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileBin, upsql } from '../unit/cli/compiled-bin.js';

beforeAll(compileBin);

const HOME = resolve(import.meta.dirname, 'unit-tests');

interface Outcome {
  readonly status: string;
  readonly failures: number | null;
  readonly compiled: boolean | null;
  readonly message?: string;
}

type Json = Record<string, unknown>;
interface Expected {
  readonly test?: Record<string, Outcome>;
  readonly build?: Record<string, Outcome>;
  readonly unit_tests: Record<string, Json>;
  readonly disabled: readonly string[];
  readonly compiled: readonly string[];
}

const expectedOf = (name: string): Expected => JSON.parse(readFileSync(join(HOME, name, 'expected.json'), 'utf8'));

function copyOf(name: string): string {
  const dir = mkdtempSync(join(tmpdir(), `upsql-unit-${name}-`));
  cpSync(join(HOME, name), dir, { recursive: true });
  return dir;
}

// biome-ignore lint/suspicious/noExplicitAny: artifacts are looked into by path
const artifact = (dir: string, file: string): any => JSON.parse(readFileSync(join(dir, 'target', file), 'utf8'));

function outcomes(dir: string): Record<string, Outcome> {
  const { results } = artifact(dir, 'run_results.json') as { results: (Outcome & { unique_id: string })[] };
  return Object.fromEntries(results.map((result) => [result.unique_id, result]));
}

function unitTests(dir: string): Record<string, Json> {
  const tests = artifact(dir, 'manifest.json').unit_tests as Record<string, Json>;
  return Object.fromEntries(Object.entries(tests).map(([id, { created_at: _, ...test }]) => [id, test]));
}

/**
 * The header and the rows that differ, without the padding, in any order: which equal rows stand around them and in what
 * order depends on the differ. Where a side has no rows at all dbt prints Python's own forms of nulls and dates.
 */
function differences(message: string | undefined): string[] {
  const rows = (message ?? '').split('\r\n').filter((line) => /^(@@|\n*actual|\+\+\+|---|→)/.test(line));
  return rows
    .map((line) => line.replace(/^[\s\S]*@@/, '@@').replace(/ +(?=,|$)/g, ''))
    .map((line) => line.replace(/\bnull\b/g, 'NULL'))
    .map((line) =>
      line.replace(/"datetime\.date\((\d+), (\d+), (\d+)\)"/g, (_, y, m, d) =>
        [y, m.padStart(2, '0'), d.padStart(2, '0')].join('-'),
      ),
    )
    .sort();
}

const judged = ({ status, failures }: Outcome) => ({ status, failures });

describe('unit tests beside dbt-core', () => {
  it.each([
    { project: 'rows', command: ['test', '--select', 'test_type:unit'], key: 'test' as const },
    { project: 'order', command: ['build'], key: 'build' as const },
  ])('$project: statuses, counts and messages', ({ project, command, key }) => {
    const dir = copyOf(project);
    const expected = expectedOf(project);
    if (key === 'test') {
      const built = upsql(dir, ['build', '--exclude-resource-type', 'unit_test']);
      expect(built.stdout + built.stderr).toContain('Completed successfully');
    }
    upsql(dir, command);
    const theirs = expected[key] ?? {};
    const ours = outcomes(dir);
    expect(Object.keys(ours).sort()).toEqual(Object.keys(theirs).sort());
    for (const [id, outcome] of Object.entries(theirs)) {
      expect({ id, ...judged(ours[id] as Outcome) }).toEqual({ id, ...judged(outcome) });
      if (!id.startsWith('unit_test.')) continue;
      expect({ id, compiled: ours[id]?.compiled }).toEqual({ id, compiled: outcome.compiled });
      if (outcome.message !== undefined)
        expect({ id, rows: differences(ours[id]?.message) }).toEqual({ id, rows: differences(outcome.message) });
    }
    const compiled = readdirSync(join(dir, 'target/compiled'), { recursive: true, encoding: 'utf8' });
    const unit = (path: string) => path.includes('.yml/');
    const gone = expected.compiled.filter((path) => unit(path) && !existsSync(join(dir, 'target/compiled', path)));
    expect(gone).toEqual([]);
    // A unit test that dbt refuses before it renders the model is rendered here, and its SQL shown.
    const more = compiled.filter((path) => unit(path) && path.endsWith('.sql') && !expected.compiled.includes(path));
    for (const path of more) expect(theirs[testOf(path, theirs)]?.status).toBe('error');
  });

  it.each(['rows', 'order'])('%s: unit_tests of the manifest', (project) => {
    const dir = copyOf(project);
    expect(upsql(dir, ['parse']).code).toBe(0);
    const expected = expectedOf(project);
    expect(unitTests(dir)).toEqual(expected.unit_tests);
    const disabled = Object.keys(artifact(dir, 'manifest.json').disabled as Json);
    expect(disabled.filter((id) => id.startsWith('unit_test.')).sort()).toEqual(expected.disabled);
  });
});

/** The id of the test whose compiled SQL is at `path`. */
function testOf(path: string, all: Readonly<Record<string, Outcome>>): string {
  const name =
    path
      .split('/')
      .at(-1)
      ?.replace(/\.sql$/, '') ?? '';
  return Object.keys(all).find((id) => id.endsWith(`.${name}`)) ?? '';
}
