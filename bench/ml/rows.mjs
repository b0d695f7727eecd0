// Rows that upsql/ml and its peers learn from: the same for a generator of the same seed.

export const FEATURES = 12;

/** Noise, thresholds, an interaction and whole numbers with ties, as user features have them. */
export function churnRows(rows, random) {
  const names = Array.from({ length: FEATURES }, (_, j) => `f${j}`);
  const columns = names.map((_, j) =>
    Float64Array.from({ length: rows }, () =>
      j % 3 === 2 ? Math.floor(random() ** 2 * 40) / 20 - 1 : random() * 2 - 1,
    ),
  );
  const [a, b, c, d] = columns;
  const labels = Float64Array.from({ length: rows }, (_, i) => {
    const z = 3 * a[i] * b[i] + (c[i] > 0 ? 1 : -1) + Math.sin(3 * d[i]) + columns[5][i];
    return random() < 1 / (1 + Math.exp(-z)) ? 1 : 0;
  });
  return { data: { rows, names, columns }, labels };
}

/** Four clusters that touch, the nearer to each other the less `apart`. */
export function blobs(rows, random, apart = 4) {
  const centres = Array.from({ length: 4 }, () => Array.from({ length: 7 }, () => random() * apart));
  const columns = Array.from({ length: 7 }, () => new Float64Array(rows));
  for (let i = 0; i < rows; i++) {
    const centre = centres[Math.floor(random() * 4)];
    for (const [j, column] of columns.entries()) column[i] = centre[j] + random() + random() + random() - 1.5;
  }
  return { rows, names: columns.map((_, j) => `f${j}`), columns };
}

/** A share of the values of every second column taken away. */
export function withHoles(data, random, share) {
  return {
    ...data,
    columns: data.columns.map((column, j) =>
      j % 2 === 0 ? column.map((value) => (random() < share ? Number.NaN : value)) : column,
    ),
  };
}

/** What the committed figures of the peers are of, by case. */
export const TRAININGS = [
  { id: 'plain', rows: 80_000, seed: 1, holes: 0 },
  { id: 'holes', rows: 80_000, seed: 2, holes: 0.2 },
];
export const CLUSTERINGS = [
  { id: 'apart', rows: 60_000, seed: 3, apart: 4, k: 4 },
  { id: 'overlapping', rows: 60_000, seed: 4, apart: 1.5, k: 4 },
];

/** Training rows and the test rows that the AUC is of. */
export function trainingRows({ rows, seed, holes }, seeded) {
  const make = (random) => {
    const { data, labels } = churnRows(rows, random);
    return { data: holes > 0 ? withHoles(data, random, holes) : data, labels };
  };
  return { train: make(seeded(seed)), test: make(seeded(seed + 1000)) };
}
