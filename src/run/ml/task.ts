import type { Session } from '../../adapters/adapter.js';
import { quoteName, toProgramName } from '../../adapters/names.js';
import { didYouMean, problem, UpsqlError } from '../../diagnostics/index.js';
import { fromJinja, toJinja } from '../../jinja/index.js';
import { type Artifact, type ModelStore, openStore } from '../../ml/artifact/index.js';
import type { SqlDialect } from '../../ml/sql/index.js';
import { type MlSpec, readSpec, type TaskColumns, type Trained, taskColumns, trainTask } from '../../ml/task/index.js';
import { modelFolder } from '../../parse/context/ml.js';
import type { Node } from '../../parse/node.js';
import type { Engine } from '../engine.js';

/** A model with an `ml` config: its query gives the rows to learn from and to score. */
export interface MlNode {
  readonly node: Node;
  readonly spec: MlSpec;
  /** The model's name in the store. */
  readonly name: string;
}

/** Where the project's trained models are. */
export function storeOf({ project }: Pick<Engine, 'project'>): ModelStore {
  return openStore(modelFolder(project));
}

/** Reads a node's `ml` config. @throws UpsqlError `ml-config` at the model's file. */
export function mlNode(engine: Engine, node: Node): MlNode {
  const file = engine.origin?.(node).file;
  try {
    const spec = readSpec(fromJinja(toJinja(node.config.ml)), node.name);
    if (node.language !== 'sql')
      throw new UpsqlError(
        problem('ml-config', `'${node.name}' is a TypeScript model, but ml config needs a query`, {
          hint: "Train in the model with 'upsql/ml', or make it a SQL model.",
        }),
        1,
      );
    if (node.config.materialized === 'ephemeral')
      throw new UpsqlError(
        problem('ml-config', `'${node.name}' is ephemeral, but a model with ml config needs a table or a view`),
        1,
      );
    if (spec.type === 'classifier' && spec.output === 'reasons' && node.config.materialized !== 'table')
      throw new UpsqlError(
        problem('ml-config', `'${node.name}' has reasons as its output, which only a table can hold`, {
          hint: 'Set materialized: table.',
        }),
        1,
      );
    return { node, spec, name: spec.name ?? node.name };
  } catch (error) {
    if (!(error instanceof UpsqlError) || file === undefined) throw error;
    const place = { file, line: 1, column: 1 };
    throw new UpsqlError(
      error.diagnostics.map((found) => ({ place, ...found })),
      1,
      error,
    );
  }
}

/** All models of the project with an `ml` config, by name. */
export function mlNodes(engine: Engine): readonly Node[] {
  return Object.values(engine.manifest.nodes)
    .filter((node) => node.resource_type === 'model' && typeof node.config.ml === 'object' && node.config.ml !== null)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The model with an `ml` config of that name (the node's or the trained model's).
 * @throws UpsqlError `ml-unknown-model` (exit code 2).
 */
export function findMlNode(engine: Engine, name: string): MlNode {
  const nodes = mlNodes(engine).map((node) => mlNode(engine, node));
  const found = nodes.find((candidate) => candidate.node.name === name || candidate.name === name);
  if (found !== undefined) return found;
  const known = nodes.map((candidate) => candidate.node.name);
  const hint =
    didYouMean(name, known) ??
    (known.length === 0 ? "Give a model an 'ml' config." : `There are: ${known.join(', ')}.`);
  throw new UpsqlError(problem('ml-unknown-model', `there is no model '${name}' with an ml config`, { hint }));
}

/** The trained model's name, whichever of its names is given; it need not belong to a node any more. */
export function modelName(engine: Engine, name: string): string {
  if (storeOf(engine).versions(name).length > 0) return name;
  return findMlNode(engine, name).name;
}

/** What a model file of another kind is answered with. */
export function otherTask(artifact: Artifact, node: string): UpsqlError {
  const message = `version ${artifact.version} of '${artifact.name}' is a ${artifact.task}, but '${node}' asks for another kind`;
  return new UpsqlError(problem('ml-config', message, { hint: 'Train it again.' }), 1);
}

export function sqlDialect({ adapter }: Pick<Engine, 'adapter'>): SqlDialect {
  return { type: adapter.type, quote: (name) => quoteName(adapter.dialect, name) };
}

/** The compiled query of the node: the rows that the model learns from and scores. */
export async function inputQuery(engine: Engine, node: Node, session: Session): Promise<string> {
  await engine.runtime.compile(node, session);
  return (node.compiled_code ?? '').trim().replace(/;+$/, '');
}

/** The rows of a query, in the order of the spec's key. */
export async function readRows(
  engine: Engine,
  query: string,
  spec: Pick<MlSpec, 'key'>,
  session: Session,
): Promise<TaskColumns> {
  const result = await session.columns(query);
  const columns = new Map(
    [...result.columns].map(([name, data]) => [toProgramName(engine.adapter.dialect, name), data]),
  );
  return taskColumns(columns, result.length, spec.key);
}

/** Trains a model on the rows of a query. @throws UpsqlError as `trainTask` does. */
export async function trainOn(
  engine: Engine,
  { node, spec, name }: MlNode,
  query: string,
  session: Session,
): Promise<Trained> {
  const rows = await readRows(engine, query, spec, session);
  return trainTask(spec, rows, { name, model: node.unique_id });
}
