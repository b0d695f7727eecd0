import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Json } from './observe.js';

/** A place where two observations are not the same; undefined: not there. */
export interface Difference {
  readonly path: string;
  readonly dbt: Json | undefined;
  readonly upsql: Json | undefined;
}

/** A difference that is there on purpose, or that no one can do anything about. */
export interface Purpose {
  readonly why: string;
  /** Group and command line, `group: line`; default: all. */
  readonly at: RegExp;
  /** The place in the observation. */
  readonly path: RegExp;
  /** What the two have there, as JSON; absent is ''. Default: anything. */
  readonly dbt: RegExp;
  readonly upsql: RegExp;
}

interface Written {
  readonly why: string;
  readonly at?: string;
  readonly path: string;
  readonly dbt?: string;
  readonly upsql?: string;
}

const whole = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`);

/** The list of differences.yml. */
export const PURPOSES: readonly Purpose[] = (
  parse(readFileSync(join(import.meta.dirname, 'differences.yml'), 'utf8')) as Written[]
).map(({ why, at = '.*', path, dbt = '.*', upsql = '.*' }) => ({
  why,
  at: whole(at),
  path: whole(path),
  dbt: whole(dbt),
  upsql: whole(upsql),
}));

const isMap = (value: Json | undefined): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every place below `path` where the two differ. */
export function differences(dbt: Json | undefined, upsql: Json | undefined, path = ''): Difference[] {
  if (isMap(dbt) && isMap(upsql)) {
    const keys = new Set([...Object.keys(dbt), ...Object.keys(upsql)]);
    return [...keys].flatMap((key) => differences(dbt[key], upsql[key], `${path}/${key}`));
  }
  if (Array.isArray(dbt) && Array.isArray(upsql)) {
    if (dbt.length === upsql.length) return dbt.flatMap((item, i) => differences(item, upsql[i], `${path}/${i}`));
    const [missing, more] = [without(dbt, upsql), without(upsql, dbt)];
    return [{ path, dbt: missing, upsql: more }];
  }
  return JSON.stringify(dbt) === JSON.stringify(upsql) ? [] : [{ path, dbt, upsql }];
}

function without(list: readonly Json[], other: readonly Json[]): Json[] {
  const left = other.map(sortedText);
  return list.filter((item) => {
    const at = left.indexOf(sortedText(item));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** JSON whose keys are in one order. */
function sortedText(value: Json): string {
  return JSON.stringify(value, (_, inner: Json) =>
    isMap(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}

/** The purpose that a difference of a command line has. */
export function purposeOf(at: string, { path, dbt, upsql }: Difference): Purpose | undefined {
  const text = (value: Json | undefined): string => (value === undefined ? '' : JSON.stringify(value));
  return PURPOSES.find(
    (purpose) =>
      purpose.at.test(at) && purpose.path.test(path) && purpose.dbt.test(text(dbt)) && purpose.upsql.test(text(upsql)),
  );
}
