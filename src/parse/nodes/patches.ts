/** What properties YAML says about models, seeds, snapshots, analyses and singular tests, laid over their nodes. */
import { didYouMean, problem } from '../../diagnostics/index.js';
import type { PropertyEntry } from '../../project/index.js';
import { lookupOf, REFABLE } from '../lookup.js';
import type { Node } from '../node.js';
import type { ParsedProject } from '../state.js';
import { configureNode } from './configure.js';
import { setContractChecksum } from './contract.js';
import { describedBefore } from './described-twice.js';
import { patchConfig, patchProperties } from './properties.js';
import { collect } from './read-template.js';
import { addNode } from './sql-files.js';
import { patchVersions } from './versions.js';

const TYPE_OF = { models: 'model', seeds: 'seed', snapshots: 'snapshot', analyses: 'analysis' } as const;

function candidates(parsed: ParsedProject, entry: PropertyEntry, type: string): Node[] {
  const own = parsed.manifest.nodes[`${type}.${entry.packageName}.${entry.name}`];
  if (own !== undefined) return [own];
  const elsewhere = REFABLE.has(type) ? parsed.lookup.refs.get(entry.name)?.values().next().value : undefined;
  if (elsewhere?.resource_type === type) return [elsewhere];
  const disabled = parsed.manifest.disabled[`${type}.${entry.packageName}.${entry.name}`];
  return (disabled as Node[] | undefined) ?? [];
}

function missing(parsed: ParsedProject, entry: PropertyEntry, type: string): void {
  const names = Object.values(parsed.manifest.nodes)
    .filter((n) => n.resource_type === type)
    .map((n) => n.name);
  const other = Object.values(parsed.manifest.nodes).find(
    (n) => n.name === entry.name && n.resource_type in { model: 1, seed: 1, snapshot: 1 },
  );
  const hint =
    other !== undefined
      ? `'${entry.name}' is a ${other.resource_type}: put this entry under ${other.resource_type}s:.`
      : (didYouMean(entry.name, names) ??
        `Its data tests and descriptions go nowhere. Add a ${type} of that name, or remove the entry.`);
  parsed.diagnostics.push({
    ...problem('no-node-for-properties', `No ${type} is named '${entry.name}'.`, { place: entry.place, hint }),
    severity: 'warning',
  });
}

/** Puts a node into the right one of the manifest's lists after its `enabled` may have changed. */
function replace(parsed: ParsedProject, node: Node): void {
  delete parsed.manifest.nodes[node.unique_id];
  const disabled = parsed.manifest.disabled[node.unique_id];
  if (disabled !== undefined) {
    const rest = disabled.filter((n) => n !== node);
    if (rest.length === 0) delete parsed.manifest.disabled[node.unique_id];
    else parsed.manifest.disabled[node.unique_id] = rest;
  }
  addNode(parsed, node);
}

/** Lays an entry of `models:`, `seeds:`, `snapshots:` or `analyses:` over its node. Tests come later, when all nodes are known. */
export function patchNode(parsed: ParsedProject, entry: PropertyEntry): void {
  const type = TYPE_OF[entry.kind as keyof typeof TYPE_OF];
  collect(parsed, () => {
    if (type === 'model' && Array.isArray(entry.raw.versions)) {
      patchVersions(parsed, entry);
      return;
    }
    const nodes = candidates(parsed, entry, type);
    if (nodes.length === 0) {
      missing(parsed, entry, type);
      return;
    }
    for (const node of nodes) {
      const isEnabled = parsed.manifest.nodes[node.unique_id] === node;
      if (isEnabled && describedBefore(parsed, entry, `${type} '${entry.name}'`, node)) continue;
      const config = patchConfig(entry.raw);
      patchProperties(node, entry, entry.raw);
      if (Object.keys(config).length > 0) configureNode(parsed, node, config);
      setContractChecksum(node);
      replace(parsed, node);
    }
  });
}

/** `data_tests:` at the top level: descriptions and configs of singular tests. */
export function patchSingularTest(parsed: ParsedProject, entry: PropertyEntry): void {
  const [node] = candidates(parsed, entry, 'test');
  if (node === undefined) {
    missing(parsed, entry, 'test');
    return;
  }
  if (describedBefore(parsed, entry, `test '${entry.name}'`, node)) return;
  node.patch_path = `${entry.packageName}://${entry.originalFilePath}`;
  if (typeof entry.raw.description === 'string') node.description = entry.raw.description;
  const config = patchConfig(entry.raw);
  if (Object.keys(config).length === 0) return;
  collect(parsed, () => {
    configureNode(parsed, node, config);
    replace(parsed, node);
  });
}

/** Makes the name tables anew after nodes were added, renamed or disabled. */
export function relook(parsed: ParsedProject): void {
  parsed.lookup = lookupOf(parsed.project, parsed.manifest);
}
