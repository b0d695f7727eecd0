import { type Matrix, mlError } from './matrix.js';

/** Groups rows of scaled numbers. */
export interface Clusterer {
  readonly name: string;
  /** @throws UpsqlError when the data has too few rows, or too few different ones, for the groups asked for. */
  fit(data: Matrix): Promise<Clustering>;
}

/** The outcome of a fit: plain data. */
export interface Clustering {
  readonly features: readonly string[];
  /** One centre a cluster, in the order of `features`. */
  readonly centres: readonly (readonly number[])[];
  /** Sum over the rows fitted on of the squared distance to their centre. */
  readonly inertia: number;
  /** Number of rows fitted on; less than the data's where it was a sample. */
  readonly fittedRows: number;
}

export interface Assignment {
  /** For each row the number of its nearest centre. */
  readonly cluster: Int32Array;
  /** For each row the Euclidean distance to it. */
  readonly distance: Float64Array;
}

/**
 * The nearest centre of every row; of equally near ones the first.
 * @throws UpsqlError `ml-missing-column` when the matrix does not have the columns that the clusters were fitted on.
 */
export function assignClusters(clustering: Pick<Clustering, 'features' | 'centres'>, data: Matrix): Assignment {
  const { features, centres } = clustering;
  const columns = features.map((name) => {
    const column = data.columns[data.names.indexOf(name)];
    if (column === undefined)
      throw mlError('ml-missing-column', `column '${name}' is missing, but the clusters were fitted with it`);
    return column;
  });
  const cluster = new Int32Array(data.rows);
  const distance = new Float64Array(data.rows).fill(Number.POSITIVE_INFINITY);
  const sum = new Float64Array(BLOCK);
  for (let start = 0; start < data.rows; start += BLOCK) {
    const size = Math.min(BLOCK, data.rows - start);
    for (const [c, centre] of centres.entries()) {
      sum.fill(0);
      for (const [j, column] of columns.entries()) addSquares(sum, column, start, size, centre[j] as number);
      keepNearer(sum, start, size, c, cluster, distance);
    }
  }
  for (let i = 0; i < data.rows; i++) distance[i] = Math.sqrt(distance[i] as number);
  return { cluster, distance };
}

/** Rows at a time, so that their sums stay in the processor's nearest cache. */
const BLOCK = 2048;

function addSquares(sum: Float64Array, column: Float64Array, start: number, size: number, middle: number): void {
  for (let i = 0; i < size; i++) {
    const d = (column[start + i] as number) - middle;
    sum[i] = (sum[i] as number) + d * d;
  }
}

function keepNearer(
  sum: Float64Array,
  start: number,
  size: number,
  c: number,
  cluster: Int32Array,
  distance: Float64Array,
): void {
  for (let i = 0; i < size; i++) {
    if ((sum[i] as number) < (distance[start + i] as number)) {
      distance[start + i] = sum[i] as number;
      cluster[start + i] = c;
    }
  }
}
