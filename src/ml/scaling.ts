import { type Matrix, mlError, refuseMissing } from './matrix.js';

/** How one column is brought to mean 0 and deviation 1: `((log ? ln(1 + x) : x) - mean) / deviation`. */
export interface ColumnScaling {
  readonly name: string;
  readonly log: boolean;
  readonly mean: number;
  readonly deviation: number;
}

/** The scaling of every column: plain data, to be kept with the model that was fitted on scaled numbers. */
export type Scaling = readonly ColumnScaling[];

/** Above this skewness a column without negative values is taken as logarithms. */
export const SKEWED = 1;

/**
 * Fits the scaling of every column; skewed ones (the third standardized moment above SKEWED) get a logarithm first.
 * @throws UpsqlError for a missing value (`ml-missing-value`) or a column with one value only (`ml-constant-column`).
 */
export function fitScaling(data: Matrix): Scaling {
  refuseMissing(data);
  return data.columns.map((column, j) => {
    const name = data.names[j] ?? '';
    const plain = moments(column, false);
    if (!(plain.deviation > 1e-12 * Math.abs(plain.mean))) {
      throw mlError(
        'ml-constant-column',
        `column '${name}' has the same value in every row`,
        'Leave the column out: it tells no row from another.',
      );
    }
    const log = plain.skewness > SKEWED && plain.least >= 0;
    const { mean, deviation } = log ? moments(column, true) : plain;
    return { name, log, mean, deviation };
  });
}

/**
 * The matrix in scaled numbers. Columns are found by name, so that their order may differ from the one fitted.
 * @throws UpsqlError `ml-missing-column` when a fitted column is gone, `ml-missing-value` for NaN.
 */
export function applyScaling(data: Matrix, scaling: Scaling): Matrix {
  refuseMissing(data);
  const columns = scaling.map(({ name, log, mean, deviation }) => {
    const column = data.columns[data.names.indexOf(name)];
    if (column === undefined)
      throw mlError('ml-missing-column', `column '${name}' is missing, but the scaling was fitted with it`);
    return column.map((value) => ((log ? Math.log(1 + Math.max(0, value)) : value) - mean) / deviation);
  });
  return { rows: data.rows, names: scaling.map(({ name }) => name), columns };
}

function moments(
  column: Float64Array,
  log: boolean,
): { mean: number; deviation: number; skewness: number; least: number } {
  const n = column.length;
  const at = (i: number): number => (log ? Math.log(1 + (column[i] as number)) : (column[i] as number));
  let sum = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < n; i++) {
    const value = at(i);
    sum += value;
    if (value < least) least = value;
  }
  const mean = sum / n;
  let second = 0;
  let third = 0;
  for (let i = 0; i < n; i++) {
    const d = at(i) - mean;
    second += d * d;
    third += d * d * d;
  }
  const deviation = Math.sqrt(second / n);
  return { mean, deviation, skewness: third / n / deviation ** 3, least };
}
