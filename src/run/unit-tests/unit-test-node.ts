/** A unit test as a node of a run. */
import { posix } from 'node:path';
import type { Manifest, Node, OtherNode } from '../../parse/node.js';
import { standIn } from '../stand-in.js';

/** `model::test`, as dbt's lines name a unit test. */
export const unitTestTitle = (node: Node): string => `${String(node.model)}::${node.name}`;

/** The node that stands for a unit test: the tested model's text with the `unit` materialization. */
export function unitTestNode(manifest: Manifest, test: OtherNode): Node {
  const model = manifest.nodes[test.depends_on?.nodes[0] ?? ''];
  const name = test.version === null || test.version === undefined ? test.name : `${test.name}_v${test.version}`;
  const { rows } = test.expect as { readonly rows: unknown };
  const { unique_id, package_name, original_file_path, fqn, depends_on, config } = test;
  return standIn({
    resource_type: 'unit_test',
    unique_id,
    name,
    model: test.model,
    package_name,
    path: posix.join(posix.dirname(original_file_path), `${name}.sql`),
    original_file_path,
    alias: name,
    database: model?.database ?? null,
    schema: model?.schema ?? null,
    raw_code: model?.raw_code ?? '',
    language: model?.language ?? 'sql',
    ...(fqn === undefined ? {} : { fqn }),
    depends_on: { macros: [], nodes: [...(depends_on?.nodes ?? [])] },
    config: {
      ...config,
      materialized: 'unit',
      expected_rows: Array.isArray(rows) ? rows : [],
      expected_sql: typeof rows === 'string' ? rows : null,
    },
  });
}
