/** Finding what a `ref()` or `source()` means, by dbt's search order of packages. */
import type { Project } from '../project/index.js';
import type { Manifest, Node, RefArgs, SourceNode } from './node.js';

export const REFABLE = new Set(['model', 'seed', 'snapshot']);

export type Found<T> = { readonly kind: 'found'; readonly node: T } | { readonly kind: 'disabled' | 'missing' };

type ByPackage<T> = Map<string, Map<string, T>>;

/** Name tables over a manifest; rebuild after nodes are added, renamed or disabled. */
export interface Lookup {
  /** The flag `require_ref_searches_node_package_before_root`. */
  readonly ownPackageFirst: boolean;
  readonly refs: ByPackage<Node>;
  readonly sources: ByPackage<SourceNode>;
  readonly disabledRefs: ReadonlySet<string>;
  readonly disabledSources: ReadonlySet<string>;
}

function put<T>(table: ByPackage<T>, name: string, packageName: string, value: T): void {
  let entry = table.get(name);
  if (entry === undefined) {
    entry = new Map();
    table.set(name, entry);
  }
  entry.set(packageName, value);
}

/** The name under which a node is referred to: versioned models have one more, with their version. */
function searchNames(node: Node): string[] {
  if (node.version === null || node.version === undefined) return [node.name];
  const versioned = `${node.name}.v${node.version}`;
  return String(node.latest_version) === String(node.version) ? [node.name, versioned] : [versioned];
}

export function lookupOf(project: Project, manifest: Manifest): Lookup {
  const ownPackageFirst = project.config.flags.require_ref_searches_node_package_before_root === true;
  const refs: ByPackage<Node> = new Map();
  const sources: ByPackage<SourceNode> = new Map();
  const disabledRefs = new Set<string>();
  const disabledSources = new Set<string>();
  for (const node of Object.values(manifest.nodes)) {
    if (!REFABLE.has(node.resource_type)) continue;
    for (const name of searchNames(node)) put(refs, name, node.package_name, node);
  }
  for (const source of Object.values(manifest.sources)) {
    put(sources, `${source.source_name}.${source.name}`, source.package_name, source);
  }
  for (const list of Object.values(manifest.disabled)) {
    for (const node of list) {
      if (node.resource_type === 'source') disabledSources.add(`${(node as SourceNode).source_name}.${node.name}`);
      else if (REFABLE.has(node.resource_type)) disabledRefs.add(node.name);
    }
  }
  return { ownPackageFirst, refs, sources, disabledRefs, disabledSources };
}

function search<T>(entry: ReadonlyMap<string, T> | undefined, packages: readonly (string | null)[]): T | undefined {
  if (entry === undefined) return undefined;
  for (const name of packages) {
    const hit = name === null ? entry.values().next().value : entry.get(name);
    if (hit !== undefined) return hit;
  }
  return undefined;
}

/** The packages to look in, in order; null stands for any. */
function packagesToSearch(
  lookup: Lookup,
  rootPackage: string,
  ownPackage: string,
  asked: string | null,
): readonly (string | null)[] {
  if (asked !== null) return [asked];
  if (lookup.ownPackageFirst) return [ownPackage, rootPackage, null];
  return rootPackage === ownPackage ? [rootPackage, null] : [rootPackage, ownPackage, null];
}

export function findRef(lookup: Lookup, args: RefArgs, rootPackage: string, ownPackage: string): Found<Node> {
  const name = args.version === null ? args.name : `${args.name}.v${args.version}`;
  const node = search(lookup.refs.get(name), packagesToSearch(lookup, rootPackage, ownPackage, args.package));
  if (node !== undefined) return { kind: 'found', node };
  return { kind: lookup.disabledRefs.has(args.name) ? 'disabled' : 'missing' };
}

export function findSource(
  lookup: Lookup,
  sourceName: string,
  tableName: string,
  rootPackage: string,
  ownPackage: string,
): Found<SourceNode> {
  const name = `${sourceName}.${tableName}`;
  const node = search(lookup.sources.get(name), packagesToSearch(lookup, rootPackage, ownPackage, null));
  if (node !== undefined) return { kind: 'found', node };
  return { kind: lookup.disabledSources.has(name) ? 'disabled' : 'missing' };
}
