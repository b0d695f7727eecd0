/** `groups:`: who owns models, and which may look at private ones. */
import { problem, UpsqlError } from '../../diagnostics/index.js';
import { unrenderedConfig } from '../config.js';
import type { Manifest, OtherNode } from '../node.js';
import { mapOf, textOrNull } from '../shape.js';
import { reportTwice } from './described-twice.js';
import { type SectionContext, sectionFqn, sectionNode } from './section-node.js';

/** Throws UpsqlError for an owner without a name and an address. */
export function readGroup(context: SectionContext): void {
  const { parsed, entry } = context;
  const owner = { email: null, name: null, ...mapOf(entry.raw.owner) };
  if (owner.name === null && owner.email === null) {
    throw new UpsqlError(
      problem('invalid-group', `The owner of group '${entry.name}' has neither a name nor an email.`, {
        place: entry.locate(['owner']),
        hint: 'Write owner: {name: ...} or owner: {email: ...}.',
      }),
    );
  }
  // dbt has no section for groups in dbt_project.yml and looks them up under models.
  const levels = {
    type: 'analysis' as const,
    fqn: sectionFqn(entry, entry.name),
    packageName: entry.packageName,
    call: {},
    patch: mapOf(entry.raw.config),
  };
  const node = {
    ...sectionNode(context, 'group'),
    owner,
    description: textOrNull(entry.raw.description),
    config: { meta: {}, ...unrenderedConfig(parsed.project, levels) },
  };
  const before = parsed.manifest.groups[node.unique_id];
  if (before === undefined) parsed.manifest.groups[node.unique_id] = node;
  else reportTwice(parsed, entry, `group '${entry.name}'`, before.original_file_path);
}

/** The members of each group by its name, for the manifest. */
export function groupMap({
  groups,
  nodes,
  saved_queries,
  semantic_models,
  metrics,
}: Manifest): Record<string, string[]> {
  const map: Record<string, string[]> = Object.fromEntries(Object.values(groups).map((group) => [group.name, []]));
  for (const section of [nodes, saved_queries, semantic_models, metrics] as Record<string, OtherNode>[]) {
    for (const node of Object.values(section))
      if (typeof node.group === 'string' && Object.hasOwn(map, node.group)) map[node.group]?.push(node.unique_id);
  }
  return map;
}
