/** Making a node before its template is read: names, paths, fqn, checksum; everything else at its default. */
import { md5 } from '../hash.js';
import type { FileHash, Node, NodeConfig, ResourceType } from '../node.js';
import { isMap } from '../shape.js';

export interface NodeSeed {
  readonly resourceType: ResourceType;
  readonly packageName: string;
  readonly name: string;
  /** Relative to the folder searched (`marts/x.sql`). */
  readonly path: string;
  /** Relative to the package root (`models/marts/x.sql`). */
  readonly originalFilePath: string;
  readonly fqn: readonly string[];
  readonly rawCode: string;
  readonly language: string;
  readonly checksum: FileHash;
  readonly database: string;
  readonly schema: string;
  readonly config: NodeConfig;
  readonly createdAt: number;
  /** Generic tests: the hash that follows the name in their unique_id. */
  readonly idSuffix?: string;
}

/** fqn of a file: package, the folders of its path, its name. */
export function fqnOf(packageName: string, path: string, name: string): string[] {
  const folders = path.split('/').slice(0, -1);
  return [packageName, ...folders, name];
}

export function createNode(seed: NodeSeed): Node {
  const suffix = seed.idSuffix === undefined ? '' : `.${seed.idSuffix}`;
  const node: Node = {
    database: seed.database,
    schema: seed.schema,
    name: seed.name,
    resource_type: seed.resourceType,
    package_name: seed.packageName,
    path: seed.path,
    original_file_path: seed.originalFilePath,
    unique_id: `${seed.resourceType}.${seed.packageName}.${seed.name}${suffix}`,
    fqn: [...seed.fqn],
    alias: seed.name,
    checksum: seed.checksum,
    config: seed.config,
    tags: [],
    description: '',
    columns: {},
    meta: {},
    group: null,
    docs: { show: true, node_color: null },
    patch_path: null,
    build_path: null,
    unrendered_config: {},
    created_at: seed.createdAt,
    relation_name: null,
    raw_code: seed.rawCode,
    doc_blocks: [],
    language: seed.language,
    refs: [],
    sources: [],
    metrics: [],
    functions: [],
    depends_on: { macros: [], nodes: [] },
    compiled_path: null,
  };
  if (seed.resourceType !== 'seed') node.contract = { enforced: false, alias_types: true, checksum: null };
  if (seed.resourceType === 'model') {
    Object.assign(node, {
      access: 'protected',
      constraints: [],
      version: null,
      latest_version: null,
      deprecation_date: null,
      primary_key: [],
      time_spine: null,
    });
  }
  return node;
}

/** The names dbt gives a generic test: the full one for ids, and one below 64 characters for files and tables. */
export function genericTestNames(
  kind: string,
  target: string,
  args: Readonly<Record<string, unknown>>,
  print: (value: unknown) => string,
): { short: string; full: string } {
  const flat: string[] = [];
  for (const key of Object.keys(args).sort()) {
    if (key === 'model') continue;
    const value = args[key];
    const parts = Array.isArray(value) ? value : isMap(value) ? Object.values(value) : [value];
    for (const part of parts) flat.push(print(part).replace(/[^0-9a-zA-Z_]+/g, '_'));
  }
  const identifier = `${kind}_${target}`;
  const full = `${identifier}_${flat.join('__')}`;
  const short = full.length >= 64 ? `${identifier.slice(0, 30)}_${md5(full)}` : full;
  return { short, full };
}
