import type { Session } from '../../adapters/adapter.js';
import { type Artifact, requireFeatures } from '../../ml/artifact/index.js';
import { type PredictSql, predictSql } from '../../ml/sql/index.js';
import type { MlSpec } from '../../ml/task/index.js';
import type { Node } from '../../parse/node.js';
import type { Engine } from '../engine.js';
import { type MlNode, mlNode, otherTask, sqlDialect, storeOf, trainOn } from './task.js';

/** The scoring query that each node's compiled code was last replaced by, so that it is not wrapped twice. */
const replaced = new WeakMap<Node, string>();

/**
 * Puts the scores in place of the query of a model with an `ml` config: what is then materialized is the query's rows with scores, or
 * the reasons for them. With `train: build` the model is trained first; else the promoted version is taken. A compilation trains nothing
 * and, as long as no version is promoted, leaves the query. What is returned is to be called when the node is done: it removes what only
 * the run needed.
 * @throws UpsqlError for rows that can't be learnt from, an unusable model file, or a feature that is gone: nothing is materialized then.
 */
export async function scoreInSql(
  engine: Engine,
  node: Node,
  action: 'build' | 'compile',
  session: Session,
): Promise<() => Promise<void>> {
  if (node.compiled_code === undefined || node.compiled_code === null || replaced.get(node) === node.compiled_code)
    return unchanged;
  const task = mlNode(engine, node);
  const { spec } = task;
  const query = node.compiled_code.trim().replace(/;+$/, '');
  let artifact: Artifact;
  if (spec.train === 'build') {
    if (action === 'compile') return unchanged;
    const trained = await trainOn(engine, task, query, session);
    for (const note of trained.notes) engine.tell?.(node, note);
    artifact = trained.artifact;
  } else {
    const store = storeOf(engine);
    if (action === 'compile' && spec.version === undefined && store.promoted(task.name) === undefined) return unchanged;
    artifact = store.load(task.name, spec.version);
  }
  const put = (sql: string): void => {
    node.compiled_code = sql;
    replaced.set(node, sql);
  };
  if (spec.type === 'classifier' && spec.output === 'reasons') {
    if (action === 'compile') return unchanged;
    if (artifact.task !== 'classifier') throw otherTask(artifact, node.name);
    const { reasonsTable } = await import('./reasons.js');
    const from = rowsToScore(engine, spec, query);
    const { sql, drop } = await reasonsTable(engine, { node, spec }, artifact, from, session);
    put(sql);
    return async () => {
      put(query);
      // What is left over is replaced by the next run.
      await drop().catch(() => undefined);
    };
  }
  const { sql, setup } = await scoringQuery(engine, task, artifact, query, session);
  if (action === 'build') for (const statement of setup) await session.execute(statement, { fetch: false });
  put(sql);
  return unchanged;
}

async function unchanged(): Promise<void> {}

/** The query that scores the rows of `query` with a model. @throws UpsqlError `ml-missing-column` when a feature is gone. */
export async function scoringQuery(
  engine: Engine,
  { node, spec }: MlNode,
  artifact: Artifact,
  query: string,
  session: Session,
): Promise<PredictSql> {
  const empty = await session.execute(`select * from (\n${query}\n) as ml_input limit 0`);
  requireFeatures(
    artifact,
    empty.columns.map((column) => column.name),
  );
  const dialect = sqlDialect(engine);
  const { quoteCharacter: q } = engine.adapter.dialect;
  const place = [node.database, node.schema].filter((part) => part !== null && part !== undefined && part !== '');
  return predictSql(artifact, rowsToScore(engine, spec, query), dialect, {
    keep: spec.keep,
    schema: place.map((part) => `${q}${part}${q}`).join('.'),
  });
}

/** Rows that only train or judge the model get no scores, where there are others. */
function rowsToScore(engine: Engine, spec: MlSpec, query: string): string {
  if (spec.type !== 'classifier' || spec.split === undefined) return query;
  const split = `coalesce(${sqlDialect(engine).quote(spec.split)}, '')`;
  return `select * from (\n${query}\n) as ml_all where ${split} not in ('train', 'holdout')`;
}
