import type { Interval } from '../artifact/schema.js';
import { binaryMetrics, countPositives } from '../metrics.js';
import { seededRandom } from '../random.js';
import { calibrationError } from './calibration.js';

type Numbers = Float64Array | readonly number[];

export interface BootstrapOptions {
  readonly seed?: number;
  /** Number of resamples; default 200. */
  readonly resamples?: number;
  /** Two-sided; default 0.95. */
  readonly confidence?: number;
}

const METRICS = ['auc', 'prAuc', 'logLoss', 'brier', 'ece'] as const;
export type JudgedMetric = (typeof METRICS)[number];

/**
 * AUC, PR-AUC, log loss, Brier score and ECE with percentile intervals of a seeded Poisson bootstrap: in each resample a row counts as
 * often as a Poisson variable of mean 1 says (Hanley and MacGibbon, 2006), which costs one pass over the sorted rows.
 * @throws UpsqlError as `binaryMetrics` does.
 */
export function bootstrapMetrics(
  labels: Numbers,
  probabilities: Numbers,
  options: BootstrapOptions = {},
): Readonly<Record<JudgedMetric, Interval>> {
  const { seed = 42, resamples = 200, confidence = 0.95 } = options;
  countPositives(labels);
  const exact = { ...binaryMetrics(labels, probabilities), ece: calibrationError(labels, probabilities) };
  const order = Uint32Array.from({ length: labels.length }, (_, i) => i).sort(
    (a, b) => (probabilities[a] as number) - (probabilities[b] as number),
  );
  const y = Uint8Array.from(order, (row) => labels[row] as number);
  const p = Float64Array.from(order, (row) => probabilities[row] as number);
  // What a row adds to the sums is the same in every resample.
  const loss = p.map((value, i) => {
    const safe = Math.min(1 - 1e-15, Math.max(1e-15, value));
    return y[i] === 1 ? Math.log(safe) : Math.log1p(-safe);
  });
  const square = p.map((value, i) => (value - (y[i] as number)) ** 2);
  const rows = { y, p, loss, square };
  const random = seededRandom(seed);
  const drawn: Record<JudgedMetric, number[]> = { auc: [], prAuc: [], logLoss: [], brier: [], ece: [] };
  const weights = new Uint8Array(y.length);
  for (let round = 0; round < resamples; round++) {
    for (let i = 0; i < weights.length; i++) weights[i] = poisson(random());
    const sample = weighted(rows, weights);
    if (sample !== undefined) for (const metric of METRICS) drawn[metric].push(sample[metric]);
  }
  const tail = (1 - confidence) / 2;
  const interval = (metric: JudgedMetric): Interval => {
    const sorted = drawn[metric].sort((a, b) => a - b);
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(share * (sorted.length - 1))))] ?? exact[metric];
    return { value: exact[metric], low: at(tail), high: at(1 - tail) };
  };
  return {
    auc: interval('auc'),
    prAuc: interval('prAuc'),
    logLoss: interval('logLoss'),
    brier: interval('brier'),
    ece: interval('ece'),
  };
}

/** P(X <= k) of a Poisson variable of mean 1, for k from 0. */
const POISSON = (() => {
  const sums: number[] = [];
  for (let k = 0, term = Math.exp(-1), sum = 0; k < 12; k++, term /= k) {
    sum += term;
    sums.push(sum);
  }
  return sums;
})();

function poisson(u: number): number {
  let k = 0;
  while (k < POISSON.length && u >= (POISSON[k] as number)) k++;
  return k;
}

interface SortedRows {
  readonly y: Uint8Array;
  readonly p: Float64Array;
  readonly loss: Float64Array;
  readonly square: Float64Array;
}

/** Bins of equally many rows, for the ECE. */
const BINS = 10;

/** The metrics of rows sorted by probability, each counted as often as its weight; undefined with one class only. */
function weighted(sorted: SortedRows, weights: Uint8Array): Record<JudgedMetric, number> | undefined {
  const { y, p, loss: losses, square } = sorted;
  let [ones, rows, loss, squares, ece] = [0, 0, 0, 0, 0];
  for (let bin = 0, i = 0; bin < BINS; bin++) {
    let difference = 0;
    for (const end = Math.ceil(((bin + 1) * y.length) / BINS); i < end; i++) {
      const w = weights[i] as number;
      const outcome = w * (y[i] as number);
      rows += w;
      ones += outcome;
      loss -= w * (losses[i] as number);
      squares += w * (square[i] as number);
      difference += w * (p[i] as number) - outcome;
    }
    ece += Math.abs(difference);
  }
  if (ones === 0 || ones === rows) return undefined;
  let [pairs, precision, seenOnes, seen] = [0, 0, 0, 0];
  for (let end = y.length; end > 0; ) {
    let start = end;
    let [tiedOnes, tied] = [0, 0];
    do {
      start--;
      const w = weights[start] as number;
      tied += w;
      tiedOnes += w * (y[start] as number);
    } while (start > 0 && p[start - 1] === p[end - 1]);
    // Counted from above: every zero of the tie is below the ones seen so far.
    pairs += (tied - tiedOnes) * (seenOnes + tiedOnes / 2);
    seenOnes += tiedOnes;
    seen += tied;
    if (tiedOnes > 0) precision += (seenOnes / seen) * (tiedOnes / ones);
    end = start;
  }
  return {
    auc: pairs / (ones * (rows - ones)),
    prAuc: precision,
    logLoss: loss / rows,
    brier: squares / rows,
    ece: ece / rows,
  };
}
