import { ARTIFACT_FORMAT, fingerprint, type KMeansArtifact } from '../artifact/index.js';
import { assignClusters, type Clustering } from '../clusterer.js';
import { referenceBins, silhouette } from '../judge/index.js';
import { kMeans } from '../kmeans.js';
import { type Matrix, mlError, splitConstant } from '../matrix.js';
import { applyScaling, fitScaling } from '../scaling.js';
import { nameSegments } from '../segments.js';
import { libraryVersion } from './library-version.js';
import type { KMeansSpec } from './spec.js';
import type { TaskColumns } from './table.js';
import type { Trained, TrainOptions } from './train.js';
import { featureMatrix } from './train-classifier.js';

/** Scales, fits (on a sample of many rows), numbers the clusters by what they are and describes them. */
export async function trainKMeans(spec: KMeansSpec, columns: TaskColumns, options: TrainOptions): Promise<Trained> {
  const all = featureMatrix({ ...spec, missing: 'zero' }, columns);
  const { varied: data, constant } = splitConstant(all);
  if (data.names.length === 0)
    throw mlError(
      'ml-constant-column',
      'every feature column has the same value in every row',
      'There is nothing to tell rows apart by.',
    );
  const scaling = fitScaling(data);
  const scaled = applyScaling(data, scaling);
  const { clustering: fitted, notes } = await chosenFit(spec, scaled);
  const { order, names } = named(fitted, scaled, spec, constant);
  const clustering = { ...fitted, centres: order.map((c) => [...(fitted.centres[c] ?? [])]) };
  const { cluster, distance } = assignClusters(clustering, scaled);
  const inertia = distance.reduce((sum, d) => sum + d * d, 0);
  const k = clustering.centres.length;
  const quality = silhouette(scaled, cluster, k, spec.seed);
  const profiles = profilesOf(data, cluster, k);
  const exact = (value: number) => ({ value, low: value, high: value });
  const artifact: KMeansArtifact = {
    format: ARTIFACT_FORMAT,
    name: spec.name ?? options.name,
    version: 1,
    task: 'kmeans',
    library: { name: 'upsql', version: options.libraryVersion ?? libraryVersion() },
    data: { model: options.model, rows: data.rows, fingerprint: fingerprint(data), window: null },
    features: [...data.names],
    missing: 'zero',
    seed: spec.seed,
    options: { k, restarts: spec.restarts, sample: spec.sample },
    metrics: {
      on: 'training',
      rows: data.rows,
      values: { inertia: exact(inertia), silhouette: exact(quality) },
    },
    scaling: scaling.map((column) => ({ ...column })),
    clustering: {
      features: [...data.names],
      centres: clustering.centres,
      inertia: fitted.inertia,
      fittedRows: fitted.fittedRows,
    },
    segments: [...names],
    profiles,
    reference: referenceBins(data).map((bins) => ({ ...bins })),
  };
  return {
    artifact,
    notes: [
      ...(constant.length > 0 ? [`left out, because the same in every row: ${constant.join(', ')}`] : []),
      ...notes,
      `${fitted.fittedRows} of ${data.rows} rows fitted, inertia ${inertia.toFixed(1)}, silhouette ${quality.toFixed(3)}: ` +
        names.map((name, c) => `${name} ${((profiles[c]?.share ?? 0) * 100).toFixed(1)}%`).join(', '),
    ],
  };
}

/** A fit with the k asked for, or with the one whose silhouette is best (the smaller of equals). */
async function chosenFit(
  spec: KMeansSpec,
  scaled: Matrix,
): Promise<{ readonly clustering: Clustering; readonly notes: readonly string[] }> {
  const groupInto = (k: number) =>
    kMeans({ k, seed: spec.seed, restarts: spec.restarts, sampleRows: spec.sample }).fit(scaled);
  if (spec.k !== 'auto') return { clustering: await groupInto(spec.k), notes: [] };
  let best: { readonly clustering: Clustering; readonly score: number } | undefined;
  const tried: string[] = [];
  for (let k = 2; k <= Math.min(spec.most, scaled.rows); k++) {
    const clustering = await groupInto(k);
    const score = silhouette(scaled, assignClusters(clustering, scaled).cluster, k, spec.seed);
    tried.push(`${k}: ${score.toFixed(3)}`);
    if (best === undefined || score > best.score) best = { clustering, score };
  }
  if (best === undefined) throw mlError('ml-too-few-rows', `there are ${scaled.rows} rows, too few to choose k`);
  return { clustering: best.clustering, notes: [`silhouette by k: ${tried.join(', ')}`] };
}

/** Clusters in the order of their meaning, with their names; by size where the spec does not say what they mean. */
function named(
  clustering: Clustering,
  scaled: Matrix,
  spec: KMeansSpec,
  constant: readonly string[],
): { readonly order: readonly number[]; readonly names: readonly string[] } {
  if (spec.segments !== undefined && !constant.includes(spec.segments.recency)) {
    const engagement = spec.segments.engagement.filter((name) => !constant.includes(name));
    if (engagement.length > 0) {
      const segments = nameSegments(clustering, { recency: spec.segments.recency, engagement });
      return { order: segments.map((segment) => segment.cluster), names: segments.map((segment) => segment.name) };
    }
  }
  const sizes = new Array<number>(clustering.centres.length).fill(0);
  for (const c of assignClusters(clustering, scaled).cluster) sizes[c] = (sizes[c] as number) + 1;
  const order = sizes.map((_, c) => c).sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0) || a - b);
  return { order, names: order.map((_, rank) => `Cluster ${rank + 1}`) };
}

function profilesOf(data: Matrix, cluster: Int32Array, k: number): KMeansArtifact['profiles'] {
  const sizes = new Float64Array(k);
  for (const c of cluster) sizes[c] = (sizes[c] as number) + 1;
  const means = data.columns.map((column) => {
    const sums = new Float64Array(k);
    for (let i = 0; i < data.rows; i++) {
      const c = cluster[i] as number;
      sums[c] = (sums[c] as number) + (column[i] as number);
    }
    return sums.map((sum, c) => sum / Math.max(1, sizes[c] as number));
  });
  return Array.from(sizes, (size, c) => ({
    share: size / data.rows,
    means: means.map((column) => column[c] as number),
  }));
}
