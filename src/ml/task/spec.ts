import * as v from 'valibot';
import { didYouMean } from '../../diagnostics/index.js';
import { mlError } from '../matrix.js';

const name = v.pipe(v.string('expected a text'), v.nonEmpty('expected a name'));
const someNames = v.array(name, 'expected a list of columns');
const names = v.pipe(someNames, v.minLength(1, 'expected at least one column'));
const whole = (least: number) =>
  v.pipe(
    v.number('expected a number'),
    v.integer('expected a whole number'),
    v.minValue(least, `expected at least ${least}`),
  );
const positive = v.pipe(v.number('expected a number'), v.gtValue(0, 'expected more than 0'));

const common = {
  /** The model's name in the folder of models; default: the node's. */
  name: v.optional(name),
  features: names,
  /** Columns that tell rows apart. They fix the order of rows, so that a training repeats. */
  key: v.optional(someNames, []),
  /** Columns passed on beside the scores; default: all of the query's. */
  keep: v.optional(names),
  seed: v.optional(whole(0), 42),
  /** Scores with this version; default: the promoted one. */
  version: v.optional(whole(1)),
  /** `build` trains in every build; `command` scores with what `upsql ml train` and `promote` left. */
  train: v.optional(v.picklist(['build', 'command'], "expected 'build' or 'command'"), 'command'),
};

const classifier = v.strictObject({
  ...common,
  type: v.literal('classifier'),
  /** 0 or 1 (or a boolean); rows without it are only scored. */
  label: name,
  missing: v.optional(v.picklist(['learned', 'zero'], "expected 'learned' or 'zero'"), 'learned'),
  /** The last day that features may have seen, a date column. Later cutoffs are held out when there is no `split`. */
  cutoff: v.optional(name),
  /** Days after the cutoff that the label speaks of. */
  horizon: v.optional(whole(1)),
  /** Date columns with the newest thing a row has seen; one after the cutoff is a leak. */
  observed: v.optional(someNames, []),
  /** A column with `train`, `holdout` and whatever else is only scored. */
  split: v.optional(name),
  /** A feature that ranks the training rows as well as this alone is refused as a leak, unless it is in `trusted`. */
  leak_auc: v.optional(v.pipe(v.number(), v.minValue(0.5), v.maxValue(1)), 0.99),
  trusted: v.optional(someNames, []),
  /** A feature to compare with: the model has to rank better than it does alone. */
  baseline: v.optional(name),
  threshold: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0.5),
  /** What the model's table has: rows with scores, or for each row the features that raise its score most. */
  output: v.optional(v.picklist(['scores', 'reasons'], "expected 'scores' or 'reasons'"), 'scores'),
  /** Reasons a row at most. */
  reasons: v.optional(whole(1), 3),
  /** `xgboost` is ml-xgboost, on a sample of the rows. */
  trainer: v.optional(v.picklist(['gbdt', 'xgboost'], "expected 'gbdt' or 'xgboost'"), 'gbdt'),
  trees: v.optional(whole(1), 100),
  depth: v.optional(whole(1), 4),
  learning_rate: v.optional(positive, 0.1),
  lambda: v.optional(v.pipe(v.number(), v.minValue(0)), 1),
  min_child_weight: v.optional(v.pipe(v.number(), v.minValue(0)), 1),
});

const kmeans = v.strictObject({
  ...common,
  type: v.literal('kmeans'),
  /** Number of clusters, or `auto` for the one of 2 to `most` with the best silhouette. */
  k: v.optional(v.union([whole(2), v.literal('auto')], "expected a whole number from 2, or 'auto'"), 3),
  most: v.optional(whole(2), 5),
  restarts: v.optional(whole(1), 5),
  /** Rows fitted on at most. */
  sample: v.optional(whole(100), 20_000),
  /** Features by which segments get their names; without them they are numbered. */
  segments: v.optional(v.strictObject({ recency: name, engagement: names })),
});

const spec = v.variant('type', [classifier, kmeans]);

export type ClassifierSpec = v.InferOutput<typeof classifier>;
export type KMeansSpec = v.InferOutput<typeof kmeans>;
/** `config: {ml: …}` of a model, with its defaults. */
export type MlSpec = v.InferOutput<typeof spec>;

/**
 * Reads `config.ml` of a model.
 * @throws UpsqlError `ml-config` with the setting that is wrong.
 */
export function readSpec(config: unknown, node: string): MlSpec {
  const read = v.safeParse(spec, config);
  if (read.success) return read.output;
  const [issue] = read.issues;
  const path = issue.path?.map((part) => String(part.key)) ?? [];
  const at = ['ml', ...path].join('.');
  const kind = typeof config === 'object' && config !== null ? Reflect.get(config, 'type') : undefined;
  const known = Object.keys((kind === 'kmeans' ? kmeans : classifier).entries);
  const last = path.at(-1);
  if (issue.type === 'strict_object' && issue.expected === 'never' && path.length === 1 && last !== undefined) {
    const hint = didYouMean(last, known) ?? `There are: ${known.join(', ')}.`;
    throw mlError('ml-config', `'${at}' of '${node}' is no setting of a model`, hint);
  }
  if (path.length <= 1 && (last === 'type' || last === undefined)) {
    const message =
      last === undefined
        ? `'ml' of '${node}' has to be a map`
        : `'ml.type' of '${node}' is ${JSON.stringify(kind) ?? 'missing'}`;
    throw mlError('ml-config', message, 'It can be classifier or kmeans.');
  }
  const why = issue.received === 'undefined' ? 'is missing' : `is ${issue.received}: ${issue.message}`;
  throw mlError('ml-config', `'${at}' of '${node}' ${why}`);
}
