import type { Node } from '../parse/node.js';

/** The least that a result says of something that is run or listed but has no SQL file: an exposure, a macro call. */
type Known = Pick<Node, 'resource_type' | 'unique_id' | 'name' | 'package_name' | 'path' | 'original_file_path'> &
  Partial<Omit<Node, 'config'>> & { readonly config?: Readonly<Record<string, unknown>> };

/** Fills what is not known with blanks, so that results, events and artifacts deal with one shape. */
export function standIn(known: Known): Node {
  const { config, ...given } = known;
  return {
    fqn: known.unique_id.split('.'),
    alias: known.name,
    checksum: { name: 'none', checksum: '' },
    database: null,
    schema: null,
    unrendered_config: {},
    tags: [],
    description: '',
    columns: {},
    meta: {},
    group: null,
    docs: { show: true, node_color: null },
    patch_path: null,
    build_path: null,
    created_at: 0,
    relation_name: null,
    raw_code: '',
    language: 'sql',
    refs: [],
    sources: [],
    metrics: [],
    functions: [],
    depends_on: { macros: [], nodes: [] },
    compiled_path: null,
    doc_blocks: [],
    ...given,
    config: {
      enabled: true,
      alias: null,
      schema: null,
      database: null,
      tags: [],
      meta: {},
      materialized: 'view',
      ...config,
    },
  };
}
