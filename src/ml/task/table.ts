import { didYouMean } from '../../diagnostics/index.js';
import { mlError, orderBy } from '../matrix.js';

/** A column of numbers with NaN for null, or of any values. */
export type TaskColumn = Float64Array | readonly unknown[];

/** Rows that a task works on, column by column, found by name without case. */
export interface TaskColumns {
  readonly rows: number;
  readonly names: readonly string[];
  /** @throws UpsqlError `ml-missing-column`. */
  column(name: string): TaskColumn;
  /** A column of numbers; booleans are 0 and 1. @throws UpsqlError `ml-missing-column`, `ml-not-numeric`. */
  numbers(name: string): Float64Array;
  /** A column's values as texts that sort as they do (dates, keys). */
  texts(name: string): readonly (string | null)[];
}

/** Takes the columns in the order of the key's values, so that nothing depends on the order a warehouse gives rows in. */
export function taskColumns(
  columns: ReadonlyMap<string, TaskColumn>,
  rows: number,
  key: readonly string[] = [],
): TaskColumns {
  const lower = new Map([...columns].map(([name, data]) => [name.toLowerCase(), data]));
  const raw = (name: string): TaskColumn => {
    const found = lower.get(name.toLowerCase());
    if (found !== undefined) return found;
    const known = [...columns.keys()];
    throw mlError(
      'ml-missing-column',
      `column '${name}' is missing`,
      didYouMean(name, known) ?? `There are: ${known.join(', ')}.`,
    );
  };
  const order = key.length === 0 ? undefined : orderBy(...key.map((name) => Array.from(raw(name), sortable)));
  const column = (name: string): TaskColumn => {
    const found = raw(name);
    if (order === undefined) return found;
    if (found instanceof Float64Array) return Float64Array.from(order, (row) => found[row] as number);
    return Array.from(order, (row) => found[row] ?? null);
  };
  return {
    rows,
    names: [...columns.keys()],
    column,
    numbers(name) {
      const found = column(name);
      if (found instanceof Float64Array) return found;
      if (found.every((value) => value === null || typeof value === 'boolean'))
        return Float64Array.from(found, (value) => (value === null ? Number.NaN : Number(value)));
      const numbers = Float64Array.from(found, (value) => (value === null ? Number.NaN : Number(value)));
      if (found.every((value, i) => value === null || (typeof value !== 'object' && !Number.isNaN(numbers[i]))))
        return numbers;
      throw mlError(
        'ml-not-numeric',
        `column '${name}' is not numeric`,
        'Leave it out, or turn it into numbers in SQL.',
      );
    },
    texts: (name) => Array.from(column(name), (value) => (value === null ? null : String(value))),
  };
}

/** Keys sort by code units; numbers get leading zeros so that 10 comes after 9. */
function sortable(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value).padStart(24, '0');
  return value === null ? '' : String(value);
}
