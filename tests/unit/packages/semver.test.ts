import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  compareVersions,
  highest,
  installable,
  intersect,
  parseVersion,
  readVersion,
  UnreadableVersion,
  versionText,
} from '../../../src/project/semver.js';

interface Expectations {
  readonly parse: readonly (readonly [text: string, read: string | null])[];
  readonly compare: readonly (readonly [a: string, b: string, order: number])[];
  readonly reduce: readonly (readonly [bounds: string[], ends: string[] | null])[];
  readonly choose: readonly (readonly [
    bounds: string[],
    available: string[],
    prereleases: boolean,
    outcome: { installable: string[]; chosen: string | null } | null,
  ])[];
}

/** What dbt-core makes of the same, by scripts/packages/semver.py. */
const dbt = JSON.parse(readFileSync(new URL('./fixtures/semver.json', import.meta.url), 'utf8')) as Expectations;

describe('versions, as dbt has them', () => {
  it('are read or refused', () => {
    const read = (text: string): string | null => {
      const version = parseVersion(text);
      return version === undefined ? null : versionText(version);
    };
    expect(dbt.parse.length).toBeGreaterThan(100);
    expect(dbt.parse.map(([text]) => [text, read(text)])).toEqual(dbt.parse);
  });

  it('are ordered', () => {
    expect(dbt.compare.map(([a, b]) => [a, b, compareVersions(readVersion(a), readVersion(b))])).toEqual(dbt.compare);
  });

  it('narrow each other to a range', () => {
    const narrow = (bounds: readonly string[]): string[] | null => {
      const range = intersect(bounds.map(readVersion));
      return range === undefined
        ? null
        : [range.start, range.end].flatMap((end) => (end === undefined ? [] : [versionText(end)]));
    };
    expect(dbt.reduce.filter(([, ends]) => ends === null).length).toBeGreaterThan(100);
    expect(dbt.reduce.map(([bounds]) => [bounds, narrow(bounds)])).toEqual(dbt.reduce);
  });

  it('are chosen', () => {
    const choose = (bounds: readonly string[], available: readonly string[], prereleases: boolean) => {
      const range = intersect(bounds.map(readVersion));
      if (range === undefined) return null;
      const sorted = installable(available, prereleases);
      return { installable: sorted, chosen: highest(sorted, range) ?? null };
    };
    expect(dbt.choose.map(([b, a, p]) => [b, a, p, choose(b, a, p)])).toEqual(dbt.choose);
  });
});

it('a text that is no version is named', () => {
  expect(() => readVersion('^1.0.0')).toThrow(UnreadableVersion);
  expect(() => readVersion('^1.0.0')).toThrow("'^1.0.0' is no version");
});
