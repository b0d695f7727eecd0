/** The manifest and the catalog as the pages look at them. */

/** Kinds with a page, in the order of the side bar. */
export const KINDS = {
  model: 'Models',
  source: 'Sources',
  seed: 'Seeds',
  snapshot: 'Snapshots',
  analysis: 'Analyses',
  exposure: 'Exposures',
  metric: 'Metrics',
  semantic_model: 'Semantic models',
  saved_query: 'Saved queries',
  test: 'Tests',
  unit_test: 'Unit tests',
  macro: 'Macros',
};

/** Kinds that stand in the lineage. */
const IN_LINEAGE = new Set([
  'model',
  'source',
  'seed',
  'snapshot',
  'exposure',
  'metric',
  'semantic_model',
  'saved_query',
]);
const OWN_PACKAGES = new Set(['dbt', 'dbt_duckdb', 'dbt_snowflake']);

export function readProject(manifest, catalog) {
  const all = new Map();
  const parts = [
    'nodes',
    'sources',
    'exposures',
    'metrics',
    'semantic_models',
    'saved_queries',
    'unit_tests',
    'macros',
  ];
  for (const part of parts) {
    for (const [id, node] of Object.entries(manifest[part] ?? {})) {
      if (node.resource_type in KINDS && !OWN_PACKAGES.has(node.package_name)) all.set(id, node);
    }
  }
  const tests = testsByNode(manifest);
  const catalogued = { ...catalog?.nodes, ...catalog?.sources };
  return {
    name: manifest.metadata.project_name,
    metadata: manifest.metadata,
    overview: overviewOf(manifest),
    all,
    /** What the side bar lists. */
    listed: [...all.values()].filter((node) => isListed(node)),
    tests: (id) => tests.get(id) ?? [],
    table: (id) => catalogued[id],
    hasCatalog: Object.keys(catalogued).length > 0,
    parents: (id) => (manifest.parent_map?.[id] ?? []).filter((other) => all.has(other)),
    children: (id) => (manifest.child_map?.[id] ?? []).filter((other) => all.has(other)),
    isInLineage: (id) => IN_LINEAGE.has(all.get(id)?.resource_type),
  };
}

function isListed(node) {
  if ((node.config?.docs ?? node.docs)?.show === false) return false;
  // Generic tests stand at what they test.
  return node.resource_type !== 'test' || node.test_metadata === undefined;
}

function testsByNode(manifest) {
  const tests = new Map();
  const add = (id, test) => tests.set(id, [...(tests.get(id) ?? []), test]);
  for (const node of [...Object.values(manifest.nodes), ...Object.values(manifest.unit_tests ?? {})]) {
    if (node.resource_type !== 'test' && node.resource_type !== 'unit_test') continue;
    const tested = node.attached_node ? [node.attached_node] : (node.depends_on?.nodes ?? []);
    for (const id of new Set(tested)) add(id, node);
  }
  return tests;
}

/** The docs block `__overview__` of the project itself, where it has one. */
function overviewOf(manifest) {
  const blocks = Object.values(manifest.docs ?? {}).filter((block) => block.name === '__overview__');
  return blocks.find((block) => block.package_name === manifest.metadata.project_name)?.block_contents ?? '';
}

export function titleOf(node) {
  if (node.resource_type === 'source') return `${node.source_name}.${node.name}`;
  const versioned = node.version === undefined || node.version === null ? node.name : `${node.name}.v${node.version}`;
  return node.label || versioned;
}

export const linkOf = (node) => `#!/${node.resource_type}/${encodeURIComponent(node.unique_id)}`;

/** The columns that are described or known to the warehouse, in the table's order. */
export function columnsOf(node, table) {
  const known = new Map(Object.values(table?.columns ?? {}).map((column) => [column.name.toLowerCase(), column]));
  const described = Object.values(node.columns ?? {});
  const columns = described.map((column) => ({
    name: column.name,
    type: known.get(column.name.toLowerCase())?.type ?? column.data_type ?? '',
    description: column.description ?? '',
    index: known.get(column.name.toLowerCase())?.index ?? Number.MAX_SAFE_INTEGER,
    tags: column.tags ?? [],
  }));
  const names = new Set(described.map((column) => column.name.toLowerCase()));
  for (const [key, { name, type, comment, index }] of known) {
    if (!names.has(key)) columns.push({ name, type, description: comment ?? '', index, tags: [] });
  }
  return columns.sort((a, b) => a.index - b.index);
}

/** What a generic test says, in few words: `unique`, `accepted_values: free, pro`, `relationships: users.user_id`. */
export function testWords(test) {
  if (test.resource_type === 'unit_test' || test.test_metadata === undefined) return test.name;
  const { name, namespace, kwargs = {} } = test.test_metadata;
  const own = kwargs.arguments ?? kwargs;
  const full = namespace ? `${namespace}.${name}` : name;
  if (Array.isArray(own.values)) return `${full}: ${own.values.join(', ')}`;
  if (own.to !== undefined) return `${full}: ${String(own.to).replace(/^.*\(['"](.+?)['"]\).*$/, '$1')}.${own.field}`;
  return full;
}
