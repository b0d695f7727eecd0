import { createRequire } from 'node:module';
import { type BinaryClassifier, BOOSTING_DEFAULTS, type BoostingOptions, checkTraining } from './classifier.js';
import { gainShares } from './gbdt/tree.js';
import { type Matrix, mlError, takeRows, takeValues } from './matrix.js';
import { sampleRows } from './random.js';
import { readXGBoostModel } from './xgboost-model.js';

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
  toJSON(): { readonly model: readonly number[] };
  free(): void;
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
      checkTraining(data, labels);
      const rows = sampleRows(data.rows, most, seed);
      const sample = takeRows(data, rows);
      const sampleLabels = takeValues(labels, rows);
      if (rows.length < data.rows) checkTraining(sample, sampleLabels);
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
      const ensemble = readXGBoostModel(Uint8Array.from(booster.toJSON().model), data.names);
      return {
        features: data.names,
        trainedRows: sample.rows,
        importance: gainShares(ensemble),
        ensemble,
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

/**
 * The package has no types; its export is a promise of the class. Its loader first tries to stream the WebAssembly from a
 * path, fails with a line on stderr and then reads the file; and it leaves a handler that makes every later uncaught error
 * print its minified source. Neither is let out.
 */
function required(): PromiseLike<BoosterClass> {
  const wasm = Reflect.get(globalThis, 'WebAssembly') as object;
  const streaming = Object.getOwnPropertyDescriptor(wasm, 'instantiateStreaming');
  const handlers = process.listeners('uncaughtException');
  Reflect.deleteProperty(wasm, 'instantiateStreaming');
  try {
    return createRequire(import.meta.url)('ml-xgboost') as PromiseLike<BoosterClass>;
  } finally {
    if (streaming !== undefined) Object.defineProperty(wasm, 'instantiateStreaming', streaming);
    for (const handler of process.listeners('uncaughtException')) {
      if (!handlers.includes(handler)) process.removeListener('uncaughtException', handler);
    }
  }
}

function rowsOf(data: Matrix, names: readonly string[]): number[][] {
  const columns = names.map((name) => {
    const column = data.columns[data.names.indexOf(name)];
    if (column === undefined)
      throw mlError('ml-missing-column', `column '${name}' is missing, but the model was trained with it`);
    return column;
  });
  return Array.from({ length: data.rows }, (_, i) => columns.map((column) => cell(column[i] as number)));
}

/** The package reads -1 as missing, and ends the process at NaN. A real -1 becomes the next float. */
const MISSING = -1;
const NEXT_TO_MISSING = Math.fround(-1 - 2 ** -23);

function cell(value: number): number {
  if (Number.isNaN(value)) return MISSING;
  return Math.fround(value) === MISSING ? NEXT_TO_MISSING : value;
}
