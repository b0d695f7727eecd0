import type { ReferenceBins } from '../artifact/schema.js';
import type { Matrix } from '../matrix.js';

const BINS = 10;
const LEAST_SHARE = 1e-4;

/** How the values of every feature are spread over bins of about equally many rows, for a later comparison. */
export function referenceBins(data: Matrix): readonly ReferenceBins[] {
  return data.columns.map((column, j) => {
    const sorted = column.filter((value) => !Number.isNaN(value)).sort();
    const edges: number[] = [];
    for (let bin = 1; bin < BINS; bin++) {
      const edge = sorted[Math.floor((bin * sorted.length) / BINS)];
      if (edge !== undefined && Number.isFinite(edge) && edge !== sorted[0] && edge !== edges.at(-1)) edges.push(edge);
    }
    return { feature: data.names[j] ?? '', edges, shares: sharesOf(column, edges) };
  });
}

/** Shares of a column's rows by bin, that of missing values first. */
function sharesOf(column: Float64Array, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 2).fill(0);
  for (const value of column) {
    let bin = 0;
    if (!Number.isNaN(value)) {
      bin = 1;
      while (bin <= edges.length && value >= (edges[bin - 1] as number)) bin++;
    }
    counts[bin] = (counts[bin] as number) + 1;
  }
  return counts.map((count) => count / Math.max(1, column.length));
}

/**
 * Population stability index of every feature against the reference: the sum over bins of (now - then) ln(now / then); below 0.1 little
 * has changed, from 0.2 on the model should be looked at (Siddiqi, Credit Risk Scorecards, 2006). Equal to `driftSql`.
 */
export function populationStability(reference: readonly ReferenceBins[], data: Matrix): ReadonlyMap<string, number> {
  return new Map(
    reference.map(({ feature, edges, shares }) => {
      const column = data.columns[data.names.indexOf(feature)] ?? new Float64Array();
      const now = sharesOf(column, edges);
      const psi = shares.reduce((sum, share, bin) => {
        const [a, b] = [Math.max(now[bin] ?? 0, LEAST_SHARE), Math.max(share, LEAST_SHARE)];
        return sum + (a - b) * Math.log(a / b);
      }, 0);
      return [feature, psi];
    }),
  );
}
