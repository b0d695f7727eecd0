import { didYouMean } from '../../diagnostics/index.js';
import type { Parameter } from '../values/signature.js';
import { Signature } from '../values/signature.js';
import { HTML_FILTERS } from './html-filters.js';
import { NUMBER_FILTERS } from './number-filters.js';
import { SELECT_FILTERS } from './select-filters.js';
import { SEQUENCE_FILTERS } from './sequence-filters.js';
import { TESTS } from './tests.js';
import { TEXT_FILTERS } from './text-filters.js';

/** Parameters beyond the value, and the work. */
export type FilterEntry = readonly [readonly Parameter[], (value: never, ...rest: never[]) => unknown];
type Entry = { readonly signature: Signature; readonly call: (...values: unknown[]) => unknown };

function table(...lists: Readonly<Record<string, FilterEntry>>[]): ReadonlyMap<string, Entry> {
  const entries = lists.flatMap((list) => Object.entries(list));
  return new Map(
    entries.map(([name, [parameters, call]]) => [
      name,
      { signature: new Signature(['value', ...parameters]), call: call as (...values: unknown[]) => unknown },
    ]),
  );
}

let filterTable: ReadonlyMap<string, Entry> | null = null;
let testTable: ReadonlyMap<string, Entry> | null = null;

function filters(): ReadonlyMap<string, Entry> {
  filterTable ??= table(TEXT_FILTERS, HTML_FILTERS, NUMBER_FILTERS, SEQUENCE_FILTERS, SELECT_FILTERS);
  return filterTable;
}

function tests(): ReadonlyMap<string, Entry> {
  testTable ??= table(TESTS);
  return testTable;
}

export const hasFilter = (name: string): boolean => filters().has(name);
export const hasTest = (name: string): boolean => tests().has(name);
export const suggestFilter = (name: string): string | undefined => didYouMean(name, filters().keys());
export const suggestTest = (name: string): string | undefined => didYouMean(name, tests().keys());

/** `value | name(...)`. The caller has checked that there is such a filter. */
export function applyFilter(
  name: string,
  value: unknown,
  positional: readonly unknown[] = [],
  named: ReadonlyMap<string, unknown> | null = null,
): unknown {
  const entry = filters().get(name) as Entry;
  return entry.call(...entry.signature.bind(name, [value, ...positional], named));
}

/** `value is name(...)`. The caller has checked that there is such a test. */
export function applyTest(
  name: string,
  value: unknown,
  positional: readonly unknown[] = [],
  named: ReadonlyMap<string, unknown> | null = null,
): boolean {
  const entry = tests().get(name) as Entry;
  return entry.call(...entry.signature.bind(name, [value, ...positional], named)) as boolean;
}
