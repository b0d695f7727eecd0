/** Diffs of random tables beside those that dbt-core's own differ gives (scripts/judge/unit_test_diffs.py). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compareRows } from '../../../src/run/unit-tests/compare.js';
import { diffLines } from '../../../src/run/unit-tests/diff-text.js';
import { row } from './rows.js';

type Value = string | number | null;
interface Case {
  readonly columns: readonly string[];
  readonly expected: readonly (readonly Value[])[];
  readonly actual: readonly (readonly Value[])[];
  readonly lines: readonly string[] | null;
}

const cases: readonly Case[] = JSON.parse(readFileSync(join(import.meta.dirname, 'diffs.json'), 'utf8'));

/** Without padding and order; whole rows of dbt's have Python's own forms of decimals and nulls. */
const bare = (lines: readonly string[]): string[] =>
  lines
    .map((line) => line.replace(/Decimal\('([^']*)'\)/g, '$1').replace(/\bnull\b/g, 'NULL'))
    .map((line) => line.replace(/ +(?=,|$)/g, ''))
    .sort();

const differing = ({ columns, expected, actual }: Case): string[] | null => {
  const diff = compareRows({ columns, expected: expected.map(row), actual: actual.map(row) });
  return diff === undefined ? null : bare(diffLines(diff).filter((line) => /^(\+\+\+|---|→)/.test(line)));
};

describe('diffs beside dbt-core', () => {
  it('differ in the same cases', () => {
    for (const one of cases) expect([one, differing(one) === null]).toEqual([one, one.lines === null]);
  });

  it('name the same rows in nearly all', () => {
    const other = cases.filter((one) => !sameLines(differing(one), one.lines));
    // Where several rows could be the changed one, another may be taken.
    expect(other.length).toBeLessThan(cases.length * 0.03);
    for (const one of other) expect(changes(differing(one) ?? [])).toBeGreaterThanOrEqual(changes(one.lines ?? []) - 1);
  });
});

const changes = (lines: readonly string[]): number => lines.filter((line) => line.startsWith('→')).length;

/** dbt hides some of the equal columns as `...`. */
function sameLines(ours: readonly string[] | null, theirs: readonly string[] | null): boolean {
  if (ours === null || theirs === null) return ours === theirs;
  const pattern = (line: string) => line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('\\.\\.\\.', '.*');
  return (
    bare(theirs).every((line, i) => new RegExp(`^${pattern(line)}$`).test(ours[i] ?? '')) &&
    ours.length === theirs.length
  );
}
