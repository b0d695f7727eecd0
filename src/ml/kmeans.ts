import { assignClusters, type Clusterer, type Clustering } from './clusterer.js';
import { type Matrix, mlError, refuseMissing, takeRows } from './matrix.js';
import { sampleRows } from './random.js';

export interface KMeansOptions {
  /** Number of clusters, from 2. */
  readonly k: number;
  readonly seed?: number;
  /** Fits from different starts, of which the one with the least inertia is kept. */
  readonly restarts?: number;
  readonly maxIterations?: number;
  /** Rows fitted on at most: a seeded sample when there are more. Everyone is assigned afterwards. */
  readonly sampleRows?: number;
}

/** Rows that k-means is fitted on at most, unless told otherwise: about a second for seven columns and five restarts. */
export const KMEANS_SAMPLE = 20_000;

/**
 * k-means by ml-kmeans: k-means++ starts (Arthur and Vassilvitskii, 2007) drawn from the seed, Lloyd's iterations.
 * The same data, options and seed give the same centres.
 */
export function kMeans(options: KMeansOptions): Clusterer {
  const { k, seed = 42, restarts = 5, maxIterations = 100, sampleRows: most = KMEANS_SAMPLE } = options;
  if (!Number.isInteger(k) || k < 2)
    throw mlError('ml-cluster-count', `the number of clusters is ${k}, but it must be a whole number from 2`);
  return {
    name: 'k-means',
    async fit(data: Matrix): Promise<Clustering> {
      refuseMissing(data);
      const different = countDifferent(data, k);
      if (different < k) {
        const rows = data.rows < k ? `${data.rows} rows` : `only ${different} different rows`;
        throw mlError(
          'ml-too-few-rows',
          `there are ${rows} for ${k} clusters`,
          'Ask for fewer clusters, or bring more data.',
        );
      }
      const sample = data.rows > most ? takeRows(data, sampleRows(data.rows, Math.max(most, k), seed)) : data;
      const points = pointsOf(sample);
      const { kmeans } = await import('ml-kmeans');
      let best: Clustering | undefined;
      for (let start = 0; start < Math.max(1, restarts); start++) {
        const fitted = kmeans(points, k, {
          seed: seed + 7919 * start,
          initialization: 'kmeans++',
          maxIterations,
          tolerance: 1e-4,
        });
        const centres = fitted.centroids.map((centre) => [...centre]);
        const features = data.names;
        const { distance } = assignClusters({ features, centres }, sample);
        const inertia = distance.reduce((sum, d) => sum + d * d, 0);
        if (best === undefined || inertia < best.inertia)
          best = { features, centres, inertia, fittedRows: sample.rows };
      }
      return best as Clustering;
    },
  };
}

function pointsOf(data: Matrix): number[][] {
  return Array.from({ length: data.rows }, (_, i) => data.columns.map((column) => column[i] as number));
}

/** How many different rows there are, counted no further than `enough`. */
function countDifferent(data: Matrix, enough: number): number {
  const seen = new Set<string>();
  for (let i = 0; i < data.rows && seen.size < enough; i++) seen.add(data.columns.map((column) => column[i]).join(' '));
  return seen.size;
}
