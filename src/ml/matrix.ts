import { problem, UpsqlError } from '../diagnostics/index.js';

/** A table of numbers, column by column: `columns[j][i]` is feature `names[j]` of row `i`. */
export interface Matrix {
  readonly rows: number;
  readonly names: readonly string[];
  readonly columns: readonly Float64Array[];
}

/** An error of a model's input: the node fails (exit code 1), the project is fine. */
export function mlError(code: string, message: string, hint?: string): UpsqlError {
  return new UpsqlError(problem(code, message, hint === undefined ? {} : { hint }), 1);
}

/**
 * The named columns as a matrix, in the order of `names`.
 * @throws UpsqlError when a column is missing or not numeric, lengths differ, or a value is infinite (`ml-missing-column`,
 * `ml-not-numeric`, `ml-lengths-differ`, `ml-infinite-value`), or when there are no rows or names (`ml-no-rows`, `ml-no-columns`).
 */
export function matrixOf(columns: Readonly<Record<string, unknown>>, names: readonly string[]): Matrix {
  if (names.length === 0) throw mlError('ml-no-columns', 'there are no feature columns to learn from');
  const chosen = names.map((name) => {
    const column = columns[name];
    if (column === undefined) {
      throw mlError(
        'ml-missing-column',
        `column '${name}' is missing`,
        `There are: ${Object.keys(columns).join(', ')}.`,
      );
    }
    if (!(column instanceof Float64Array)) {
      throw mlError(
        'ml-not-numeric',
        `column '${name}' is not numeric`,
        'Leave it out, or turn it into numbers in SQL.',
      );
    }
    return column;
  });
  const rows = chosen[0]?.length ?? 0;
  for (const [j, column] of chosen.entries()) {
    if (column.length !== rows) {
      throw mlError(
        'ml-lengths-differ',
        `column '${names[j]}' has ${column.length} rows, but '${names[0]}' has ${rows}`,
      );
    }
    for (let i = 0; i < rows; i++) {
      const value = column[i] as number;
      if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
        throw mlError(
          'ml-infinite-value',
          `column '${names[j]}' is infinite in row ${i + 1}`,
          'Look for a division by zero in SQL.',
        );
      }
    }
  }
  if (rows === 0) throw mlError('ml-no-rows', 'there are no rows to learn from');
  return { rows, names, columns: chosen };
}

/**
 * Refuses missing values, for learners that have no place for them.
 * @throws UpsqlError `ml-missing-value` with the column and row of the first NaN.
 */
export function refuseMissing(data: Matrix): void {
  for (const [j, column] of data.columns.entries()) {
    let row = 0;
    while (row < column.length && !Number.isNaN(column[row])) row++;
    if (row < column.length) {
      throw mlError(
        'ml-missing-value',
        `column '${data.names[j]}' has no value in row ${row + 1}`,
        'Fill it in SQL with coalesce().',
      );
    }
  }
}

/** The rows whose numbers are in `indices`, in that order. */
export function takeRows(data: Matrix, indices: Uint32Array): Matrix {
  return {
    rows: indices.length,
    names: data.names,
    columns: data.columns.map((column) => takeValues(column, indices)),
  };
}

/**
 * The numbers of the rows in the order of their keys (the first key decides, then the next), by code units. A warehouse gives rows in any
 * order; what is learnt from them should not depend on it.
 */
export function orderBy(...keys: readonly (readonly string[])[]): Uint32Array {
  const order = Uint32Array.from({ length: keys[0]?.length ?? 0 }, (_, i) => i);
  return order.sort((a, b) => {
    for (const key of keys) {
      const [left = '', right = ''] = [key[a], key[b]];
      if (left !== right) return left < right ? -1 : 1;
    }
    return a - b;
  });
}

export function takeValues(values: Float64Array, indices: Uint32Array): Float64Array {
  const taken = new Float64Array(indices.length);
  for (let i = 0; i < indices.length; i++) taken[i] = values[indices[i] as number] as number;
  return taken;
}

/** Splits off the columns that hold one value only (or nothing but NaN), which tell no row from another. */
export function splitConstant(data: Matrix): { readonly varied: Matrix; readonly constant: readonly string[] } {
  const varies = data.columns.map((column) => {
    const first = column.find((value) => !Number.isNaN(value));
    return column.some((value) => !Number.isNaN(value) && value !== first);
  });
  const keep = <T>(list: readonly T[], wanted: boolean): T[] => list.filter((_, j) => varies[j] === wanted);
  return {
    varied: { rows: data.rows, names: keep(data.names, true), columns: keep(data.columns, true) },
    constant: keep(data.names, false),
  };
}
