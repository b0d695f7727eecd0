import { createRequire } from 'node:module';
import { type BinaryClassifier, BOOSTING_DEFAULTS, type BoostingOptions } from './classifier.js';
import { type Matrix, mlError, takeRows, takeValues } from './matrix.js';
import { countPositives } from './metrics.js';
import { sampleRows } from './random.js';

/** Rows that ml-xgboost trains on at most, unless told otherwise. It takes about 3 s for them; 500,000 exhaust its memory. */
export const XGBOOST_SAMPLE = 20_000;

export interface XGBoostOptions extends BoostingOptions {
  readonly seed?: number;
  /** Rows trained on at most: a seeded sample when there are more. */
  readonly sampleRows?: number;
}

interface Booster {
  train(rows: number[][], labels: number[]): void;
  predict(rows: number[][]): number[];
}
type BoosterClass = new (options: Record<string, unknown>) => Booster;

/**
 * XGBoost itself, an old version compiled to WebAssembly (ml-xgboost): a reference for `gbdt`. It trains on a sample, and
 * scores everyone.
 */
export function xgboost(options: XGBoostOptions = {}): BinaryClassifier {
  const { seed = 42, sampleRows: most = XGBOOST_SAMPLE, ...boosting } = options;
  const settings = { ...BOOSTING_DEFAULTS, ...boosting };
  return {
    name: 'xgboost',
    async train(data, labels) {
      if (labels.length !== data.rows)
        throw mlError('ml-lengths-differ', `there are ${labels.length} labels for ${data.rows} rows`);
      const rows = sampleRows(data.rows, most, seed);
      const sample = takeRows(data, rows);
      const sampleLabels = takeValues(labels, rows);
      countPositives(sampleLabels);
      const XGBoost = await load();
      const booster = new XGBoost({
        booster: 'gbtree',
        objective: 'binary:logistic',
        max_depth: settings.depth,
        eta: settings.learningRate,
        lambda: settings.lambda,
        min_child_weight: settings.minChildWeight,
        subsample: 1,
        colsample_bytree: 1,
        seed,
        silent: 1,
        iterations: settings.trees,
      });
      booster.train(rowsOf(sample, data.names), [...sampleLabels]);
      return {
        features: data.names,
        trainedRows: sample.rows,
        predict: (scored) => Float64Array.from(booster.predict(rowsOf(scored, data.names))),
      };
    },
  };
}

let loaded: Promise<BoosterClass> | undefined;

function load(): Promise<BoosterClass> {
  loaded ??= Promise.resolve(required());
  return loaded;
}

/** The package has no types; its export is a promise of the class. */
function required(): PromiseLike<BoosterClass> {
  // Its loader calls fetch() on a path, which fails with a line on stderr; where there is no fetch, it reads the file.
  const { fetch } = globalThis;
  Reflect.deleteProperty(globalThis, 'fetch');
  try {
    return createRequire(import.meta.url)('ml-xgboost') as PromiseLike<BoosterClass>;
  } finally {
    globalThis.fetch = fetch;
  }
}

function rowsOf(data: Matrix, names: readonly string[]): number[][] {
  const columns = names.map((name) => {
    const column = data.columns[data.names.indexOf(name)];
    if (column === undefined)
      throw mlError('ml-missing-column', `column '${name}' is missing, but the model was trained with it`);
    return column;
  });
  return Array.from({ length: data.rows }, (_, i) => columns.map((column) => column[i] as number));
}
