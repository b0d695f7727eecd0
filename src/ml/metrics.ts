import { mlError } from './matrix.js';

type Numbers = Float64Array | readonly number[];

/** How well probabilities fit what happened. */
export interface BinaryMetrics {
  readonly rows: number;
  readonly positives: number;
  readonly auc: number;
  readonly prAuc: number;
  readonly logLoss: number;
  readonly brier: number;
}

/**
 * All of the metrics below at once.
 * @throws UpsqlError as `rocAuc` does.
 */
export function binaryMetrics(labels: Numbers, probabilities: Numbers): BinaryMetrics {
  return {
    rows: labels.length,
    positives: check(labels, probabilities),
    auc: rocAuc(labels, probabilities),
    prAuc: averagePrecision(labels, probabilities),
    logLoss: logLoss(labels, probabilities),
    brier: brierScore(labels, probabilities),
  };
}

/**
 * Area under the ROC curve, as the Mann-Whitney statistic: the chance that a random positive scores above a random
 * negative, ties counting half (Hanley and McNeil, 1982; Fawcett, An introduction to ROC analysis, 2006).
 * @throws UpsqlError when lengths differ (`ml-lengths-differ`), a label is not 0 or 1 (`ml-label`), a score is NaN
 * (`ml-missing-value`), there are no rows (`ml-no-rows`) or only one class (`ml-one-class`).
 */
export function rocAuc(labels: Numbers, scores: Numbers): number {
  const positives = check(labels, scores);
  const negatives = labels.length - positives;
  let pairs = 0;
  let negativesBelow = 0;
  eachTie(labels, scores, 'ascending', (ones, zeros) => {
    pairs += ones * (negativesBelow + zeros / 2);
    negativesBelow += zeros;
  });
  return pairs / (positives * negatives);
}

/**
 * Area under the precision-recall curve as average precision: the sum over thresholds of precision times the recall gained there,
 * without the optimistic straight line between points (Davis and Goadrich, 2006). Equal scores are one threshold.
 * @throws UpsqlError as `rocAuc` does.
 */
export function averagePrecision(labels: Numbers, scores: Numbers): number {
  const positives = check(labels, scores);
  let area = 0;
  let found = 0;
  let seen = 0;
  eachTie(labels, scores, 'descending', (ones, zeros) => {
    found += ones;
    seen += ones + zeros;
    area += (found / seen) * (ones / positives);
  });
  return area;
}

/**
 * Mean negative log-likelihood in nats (Good, Rational decisions, 1952). Probabilities are kept 1e-15 away from 0 and 1, so that one
 * wrong certainty does not make it infinite.
 * @throws UpsqlError as `rocAuc` does.
 */
export function logLoss(labels: Numbers, probabilities: Numbers): number {
  check(labels, probabilities);
  let sum = 0;
  for (let i = 0; i < labels.length; i++) {
    const p = Math.min(1 - 1e-15, Math.max(1e-15, probabilities[i] as number));
    sum -= labels[i] === 1 ? Math.log(p) : Math.log1p(-p);
  }
  return sum / labels.length;
}

/**
 * Mean squared difference of probability and outcome (Brier, 1950, in its two-class form; 0 is best).
 * @throws UpsqlError as `rocAuc` does.
 */
export function brierScore(labels: Numbers, probabilities: Numbers): number {
  check(labels, probabilities);
  let sum = 0;
  for (let i = 0; i < labels.length; i++) sum += ((probabilities[i] as number) - (labels[i] as number)) ** 2;
  return sum / labels.length;
}

/**
 * The number of positives among labels of 0 and 1.
 * @throws UpsqlError when there are no rows, only one class, or another label.
 */
export function countPositives(labels: Numbers): number {
  if (labels.length === 0) throw mlError('ml-no-rows', 'there are no rows to learn from');
  let positives = 0;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    if (label !== 0 && label !== 1)
      throw mlError('ml-label', `the label of row ${i + 1} is ${label}, but it must be 0 or 1`);
    positives += label;
  }
  if (positives === 0 || positives === labels.length) {
    const only = positives === 0 ? 0 : 1;
    throw mlError(
      'ml-one-class',
      `every one of the ${labels.length} labels is ${only}`,
      'Both outcomes are needed: move the cutoff or widen the window.',
    );
  }
  return positives;
}

function check(labels: Numbers, scores: Numbers): number {
  if (labels.length !== scores.length) {
    throw mlError('ml-lengths-differ', `there are ${labels.length} labels for ${scores.length} scores`);
  }
  const missing = scores.findIndex(Number.isNaN);
  if (missing >= 0) throw mlError('ml-missing-value', `row ${missing + 1} has no score`);
  return countPositives(labels);
}

/** Calls back for each group of equal scores, in order, with how many of its rows are 1 and 0. */
function eachTie(
  labels: Numbers,
  scores: Numbers,
  direction: 'ascending' | 'descending',
  group: (ones: number, zeros: number) => void,
): void {
  const order = Uint32Array.from({ length: labels.length }, (_, i) => i);
  const sign = direction === 'ascending' ? 1 : -1;
  order.sort((a, b) => sign * ((scores[a] as number) - (scores[b] as number)));
  let ones = 0;
  let zeros = 0;
  for (let i = 0; i < order.length; i++) {
    const row = order[i] as number;
    if (labels[row] === 1) ones++;
    else zeros++;
    const next = order[i + 1];
    if (next === undefined || scores[next] !== scores[row]) {
      group(ones, zeros);
      ones = 0;
      zeros = 0;
    }
  }
}
