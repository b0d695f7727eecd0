/** What a node is made of, as hashes: two manifests give the same when they would build the same. */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Manifest, Node } from '../parse/node.js';

export interface Parts {
  /** Of the SQL as written, or of a seed's file. */
  readonly body: string;
  /** Configs as written that change what is built. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Of every macro that is called at any remove, but for the engine's own. */
  readonly macros: Readonly<Record<string, string>>;
  readonly relation: string | null;
  readonly contract: string | null;
  /** Own parts and those of all that it is built from. */
  readonly whole: string;
  /** `whole` of each direct parent. */
  readonly parents: Readonly<Record<string, string>>;
}

/** Labels and places, which change nothing in the relation; where it goes is compared as `relation`. */
const NOT_BUILT = new Set(['alias', 'schema', 'database', 'tags', 'group', 'meta', 'docs', 'access', 'description']);
const BUILT = new Set(['model', 'seed', 'snapshot']);

export const isBuilt = (node: Node): boolean => BUILT.has(node.resource_type);

/** Parts of all models, seeds and snapshots of a manifest. */
export function fingerprints(manifest: Manifest): ReadonlyMap<string, Parts> {
  const macros = macroHashes(manifest);
  const done = new Map<string, Parts>();
  const visit = (id: string): string => {
    const known = done.get(id);
    if (known !== undefined) return known.whole;
    const source = manifest.sources[id];
    if (source !== undefined) return hash(source.relation_name ?? id);
    const node = manifest.nodes[id];
    if (node === undefined || !isBuilt(node)) return hash(id);
    const parents: Record<string, string> = {};
    for (const parent of [...new Set(node.depends_on.nodes)].sort()) parents[parent] = visit(parent);
    const own = {
      body: node.resource_type === 'seed' ? node.checksum.checksum : hash(node.raw_code),
      config: builtConfig(node),
      macros: macros(node),
      contract: node.contract?.enforced === true ? node.contract.checksum : null,
    };
    // The relation's place is no part of what is in it.
    const whole = hash(JSON.stringify([own, parents]));
    done.set(id, { ...own, relation: node.relation_name, whole, parents });
    return whole;
  };
  for (const id of Object.keys(manifest.nodes)) visit(id);
  return done;
}

export function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function builtConfig(node: Node): Record<string, unknown> {
  const entries = Object.entries(node.unrendered_config ?? {}).filter(([key]) => !NOT_BUILT.has(key));
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function macroHashes(manifest: Manifest): (node: Node) => Record<string, string> {
  const engine = new Set(['dbt', `dbt_${manifest.metadata.adapter_type}`]);
  const texts = new Map<string, string>();
  const textOf = (id: string, sql: string): string => {
    const known = texts.get(id) ?? hash(sql);
    texts.set(id, known);
    return known;
  };
  return (node) => {
    const found: Record<string, string> = {};
    const queue = [...(node.depends_on?.macros ?? [])];
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
      const macro = manifest.macros[id];
      if (macro === undefined || found[id] !== undefined || engine.has(macro.package_name)) continue;
      found[id] = textOf(id, macro.macro_sql);
      queue.push(...macro.depends_on.macros);
    }
    return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
  };
}

/** Keys whose values differ, those included that one side lacks. */
export function changedKeys(
  before: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
): readonly string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...keys].filter((key) => !isDeepStrictEqual(before[key], now[key])).sort();
}
