/**
 * The comparison of two relations that no query can read together: rows of both come in the order of the key and are
 * merged. Values of different warehouses are compared by what they mean, not by how a driver hands them over.
 */
import type { SqlValue } from '../adapters/adapter.js';
import { type CommonColumn, kindOfBoth } from './columns.js';
import type { RowSample, ValueSample } from './relation-diff.js';
import { quoted, type Side } from './side.js';
import type { RowsDiff } from './sql-diff.js';
import { canonical, compareKeys, near } from './values.js';

export interface StreamDiff {
  readonly left: { readonly side: Pick<Side, 'adapter' | 'session'>; readonly sql: string };
  readonly right: { readonly side: Pick<Side, 'adapter' | 'session'>; readonly sql: string };
  readonly key: readonly CommonColumn[];
  readonly values: readonly CommonColumn[];
  readonly tolerance: number;
  readonly samples: number;
}

type Row = readonly SqlValue[];

/** Compares by the key; `repeated` is set when a value of the key comes twice on a side, and the rest means nothing then. */
export async function mergeByKey(diff: StreamDiff): Promise<RowsDiff & { readonly repeated: boolean }> {
  const { key, values, samples } = diff;
  const width = key.length;
  const kinds = key.map(kindOfBoth);
  const exact = values.map((column) => kindOfBoth(column) === 'text');
  const order = (a: Row, b: Row) => compareKeys(a.slice(0, width), b.slice(0, width), kinds);
  const left = new Cursor(rowsOf(diff, 'left'), order);
  const right = new Cursor(rowsOf(diff, 'right'), order);
  const counts = { left: 0, right: 0, added: 0, removed: 0, changed: 0 };
  const different = values.map(() => 0);
  const valueSamples: ValueSample[][] = values.map(() => []);
  const added: RowSample[] = [];
  const removed: RowSample[] = [];
  const keyOf = (row: Row) => row.slice(0, width).map((value, i) => canonical(value, kinds[i] === 'text'));
  try {
    let [a, b] = await Promise.all([left.next(), right.next()]);
    while (a !== undefined || b !== undefined) {
      const at = a === undefined ? 1 : b === undefined ? -1 : order(a, b);
      if (at < 0 && a !== undefined) {
        counts.removed += 1;
        if (removed.length < samples) removed.push({ values: keyOf(a) });
      } else if (at > 0 && b !== undefined) {
        counts.added += 1;
        if (added.length < samples) added.push({ values: keyOf(b) });
      } else if (a !== undefined && b !== undefined) {
        let changed = false;
        for (const [i, column] of values.entries()) {
          const [x, y] = [a[width + i] ?? null, b[width + i] ?? null];
          const [l, r] = [canonical(x, exact[i]), canonical(y, exact[i])];
          if (l === r || (column.compare === 'number' && near(x, y, diff.tolerance))) continue;
          changed = true;
          different[i] = (different[i] ?? 0) + 1;
          const list = valueSamples[i];
          if (list !== undefined && list.length < samples) list.push({ key: keyOf(a), left: l, right: r });
        }
        if (changed) counts.changed += 1;
      }
      if (at <= 0) a = await left.next();
      if (at >= 0) b = await right.next();
    }
  } finally {
    await Promise.all([left.close(), right.close()]);
  }
  const rows = { ...counts, left: left.count, right: right.count };
  return { rows, different, valueSamples, added, removed, repeated: left.repeated || right.repeated };
}

/** Compares whole rows, how often they come included, by counting them. */
export async function countWholeRows(diff: StreamDiff): Promise<RowsDiff> {
  const times = new Map<string, number>();
  const exact = diff.values.map((column) => kindOfBoth(column) === 'text');
  const count = async (side: 'left' | 'right', by: number): Promise<number> => {
    let rows = 0;
    for await (const row of rowsOf(diff, side)) {
      rows += 1;
      const name = JSON.stringify(row.map((value, i) => canonical(value, exact[i])));
      const now = (times.get(name) ?? 0) + by;
      // Rows that meet leave nothing behind, so that memory holds what differs.
      if (now === 0) times.delete(name);
      else times.set(name, now);
    }
    return rows;
  };
  const left = await count('left', -1);
  const right = await count('right', 1);
  const only = (sign: 1 | -1) => [...times].filter(([, n]) => n * sign > 0);
  const sum = (list: readonly (readonly [string, number])[]) => list.reduce((total, [, n]) => total + Math.abs(n), 0);
  const some = (list: readonly (readonly [string, number])[]): RowSample[] =>
    list.slice(0, diff.samples).map(([row]) => ({ values: JSON.parse(row) as (string | null)[] }));
  const [added, removed] = [only(1), only(-1)];
  return {
    rows: { left, right, added: sum(added), removed: sum(removed), changed: null },
    different: diff.values.map(() => null),
    valueSamples: diff.values.map(() => []),
    added: some(added),
    removed: some(removed),
  };
}

async function* rowsOf(diff: StreamDiff, which: 'left' | 'right'): AsyncGenerator<Row> {
  const { side, sql } = diff[which];
  const { dialect } = side.adapter;
  const name = (column: CommonColumn) => quoted(dialect, column[which].name);
  const columns = [...diff.key, ...diff.values].map(name);
  // Texts have one order in every warehouse only byte by byte; other kinds of key order as their texts do, cast.
  const order = diff.key.map((column) => {
    return `${kindOfBoth(column) === 'number' ? name(column) : `cast(${name(column)} as varchar)`} nulls last`;
  });
  const by = order.length === 0 ? '' : ` order by ${order.join(', ')}`;
  const query = `select ${columns.length === 0 ? '1' : columns.join(', ')} from ${sql}${by}`;
  for await (const batch of side.session.stream(query)) yield* batch.rows;
}

class Cursor {
  count = 0;
  repeated = false;
  #last: Row | undefined;

  constructor(
    readonly rows: AsyncGenerator<Row>,
    readonly order: (a: Row, b: Row) => number,
  ) {}

  async next(): Promise<Row | undefined> {
    const { value, done } = await this.rows.next();
    if (done === true || value === undefined) return undefined;
    this.count += 1;
    if (this.#last !== undefined && this.order(this.#last, value) === 0) this.repeated = true;
    this.#last = value;
    return value;
  }

  async close(): Promise<void> {
    await this.rows.return(undefined);
  }
}
