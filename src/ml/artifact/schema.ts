import * as v from 'valibot';
import { didYouMean } from '../../diagnostics/index.js';
import { mlError } from '../matrix.js';

/** The layout of artifacts that this version writes; files of another layout are refused. */
export const ARTIFACT_FORMAT = 1;

const finite = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const integer = v.pipe(v.number(), v.integer());

const tree = v.pipe(
  v.strictObject({
    feature: v.array(integer),
    threshold: v.array(finite),
    missingLeft: v.array(v.boolean()),
    left: v.array(integer),
    right: v.array(integer),
    value: v.array(finite),
    gain: v.array(finite),
    cover: v.optional(v.array(finite)),
  }),
  v.check(
    ({ feature, threshold, missingLeft, left, right, value, gain, cover }) =>
      feature.length > 0 &&
      [threshold, missingLeft, left, right, value, gain, cover ?? feature].every(
        (list) => list.length === feature.length,
      ) &&
      // Children stand after their parent, so that every walk ends.
      feature.every(
        (f, node) =>
          f < 0 || [left[node], right[node]].every((to) => to !== undefined && to > node && to < feature.length),
      ),
    'a tree whose lists do not fit together',
  ),
);

const ensemble = v.strictObject({
  kind: v.literal('gbdt'),
  version: v.literal(1),
  features: v.array(v.string()),
  base: finite,
  trees: v.array(tree),
});

const clustering = v.strictObject({
  features: v.array(v.string()),
  centres: v.pipe(v.array(v.array(finite)), v.minLength(2)),
  inertia: finite,
  fittedRows: count,
});

const interval = v.strictObject({ value: finite, low: finite, high: finite });

const metrics = v.strictObject({
  /** What the figures were measured on. */
  on: v.picklist(['holdout', 'training']),
  rows: count,
  positives: v.optional(count),
  values: v.record(v.string(), interval),
});

const reference = v.strictObject({
  feature: v.string(),
  /** Ascending; bin b holds edges[b - 1] <= x < edges[b]. */
  edges: v.array(finite),
  /** Shares of the rows by bin, that of missing values first. */
  shares: v.array(finite),
});

const common = {
  format: v.literal(ARTIFACT_FORMAT),
  name: v.string(),
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
  library: v.strictObject({ name: v.string(), version: v.string() }),
  /** In the order that scoring reads them in. */
  features: v.pipe(v.array(v.string()), v.minLength(1)),
  /** How a missing value is read: as 0, or as each split learnt. */
  missing: v.picklist(['zero', 'learned']),
  seed: integer,
  options: v.record(v.string(), v.union([v.number(), v.string(), v.boolean()])),
  data: v.strictObject({
    /** The model that the rows came from. */
    model: v.string(),
    rows: count,
    /** SHA-256 of names, features and labels. */
    fingerprint: v.string(),
    /** Dates of the first and last cutoff trained on; null when the rows have none. */
    window: v.nullable(v.strictObject({ from: v.string(), to: v.string() })),
  }),
  metrics: v.nullable(metrics),
  reference: v.array(reference),
};

const classifier = v.strictObject({
  ...common,
  task: v.literal('classifier'),
  label: v.string(),
  threshold: finite,
  calibration: v.array(v.strictObject({ rows: count, predicted: finite, observed: finite })),
  importance: v.record(v.string(), finite),
  ensemble,
});

const kmeans = v.strictObject({
  ...common,
  task: v.literal('kmeans'),
  /** A distance needs every number: there is no learnt way around a missing one. */
  missing: v.literal('zero'),
  scaling: v.array(v.strictObject({ name: v.string(), log: v.boolean(), mean: finite, deviation: finite })),
  clustering,
  /** Names of the clusters, in the order of the centres. */
  segments: v.array(v.string()),
  /** Mean of every feature by cluster, unscaled, and the cluster's share of the rows. */
  profiles: v.array(v.strictObject({ share: finite, means: v.array(finite) })),
});

const artifact = v.variant('task', [classifier, kmeans]);

export type ClassifierArtifact = v.InferOutput<typeof classifier>;
export type KMeansArtifact = v.InferOutput<typeof kmeans>;
/** A trained model as it is kept in a file: plain data, with what one needs to trust it. */
export type Artifact = v.InferOutput<typeof artifact>;
export type Interval = v.InferOutput<typeof interval>;
export type ReferenceBins = v.InferOutput<typeof reference>;

/**
 * Reads an artifact's text.
 * @throws UpsqlError `ml-artifact-damaged` for a file that is cut off or not an artifact, `ml-artifact-format` for one of another layout.
 */
export function parseArtifact(text: string, file: string): Artifact {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged(file, text.trim() === '' ? 'it is empty' : 'it is cut off or not JSON');
  }
  const format = typeof value === 'object' && value !== null ? Reflect.get(value, 'format') : undefined;
  if (typeof format === 'number' && format !== ARTIFACT_FORMAT) {
    throw mlError(
      'ml-artifact-format',
      `${file} is a model of format ${format}, but this version of upsql reads format ${ARTIFACT_FORMAT}`,
      'Train it again with `upsql ml train`, or use the version of upsql that wrote it.',
    );
  }
  const read = v.safeParse(artifact, value);
  if (!read.success) {
    const [issue] = read.issues;
    const at = issue.path?.map((part) => String(part.key)).join('.') ?? '';
    throw damaged(file, `${at === '' ? 'its content' : `'${at}'`} is not as a model has it (${issue.message})`);
  }
  const problem = misfit(read.output);
  if (problem !== undefined) throw damaged(file, problem);
  return read.output;
}

/** What single fields can't show: parts that do not fit together. */
function misfit(model: Artifact): string | undefined {
  const width = model.features.length;
  const same = (names: readonly string[]): boolean =>
    names.length === width && names.every((name, j) => name === model.features[j]);
  if (model.task === 'classifier') {
    if (!same(model.ensemble.features)) return 'its trees are for other features than it lists';
    if (model.ensemble.trees.some(({ feature }) => feature.some((f) => f >= width)))
      return 'a tree asks for a feature that it does not list';
    return undefined;
  }
  if (!same(model.clustering.features) || !same(model.scaling.map(({ name }) => name)))
    return 'its centres or scaling are for other features than it lists';
  if (model.clustering.centres.some((centre) => centre.length !== width)) return 'a centre has too few or many numbers';
  if (model.segments.length !== model.clustering.centres.length) return 'it has not one name a cluster';
  return undefined;
}

function damaged(file: string, why: string) {
  return mlError(
    'ml-artifact-damaged',
    `${file} is no usable model: ${why}`,
    'Restore it from version control, promote another version, or train again.',
  );
}

/**
 * Refuses data that lacks a feature of the model; names are compared without case.
 * @throws UpsqlError `ml-missing-column`.
 */
export function requireFeatures(model: Artifact, available: readonly string[]): void {
  const known = new Set(available.map((name) => name.toLowerCase()));
  const gone = model.features.filter((name) => !known.has(name.toLowerCase()));
  const [first] = gone;
  if (first === undefined) return;
  throw mlError(
    'ml-missing-column',
    `the model '${model.name}' (version ${model.version}) needs ${gone.map((name) => `'${name}'`).join(', ')}, which the data does not have`,
    didYouMean(first, available) ?? 'Bring the column back, or train the model again without it.',
  );
}
