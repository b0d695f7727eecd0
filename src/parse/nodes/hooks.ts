/** `on-run-start` and `on-run-end` of each package as operation nodes. */
import type { Package } from '../../project/index.js';
import { defaultConfig } from '../config.js';
import type { FileHash, Node, NodeConfig } from '../node.js';
import type { ParsedProject } from '../state.js';
import { configureNode } from './configure.js';
import { createNode } from './factory.js';
import { collect, type ReadOptions, readTemplate } from './read-template.js';

function hookNode(
  parsed: ParsedProject,
  owner: Package,
  kind: string,
  sql: string,
  index: number,
  checksum: FileHash,
  createdAt: number,
): Node {
  const name = `${owner.name}-${kind}-${index}`;
  const node = createNode({
    resourceType: 'operation',
    packageName: owner.name,
    name,
    path: `hooks/${name}.sql`,
    originalFilePath: './dbt_project.yml',
    fqn: [owner.name, 'hooks', name],
    rawCode: sql,
    language: 'sql',
    checksum,
    database: parsed.adapter.database,
    schema: parsed.adapter.schema,
    config: defaultConfig('operation') as unknown as NodeConfig,
    createdAt,
  });
  node.tags = [kind];
  node.index = index;
  return node;
}

export function readHooks(
  parsed: ParsedProject,
  owner: Package,
  checksum: FileHash,
  options: ReadOptions,
  createdAt: number,
): void {
  for (const [kind, list] of [
    ['on-run-start', owner.config.onRunStart],
    ['on-run-end', owner.config.onRunEnd],
  ] as const) {
    list.forEach((sql, index) => {
      collect(parsed, () => {
        const node = hookNode(parsed, owner, kind, sql, index, checksum, createdAt);
        parsed.origins.set(node.unique_id, { file: `${owner.root}/dbt_project.yml`, line: 1 });
        readTemplate(parsed, node, options);
        configureNode(parsed, node);
        parsed.manifest.nodes[node.unique_id] = node;
      });
    });
  }
}
