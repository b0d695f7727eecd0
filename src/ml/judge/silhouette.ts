import { type Matrix, takeRows } from '../matrix.js';
import { sampleRows } from '../random.js';

/** Rows that the silhouette is measured on at most: it compares every pair. */
const MOST_ROWS = 2_000;

/**
 * Mean silhouette of a clustering (Rousseeuw, 1987), -1 to 1: how much nearer rows are to their own cluster than to the next. Measured on
 * a seeded sample when there are many rows. A row alone in its cluster counts 0.
 */
export function silhouette(data: Matrix, cluster: Int32Array, k: number, seed = 42): number {
  const rows = sampleRows(data.rows, MOST_ROWS, seed);
  const { columns } = takeRows(data, rows);
  const own = Int32Array.from(rows, (row) => cluster[row] as number);
  const sizes = new Int32Array(k);
  for (const c of own) sizes[c] = (sizes[c] as number) + 1;
  let total = 0;
  const sums = new Float64Array(k);
  for (let i = 0; i < rows.length; i++) {
    const mine = own[i] as number;
    if ((sizes[mine] as number) < 2) continue;
    sums.fill(0);
    for (let other = 0; other < rows.length; other++) {
      let square = 0;
      for (const column of columns) square += ((column[i] as number) - (column[other] as number)) ** 2;
      const c = own[other] as number;
      sums[c] = (sums[c] as number) + Math.sqrt(square);
    }
    const inside = (sums[mine] as number) / ((sizes[mine] as number) - 1);
    let outside = Number.POSITIVE_INFINITY;
    for (let c = 0; c < k; c++) {
      if (c !== mine && (sizes[c] as number) > 0)
        outside = Math.min(outside, (sums[c] as number) / (sizes[c] as number));
    }
    const larger = Math.max(inside, outside);
    if (larger > 0 && Number.isFinite(outside)) total += (outside - inside) / larger;
  }
  return total / rows.length;
}
