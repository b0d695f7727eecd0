/** Exposures, groups, metrics and the like from properties YAML, and docs blocks from Markdown. */
import { problem } from '../../diagnostics/index.js';
import { extractBlocks } from '../../jinja/index.js';
import type { PropertyEntry } from '../../project/index.js';
import { type ConfiguredType, resolveConfig, unrenderedConfig } from '../config.js';
import type { OtherNode, RefArgs, ResourceType } from '../node.js';
import type { ParsedProject } from '../state.js';
import { isMap, patchConfig } from './patches.js';
import { addDisabled, type SourceText } from './sql-files.js';

const QUOTED = /(['"])(.*?)\1/g;

/** `ref('a')`, `ref('pkg', 'a', v=1)` or `source('s', 't')` written as text in YAML. Undefined when it is neither. */
export function parseReference(text: string): { ref: RefArgs } | { source: [string, string] } | undefined {
  const match = /^\s*(ref|source)\s*\((.*)\)\s*$/s.exec(text);
  if (match === null) return undefined;
  const inside = match[2] ?? '';
  const version = /(?:version|v)\s*=\s*['"]?([\w.]+)/.exec(inside)?.[1];
  const names = [...inside.replace(/(?:version|v)\s*=.*$/s, '').matchAll(QUOTED)].map((m) => m[2] ?? '');
  const [first, second] = names;
  if (first === undefined) return undefined;
  if (match[1] === 'source') return second === undefined ? undefined : { source: [first, second] };
  const numeric = version !== undefined && /^\d+$/.test(version) ? Number(version) : version;
  return { ref: { name: second ?? first, package: second === undefined ? null : first, version: numeric ?? null } };
}

interface Section {
  readonly type: ResourceType;
  readonly put: 'exposures' | 'metrics' | 'groups' | 'semantic_models' | 'saved_queries' | 'unit_tests' | 'functions';
}

export const OTHER_SECTIONS: Readonly<Record<string, Section>> = {
  exposures: { type: 'exposure', put: 'exposures' },
  metrics: { type: 'metric', put: 'metrics' },
  groups: { type: 'group', put: 'groups' },
  semantic_models: { type: 'semantic_model', put: 'semantic_models' },
  saved_queries: { type: 'saved_query', put: 'saved_queries' },
  unit_tests: { type: 'unit_test', put: 'unit_tests' },
};

function references(
  entry: PropertyEntry,
  parsed: ParsedProject,
  texts: readonly unknown[],
  at: string,
): { refs: RefArgs[]; sources: [string, string][] } {
  const refs: RefArgs[] = [];
  const sources: [string, string][] = [];
  texts.forEach((text, i) => {
    const found = typeof text === 'string' ? parseReference(text) : undefined;
    if (found === undefined) {
      parsed.diagnostics.push(
        problem('invalid-reference', `${String(text)} is not a reference.`, {
          place: entry.locate([at, i]),
          hint: "Write ref('model') or source('source', 'table').",
        }),
      );
    } else if ('ref' in found) refs.push(found.ref);
    else sources.push(found.source);
  });
  return { refs, sources };
}

/** The refs of a unit test: the model it is on and its inputs. */
function unitTestReferences(raw: Record<string, unknown>): { refs: RefArgs[]; sources: [string, string][] } {
  const refs: RefArgs[] = typeof raw.model === 'string' ? [{ name: raw.model, package: null, version: null }] : [];
  return { refs, sources: [] };
}

/** Reads an entry of a section that is kept as written, with what selection and the graph need of it. */
export function readOther(parsed: ParsedProject, entry: PropertyEntry, createdAt: number): void {
  const section = OTHER_SECTIONS[entry.kind];
  if (section === undefined) return;
  const { raw } = entry;
  const folder = entry.path.split('/').slice(0, -1);
  const fqn = [entry.packageName, ...folder, entry.name];
  const {
    name: _name,
    config: _config,
    depends_on: _depends,
    meta: _meta,
    tags: _tags,
    enabled: _enabled,
    ...rest
  } = raw;
  const node: OtherNode = {
    ...rest,
    name: entry.name,
    resource_type: section.type,
    package_name: entry.packageName,
    path: entry.path,
    original_file_path: entry.originalFilePath,
    unique_id: `${section.type}.${entry.packageName}.${entry.name}`,
    created_at: createdAt,
  };
  if (section.type === 'group') {
    node.owner = { email: null, name: null, ...(isMap(raw.owner) ? raw.owner : {}) };
    // dbt has no section for groups in dbt_project.yml and looks them up under models.
    const levels = {
      type: 'analysis' as const,
      fqn,
      packageName: entry.packageName,
      call: {},
      patch: patchConfig(raw),
    };
    node.config = { meta: {}, ...unrenderedConfig(parsed.project, levels) };
    node.description = typeof raw.description === 'string' ? raw.description : null;
    parsed.manifest.groups[node.unique_id] = node;
    return;
  }
  const patch = {
    ...patchConfig(raw),
    ...('tags' in raw ? { tags: raw.tags } : {}),
    ...('enabled' in raw ? { enabled: raw.enabled } : {}),
  };
  const request = { type: section.type as ConfiguredType, fqn, packageName: entry.packageName, call: {}, patch };
  const config = resolveConfig(parsed.project, request);
  node.fqn = section.type === 'unit_test' ? [entry.packageName, ...folder, String(raw.model), entry.name] : fqn;
  node.config = config;
  node.unrendered_config = unrenderedConfig(parsed.project, request);
  node.meta = config.meta ?? {};
  node.tags = config.tags ?? [];
  node.description = typeof raw.description === 'string' ? raw.description : '';
  if (section.type === 'unit_test') {
    node.unique_id = `unit_test.${entry.packageName}.${String(raw.model)}.${entry.name}`;
    Object.assign(node, unitTestReferences(raw));
  } else if (section.type === 'exposure') {
    Object.assign(node, references(entry, parsed, Array.isArray(raw.depends_on) ? raw.depends_on : [], 'depends_on'));
    node.owner = { email: null, name: null, ...(isMap(raw.owner) ? raw.owner : {}) };
    for (const key of ['maturity', 'label', 'url']) node[key] = raw[key] ?? null;
    node.metrics = [];
  }
  node.depends_on = { macros: [], nodes: [] };
  if (config.enabled === false) addDisabled(parsed, node);
  else parsed.manifest[section.put][node.unique_id] = node;
}

/** `{% docs %}` blocks of a Markdown file. */
export function readDocsFile(parsed: ParsedProject, file: SourceText): void {
  if (!file.text.includes('{%')) return;
  for (const block of extractBlocks({ text: file.text, file: file.absolutePath }, ['docs'])) {
    const id = `doc.${file.packageName}.${block.name}`;
    const before = parsed.manifest.docs[id];
    if (before !== undefined) {
      parsed.diagnostics.push(
        problem('duplicate-docs', `Two docs blocks are named '${block.name}'.`, {
          place: block.place,
          hint: `The other one is in ${before.original_file_path}. Rename one of them.`,
        }),
      );
      continue;
    }
    parsed.manifest.docs[id] = {
      name: block.name,
      resource_type: 'doc',
      package_name: file.packageName,
      path: file.path,
      original_file_path: file.originalFilePath,
      unique_id: id,
      block_contents: block.contents.trim(),
    };
  }
}
