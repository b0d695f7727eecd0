/** What differs between the rows that a unit test's query gave and those expected of it: as bags, whatever their order. */
import type { UnitCell, UnitRow, UnitTestRows } from '../../parse/runtime.js';

/** A line of a comparison. A changed row is an expected one beside the actual one that is most like it. */
export type ComparedRow =
  | { readonly kind: 'same' | 'missing' | 'extra'; readonly row: UnitRow }
  | { readonly kind: 'changed'; readonly expected: UnitRow; readonly actual: UnitRow };

export interface UnitTestDiff {
  readonly columns: readonly string[];
  /** Sorted by their values, nulls last. */
  readonly rows: readonly ComparedRow[];
  readonly missing: number;
  readonly extra: number;
  readonly changed: number;
}

/** Beyond this many pairs a value that two rows share says nothing about which belong together. */
const MAX_PAIRS = 10_000;

const keyOf = (row: UnitRow): string => JSON.stringify(row.map((cell) => cell?.text ?? null));

export const sameCell = (a: UnitCell | undefined, b: UnitCell | undefined): boolean =>
  (a?.text ?? null) === (b?.text ?? null);

/** Undefined when both sides have the same rows, each as many times. */
export function compareRows({ columns, expected, actual }: UnitTestRows): UnitTestDiff | undefined {
  const { same, missing, extra } = takeEqual([...expected].sort(byValues), [...actual].sort(byValues));
  if (missing.length === 0 && extra.length === 0) return undefined;
  const pairs = pairUp([missing, expected], [extra, actual], columns.length);
  const paired = new Set(pairs.flat());
  const rows: ComparedRow[] = [
    ...same.map((row) => ({ kind: 'same', row }) as const),
    ...pairs.map(([before, after]) => ({ kind: 'changed', expected: before, actual: after }) as const),
    ...missing.filter((row) => !paired.has(row)).map((row) => ({ kind: 'missing', row }) as const),
    ...extra.filter((row) => !paired.has(row)).map((row) => ({ kind: 'extra', row }) as const),
  ];
  const first = (row: ComparedRow): UnitRow => (row.kind === 'changed' ? row.expected : row.row);
  rows.sort((a, b) => byValues(first(a), first(b)));
  return {
    columns,
    rows,
    missing: missing.length - pairs.length,
    extra: extra.length - pairs.length,
    changed: pairs.length,
  };
}

/** Takes out rows that are on both sides, each as often as it is on both. */
function takeEqual(expected: readonly UnitRow[], actual: readonly UnitRow[]) {
  const open = new Map<string, UnitRow[]>();
  for (const row of expected) {
    const key = keyOf(row);
    const rows = open.get(key);
    if (rows === undefined) open.set(key, [row]);
    else rows.push(row);
  }
  const same: UnitRow[] = [];
  const extra: UnitRow[] = [];
  for (const row of actual) {
    const found = open.get(keyOf(row))?.pop();
    if (found === undefined) extra.push(row);
    else same.push(found);
  }
  const taken = new Set(same);
  return { same, missing: expected.filter((row) => !taken.has(row)), extra };
}

/**
 * Pairs of a missing and an extra row that are one row with other values: what they share tells them from all other rows
 * of their sides. Those that share most come first.
 */
function pairUp(
  [missing, expected]: readonly [readonly UnitRow[], readonly UnitRow[]],
  [extra, actual]: readonly [readonly UnitRow[], readonly UnitRow[]],
  width: number,
): [UnitRow, UnitRow][] {
  const candidates = new Map<number, number>();
  for (let c = 0; c < width; c++) {
    const left = rowsByValue(missing, c);
    for (const [value, theirs] of rowsByValue(extra, c)) {
      const ours = left.get(value) ?? [];
      if (ours.length * theirs.length > MAX_PAIRS) continue;
      for (const i of ours) {
        for (const j of theirs) {
          const at = i * extra.length + j;
          candidates.set(at, (candidates.get(at) ?? 0) + 1);
        }
      }
    }
  }
  const [inExpected, inActual] = [projections(expected), projections(actual)];
  const usedLeft = new Set<number>();
  const usedRight = new Set<number>();
  const pairs: [UnitRow, UnitRow][] = [];
  for (const [at] of [...candidates].sort(([a, x], [b, y]) => y - x || a - b)) {
    const i = Math.floor(at / extra.length);
    const j = at % extra.length;
    const [before, after] = [missing[i], extra[j]];
    if (before === undefined || after === undefined || usedLeft.has(i) || usedRight.has(j)) continue;
    const shared = before.map((_, c) => c).filter((c) => sameCell(before[c], after[c]));
    if (inExpected(before, shared) > 1 || inActual(after, shared) > 1) continue;
    usedLeft.add(i);
    usedRight.add(j);
    pairs.push([before, after]);
  }
  return pairs;
}

/** How many of `rows` have the values that a row has in some columns. Each choice of columns is counted once. */
function projections(rows: readonly UnitRow[]): (row: UnitRow, columns: readonly number[]) => number {
  const counted = new Map<string, Map<string, number>>();
  const key = (row: UnitRow, columns: readonly number[]) => keyOf(columns.map((c) => row[c] ?? null));
  return (row, columns) => {
    const choice = columns.join();
    let counts = counted.get(choice);
    if (counts === undefined) {
      counts = new Map();
      for (const other of rows) {
        const value = key(other, columns);
        counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      counted.set(choice, counts);
    }
    return counts.get(key(row, columns)) ?? 0;
  };
}

/** Positions of rows by their value in a column; nulls are in none. */
function rowsByValue(rows: readonly UnitRow[], column: number): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const [i, row] of rows.entries()) {
    const text = row[column]?.text;
    if (text === undefined) continue;
    const list = found.get(text);
    if (list === undefined) found.set(text, [i]);
    else list.push(i);
  }
  return found;
}

function byValues(a: UnitRow, b: UnitRow): number {
  for (const [i, left] of a.entries()) {
    const right = b[i] ?? null;
    if (left === null || right === null) {
      if (left !== right) return left === null ? 1 : -1;
      continue;
    }
    const [x, y] = [left.order, right.order];
    if (typeof x === 'number' && typeof y === 'number') {
      if (x !== y) return x - y;
    } else if (left.text !== right.text) return left.text < right.text ? -1 : 1;
  }
  return 0;
}
