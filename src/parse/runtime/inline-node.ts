/** A node for a query that is no file of the project: `--inline`, `run-operation`. */
import { Template } from '../../jinja/index.js';
import { defaultConfig } from '../config.js';
import type { ContextOutput } from '../context/base.js';
import { parseScope } from '../context/scopes.js';
import { sha256 } from '../hash.js';
import { findRef, findSource } from '../lookup.js';
import type { Node, NodeConfig } from '../node.js';
import { createNode } from '../nodes/factory.js';
import type { ParsedProject } from '../state.js';

export const INLINE_FILE = 'inline query';

export function inlineNode(parsed: ParsedProject, sql: string, output: ContextOutput): Node {
  const root = parsed.project.config.name;
  const node = createNode({
    resourceType: 'sql_operation',
    packageName: root,
    name: 'inline_query',
    path: 'inline_query.sql',
    originalFilePath: 'inline_query.sql',
    fqn: [root, 'sql', 'inline_query'],
    rawCode: sql,
    language: 'sql',
    checksum: sha256(sql),
    database: parsed.adapter.database,
    schema: parsed.adapter.schema,
    config: defaultConfig('operation') as unknown as NodeConfig,
    createdAt: Date.now() / 1000,
  });
  parsed.origins.set(node.unique_id, { file: INLINE_FILE, line: 1 });
  parsed.templates.delete(node.unique_id);
  if (sql === '') return node;
  const template = Template.parse({ text: sql, file: INLINE_FILE });
  template.renderSync(parseScope(parsed, node, output), { lenient: true });
  for (const ref of node.refs) {
    const found = findRef(parsed.lookup, ref, root, root);
    if (found.kind === 'found') node.depends_on.nodes.push(found.node.unique_id);
  }
  for (const [name, table] of node.sources) {
    const found = findSource(parsed.lookup, name, table, root, root);
    if (found.kind === 'found') node.depends_on.nodes.push(found.node.unique_id);
  }
  return node;
}
