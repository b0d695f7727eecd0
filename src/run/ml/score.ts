import type { Session } from '../../adapters/adapter.js';
import { type Artifact, requireFeatures } from '../../ml/artifact/index.js';
import { marginFunction, type PredictSql, predictSql } from '../../ml/sql/index.js';
import type { Node } from '../../parse/node.js';
import type { Engine } from '../engine.js';
import { type MlNode, mlNode, sqlDialect, storeOf, trainOn } from './task.js';

/** The scoring query that each node's compiled code was last replaced by, so that it is not wrapped twice. */
const replaced = new WeakMap<Node, string>();

/**
 * Puts the scores in place of the query of a model with an `ml` config: what is then materialized is the query's rows with scores. With
 * `train: build` the model is trained first; else the promoted version is taken. A compilation trains nothing and, as long as no version
 * is promoted, leaves the query. A warehouse within this process calls the compiled model while it makes a table; what is returned then
 * puts the plain SQL in place of that, for the artifacts and whoever reads them.
 * @throws UpsqlError for rows that can't be learnt from, an unusable model file, or a feature that is gone: nothing is materialized then.
 */
export async function scoreInSql(
  engine: Engine,
  node: Node,
  action: 'build' | 'compile',
  session: Session,
): Promise<() => void> {
  if (node.compiled_code === undefined || node.compiled_code === null || replaced.get(node) === node.compiled_code)
    return unchanged;
  const task = mlNode(engine, node);
  const query = node.compiled_code.trim().replace(/;+$/, '');
  let artifact: Artifact;
  if (task.spec.train === 'build') {
    if (action === 'compile') return unchanged;
    const trained = await trainOn(engine, task, query, session);
    for (const note of trained.notes) engine.tell?.(node, note);
    artifact = trained.artifact;
  } else {
    const store = storeOf(engine);
    if (action === 'compile' && task.spec.version === undefined && store.promoted(task.name) === undefined)
      return unchanged;
    artifact = store.load(task.name, task.spec.version);
  }
  const { sql, setup } = await scoringQuery(engine, task, artifact, query, session);
  if (action === 'build') for (const statement of setup) await session.execute(statement, { fetch: false });
  node.compiled_code = sql;
  replaced.set(node, sql);
  const { materialized } = node.config;
  if (action !== 'build' || (materialized !== 'table' && materialized !== 'incremental')) return unchanged;
  const fast = await scoringQuery(engine, task, artifact, query, session, true);
  node.compiled_code = fast.sql;
  replaced.set(node, fast.sql);
  return () => {
    node.compiled_code = sql;
    replaced.set(node, sql);
  };
}

function unchanged(): void {}

/**
 * The query that scores the rows of `query` with a model; `here` for one that runs now and in this session, which may call a function of
 * this process. @throws UpsqlError `ml-missing-column` when a feature is gone.
 */
export async function scoringQuery(
  engine: Engine,
  { node, spec }: MlNode,
  artifact: Artifact,
  query: string,
  session: Session,
  here = false,
): Promise<PredictSql> {
  const empty = await session.execute(`select * from (\n${query}\n) as ml_input limit 0`);
  requireFeatures(
    artifact,
    empty.columns.map((column) => column.name),
  );
  const dialect = sqlDialect(engine);
  const { quoteCharacter: q } = engine.adapter.dialect;
  const place = [node.database, node.schema].filter((part) => part !== null && part !== undefined && part !== '');
  const from =
    spec.type === 'classifier' && spec.split !== undefined ? scoredRows(query, spec.split, dialect.quote) : query;
  return predictSql(artifact, from, dialect, {
    keep: spec.keep,
    margin: here ? defineMargin(artifact, session) : undefined,
    schema: place.map((part) => `${q}${part}${q}`).join('.'),
  });
}

/** Makes the model a function of the session's warehouse, where that is possible, and gives its name. */
function defineMargin(artifact: Artifact, session: Session): string | undefined {
  if (artifact.task !== 'classifier' || session.defineFunction === undefined) return undefined;
  const definition = marginFunction(artifact);
  if (definition === undefined) return undefined;
  session.defineFunction(definition);
  return definition.name;
}

/** Rows that only train or judge the model get no scores, where there are others. */
function scoredRows(query: string, split: string, quote: (name: string) => string): string {
  return `select * from (\n${query}\n) as ml_all where ${quote(split)} not in ('train', 'holdout')`;
}
