/** What the nodes of all YAML-only sections (exposures, metrics, semantic models, ...) share: names, paths, config. */
import type { PropertyEntry } from '../../project/index.js';
import { type ConfigMap, type ConfiguredType, resolveConfig, unrenderedConfig } from '../config.js';
import type { NodeConfig, OtherNode, ResourceType } from '../node.js';
import { mapOf } from '../shape.js';
import type { ParsedProject } from '../state.js';
import { reportTwice } from './described-twice.js';
import { addDisabled } from './sql-files.js';

export type SectionName = 'exposures' | 'metrics' | 'semantic_models' | 'saved_queries' | 'unit_tests';

export interface SectionContext {
  readonly parsed: ParsedProject;
  readonly entry: PropertyEntry;
  readonly createdAt: number;
}

export interface SectionConfig {
  readonly config: NodeConfig;
  readonly unrendered: ConfigMap;
}

/** package, the folders of the YAML file below the searched folder, the name. */
export function sectionFqn(entry: PropertyEntry, name: string): string[] {
  return [entry.packageName, ...entry.path.split('/').slice(0, -1), name];
}

/** The config of an entry: dbt_project.yml's levels, then the entry's own `config:`. */
export function sectionConfig(
  { parsed, entry }: SectionContext,
  type: ConfiguredType,
  fqn: readonly string[],
  patch: ConfigMap = mapOf(entry.raw.config),
): SectionConfig {
  const request = { type, fqn, packageName: entry.packageName, call: {}, patch };
  return { config: resolveConfig(parsed.project, request), unrendered: unrenderedConfig(parsed.project, request) };
}

/** The fields that every node of a section has. */
export function sectionNode({ entry, createdAt }: SectionContext, type: ResourceType, name = entry.name): OtherNode {
  return {
    name,
    resource_type: type,
    package_name: entry.packageName,
    path: entry.path,
    original_file_path: entry.originalFilePath,
    unique_id: `${type}.${entry.packageName}.${name}`,
    created_at: createdAt,
  };
}

/** Puts a node into its section, or among the disabled. */
export function addSectionNode({ parsed, entry }: SectionContext, section: SectionName, node: OtherNode): void {
  parsed.places.set(node.unique_id, entry.place);
  if (node.config?.enabled === false) addDisabled(parsed, node);
  else {
    const before = parsed.manifest[section][node.unique_id];
    if (before === undefined) parsed.manifest[section][node.unique_id] = node;
    else
      reportTwice(
        parsed,
        entry,
        `${node.resource_type.replaceAll('_', ' ')} '${node.name}'`,
        before.original_file_path,
      );
  }
}
