import { countPositives } from '../metrics.js';

type Numbers = Float64Array | readonly number[];

/** What a threshold makes of the probabilities. Rates are 0 where there is nothing to divide by. */
export interface Confusion {
  readonly threshold: number;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** Counts with a yes for every probability at or above the threshold. @throws UpsqlError as `countPositives` does. */
export function confusionAt(labels: Numbers, probabilities: Numbers, threshold: number): Confusion {
  const positives = countPositives(labels);
  let [truePositives, falsePositives] = [0, 0];
  for (let i = 0; i < labels.length; i++) {
    if ((probabilities[i] as number) < threshold) continue;
    if (labels[i] === 1) truePositives++;
    else falsePositives++;
  }
  const falseNegatives = positives - truePositives;
  const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
  return {
    threshold,
    truePositives,
    falsePositives,
    trueNegatives: labels.length - positives - falsePositives,
    falseNegatives,
    precision: ratio(truePositives, truePositives + falsePositives),
    recall: ratio(truePositives, positives),
    f1: ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives),
  };
}

/**
 * How many times more positives the top `share` of rows holds than as many random rows would. Rows at the border's probability count by
 * the part of them that still fits. @throws UpsqlError as `countPositives` does.
 */
export function liftAt(labels: Numbers, probabilities: Numbers, share: number): number {
  const positives = countPositives(labels);
  const wanted = share * labels.length;
  const order = Uint32Array.from({ length: labels.length }, (_, i) => i).sort(
    (a, b) => (probabilities[b] as number) - (probabilities[a] as number),
  );
  let [taken, found] = [0, 0];
  for (let start = 0; start < order.length && taken < wanted; ) {
    let end = start;
    let ones = 0;
    const border = probabilities[order[start] as number];
    while (end < order.length && probabilities[order[end] as number] === border) {
      ones += labels[order[end] as number] as number;
      end++;
    }
    const part = Math.min(1, (wanted - taken) / (end - start));
    taken += part * (end - start);
    found += part * ones;
    start = end;
  }
  return found / wanted / (positives / labels.length);
}
