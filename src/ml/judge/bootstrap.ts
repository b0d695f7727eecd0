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
  const random = seededRandom(seed);
  const drawn: Record<JudgedMetric, number[]> = { auc: [], prAuc: [], logLoss: [], brier: [], ece: [] };
  const weights = new Uint8Array(y.length);
  for (let round = 0; round < resamples; round++) {
    for (let i = 0; i < weights.length; i++) weights[i] = poisson(random());
    const sample = weighted(y, p, weights);
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

/** The metrics of rows sorted by probability, each counted as often as its weight; undefined with one class only. */
function weighted(y: Uint8Array, p: Float64Array, weights: Uint8Array): Record<JudgedMetric, number> | undefined {
  let [ones, rows, loss, squares] = [0, 0, 0, 0];
  const bins = 10;
  const sums = new Float64Array(bins * 3);
  for (let i = 0; i < y.length; i++) {
    const w = weights[i] as number;
    if (w === 0) continue;
    const value = p[i] as number;
    const outcome = y[i] as number;
    const safe = Math.min(1 - 1e-15, Math.max(1e-15, value));
    rows += w;
    ones += w * outcome;
    loss -= w * (outcome === 1 ? Math.log(safe) : Math.log1p(-safe));
    squares += w * (value - outcome) ** 2;
    const bin = 3 * Math.floor((i * bins) / y.length);
    sums[bin] = (sums[bin] as number) + w;
    sums[bin + 1] = (sums[bin + 1] as number) + w * value;
    sums[bin + 2] = (sums[bin + 2] as number) + w * outcome;
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
  let ece = 0;
  for (let bin = 0; bin < bins; bin++)
    ece += Math.abs((sums[3 * bin + 1] as number) - (sums[3 * bin + 2] as number)) / rows;
  return { auc: pairs / (ones * (rows - ones)), prAuc: precision, logLoss: loss / rows, brier: squares / rows, ece };
}
