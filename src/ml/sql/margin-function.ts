import type { ClassifierArtifact } from '../artifact/index.js';
import { compileScorer } from '../wasm/score.js';
import { contentName } from './predict.js';

/** A model's log-odds as a function of its features, for a warehouse that calls back into this process. */
export interface MarginFunction {
  readonly name: string;
  readonly width: number;
  evaluate(column: (index: number) => Float64Array, rows: number, out: Float64Array): void;
}

/**
 * Compiles a classifier; missing values are read as the model has it. Within 1e-8 of `predictProbability` for a hundred trees. Undefined
 * where the host or the model does not fit (`compileScorer`).
 */
export function marginFunction(artifact: ClassifierArtifact): MarginFunction | undefined {
  const name = contentName('ml_margin', artifact);
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const made = compile(artifact, name);
  if (made === undefined) return undefined;
  const [oldest] = compiled.keys();
  if (compiled.size >= KEPT && oldest !== undefined) compiled.delete(oldest);
  compiled.set(name, made);
  return made;
}

/** Several nodes may score with a model, which takes a tenth of a second to compile. */
const compiled = new Map<string, MarginFunction>();
const KEPT = 16;

function compile(artifact: ClassifierArtifact, name: string): MarginFunction | undefined {
  const scorer = compileScorer(artifact.ensemble);
  if (scorer === undefined) return undefined;
  const { features, missing } = artifact;
  return {
    name,
    width: features.length,
    evaluate(column, rows, out) {
      const whole = features.map((_, j) => column(j));
      for (let start = 0; start < rows; start += scorer.block) {
        const end = Math.min(rows, start + scorer.block);
        for (const [j, values] of whole.entries()) {
          const into = scorer.fill(j);
          into.set(values.subarray(start, end));
          if (missing === 'zero') for (let i = 0; i < end - start; i++) if (Number.isNaN(into[i])) into[i] = 0;
        }
        scorer.margins(end - start, out.subarray(start, end));
      }
    },
  };
}
