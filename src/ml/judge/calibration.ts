type Numbers = Float64Array | readonly number[];

/** One bin of a reliability curve. */
export interface CalibrationBin {
  readonly rows: number;
  /** Mean probability. */
  readonly predicted: number;
  /** Share of positives. */
  readonly observed: number;
}

/** The reliability curve over bins of equally many rows, from the least probable up (DeGroot and Fienberg, 1983). */
export function calibrationCurve(labels: Numbers, probabilities: Numbers, bins = 10): readonly CalibrationBin[] {
  const order = Uint32Array.from({ length: labels.length }, (_, i) => i).sort(
    (a, b) => (probabilities[a] as number) - (probabilities[b] as number),
  );
  const sums = Array.from({ length: bins }, () => ({ rows: 0, predicted: 0, observed: 0 }));
  for (const [i, row] of order.entries()) {
    const bin = sums[Math.floor((i * bins) / order.length)];
    if (bin === undefined) continue;
    bin.rows++;
    bin.predicted += probabilities[row] as number;
    bin.observed += labels[row] as number;
  }
  return sums
    .filter(({ rows }) => rows > 0)
    .map(({ rows, predicted, observed }) => ({ rows, predicted: predicted / rows, observed: observed / rows }));
}

/** Expected calibration error: the mean distance of the curve from what happened, by rows (Naeini, Cooper and Hauskrecht, 2015). */
export function calibrationError(labels: Numbers, probabilities: Numbers, bins = 10): number {
  const curve = calibrationCurve(labels, probabilities, bins);
  return (
    curve.reduce((sum, { rows, predicted, observed }) => sum + rows * Math.abs(predicted - observed), 0) / labels.length
  );
}
