/** `saved_queries:` with their exports, whose relations are named as models' are. */
import type { Node, OtherNode } from '../node.js';
import { mapOf, mapsOf, type Raw, texts } from '../shape.js';
import type { ParsedProject } from '../state.js';
import { whereFilter } from './metrics.js';
import { generatedName } from './naming.js';
import { addSectionNode, type SectionContext, sectionConfig, sectionFqn, sectionNode } from './section-node.js';

function exported(parsed: ParsedProject, given: Raw, config: Readonly<Record<string, unknown>>): Raw {
  const own = mapOf(given.config);
  const all = { ...config, ...own };
  const name = String(given.name);
  // dbt names exports as nodes of no package: the root project's macros apply.
  const named = {
    name,
    package_name: parsed.project.config.name,
    config: {},
    resource_type: 'export',
  } as unknown as Node;
  return {
    name,
    config: {
      export_as: all.export_as ?? null,
      schema_name: all.schema_name ?? all.schema ?? generatedName(parsed, named, 'schema', null),
      alias: all.alias ?? generatedName(parsed, named, 'alias', null),
      database: generatedName(parsed, named, 'database', all.database ?? null) ?? all.database ?? null,
    },
    unrendered_config: own,
  };
}

export function readSavedQuery(context: SectionContext): void {
  const { parsed, entry } = context;
  const { raw } = entry;
  const fqn = sectionFqn(entry, entry.name);
  const { config, unrendered } = sectionConfig(context, 'saved_query', fqn);
  const params = mapOf(raw.query_params);
  const node: OtherNode = {
    ...sectionNode(context, 'saved_query'),
    fqn,
    query_params: {
      metrics: texts(params.metrics),
      group_by: texts(params.group_by),
      where: whereFilter(params.where),
      order_by: texts(params.order_by),
      limit: params.limit ?? null,
    },
    exports: mapsOf(raw.exports).map((given) => exported(parsed, given, config)),
    description: raw.description ?? null,
    label: raw.label ?? null,
    metadata: null,
    config,
    unrendered_config: unrendered,
    group: config.group ?? null,
    depends_on: { macros: [], nodes: [] },
    refs: [],
    tags: [...new Set([...texts(raw.tags), ...texts(config.tags)])].sort(),
  };
  addSectionNode(context, 'saved_queries', node);
}
