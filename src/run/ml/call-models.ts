import type { Session } from '../../adapters/adapter.js';
import { marginFunction, predictSql } from '../../ml/sql/index.js';
import { predictions } from '../../ml/sql/predictions.js';
import type { Node } from '../../parse/node.js';

/**
 * Lets a warehouse within this process call the compiled models where the node's SQL has scoring queries, many times faster than SQL
 * computes trees. Only for SQL that runs now and leaves a table: nobody else has the functions. What is returned puts the plain SQL back,
 * for the artifacts and whoever reads them.
 */
export async function callModels(node: Node, session: Session): Promise<() => void> {
  const plain = node.compiled_code;
  if (session.defineFunction === undefined || plain === undefined || plain === null) return () => undefined;
  let code = plain;
  for (const [query, { artifact, relation, dialect, options }] of predictions) {
    if (artifact.task !== 'classifier' || !code.includes(query)) continue;
    const definition = marginFunction(artifact);
    if (definition === undefined) continue;
    await session.defineFunction(definition);
    const { sql } = predictSql(artifact, relation, dialect, { ...options, margin: definition.name });
    code = code.replaceAll(query, () => sql);
  }
  node.compiled_code = code;
  return () => {
    node.compiled_code = plain;
  };
}
