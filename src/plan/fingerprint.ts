/** What a node is made of, as hashes: two manifests give the same when they would build the same. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Manifest, Node } from '../parse/node.js';
import type { Project } from '../project/index.js';
import type { Engine } from '../run/engine.js';
import { toJson } from '../run/exact-json.js';
import { importedFilesHash } from './imported-files.js';
import { inputsOf, textsOf } from './inputs.js';
import { plainSql } from './plain-sql.js';

export interface Parts {
  /** Of the SQL as written, of a TypeScript model with all files that it imports, or of a seed's file. */
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
  /**
   * What the content of a relation is kept under in environments: own parts, configs as rendered, the variables that are read,
   * and the versions of all that it is built from. A snapshot's history does not hang on what changes upstream of it.
   */
  readonly version: string;
}

/** What is not in a manifest. */
export interface FingerprintSource {
  readonly project?: Project | undefined;
  /** A node's own file. */
  readonly file?: ((node: Node) => string | undefined) | undefined;
}

export const fingerprintSource = ({ project, origin }: Pick<Engine, 'project' | 'origin'>): FingerprintSource => ({
  project,
  file: (node) => origin?.(node).file,
});

/** Labels and places, which change nothing in the relation; where it goes is compared as `relation`. */
const NOT_BUILT = new Set(['alias', 'schema', 'database', 'tags', 'group', 'meta', 'docs', 'access', 'description']);
const BUILT = new Set(['model', 'seed', 'snapshot']);

export const isBuilt = (node: Node): boolean => BUILT.has(node.resource_type);

/** Parts of all models, seeds and snapshots of a manifest. */
export function fingerprints(manifest: Manifest, from: FingerprintSource = {}): ReadonlyMap<string, Parts> {
  const macros = macroHashes(manifest);
  const done = new Map<string, Parts>();
  const visit = (id: string): { readonly whole: string; readonly version: string } => {
    const known = done.get(id);
    if (known !== undefined) return known;
    const outside = hash(manifest.sources[id]?.relation_name ?? id);
    const node = manifest.nodes[id];
    if (node === undefined || !isBuilt(node)) return { whole: outside, version: outside };
    const parents: Record<string, string> = {};
    const versions: string[] = [];
    for (const parent of [...new Set(node.depends_on.nodes)].sort()) {
      const { whole, version } = visit(parent);
      parents[parent] = whole;
      if (node.resource_type !== 'snapshot') versions.push(version);
    }
    const own = {
      body: bodyOf(node, from),
      // As a record of it reads back.
      config: JSON.parse(toJson(builtConfig(node))),
      macros: macros(node),
      contract: node.contract?.enforced === true ? node.contract.checksum : null,
    };
    // The relation's place is no part of what is in it.
    const whole = hash(toJson([own, parents]));
    const read =
      from.project === undefined ? '' : inputsOf(from.project, node.package_name, textsOf(manifest, node, own.macros));
    const version = hash(toJson([id, own, renderedConfig(node), read, versions]));
    const parts = { ...own, relation: node.relation_name, whole, parents, version };
    done.set(id, parts);
    return parts;
  };
  for (const id of Object.keys(manifest.nodes)) visit(id);
  return done;
}

export function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function bodyOf(node: Node, { file }: FingerprintSource): string {
  if (node.resource_type === 'seed') return seedBody(node, file?.(node));
  if (node.language === 'sql') return hash(plainSql(node.raw_code));
  const own = hash(node.raw_code);
  const path = file?.(node);
  const imported = path === undefined ? '' : importedFilesHash(path);
  return imported === '' ? own : hash(own + imported);
}

/** Of a seed of more than a megabyte a manifest keeps the path alone; where its file is at hand, its content counts. */
function seedBody({ checksum }: Node, path: string | undefined): string {
  if (checksum.name !== 'path' || path === undefined || !existsSync(path)) return checksum.checksum;
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** Values of the configs that are set, of which `unrendered_config` has the templates. */
function renderedConfig(node: Node): unknown {
  return Object.keys(builtConfig(node)).map((key) => node.config[key] ?? node.config[key.replace(/_hook$/, '-hook')]);
}

function builtConfig(node: Node): Record<string, unknown> {
  const entries = Object.entries(node.unrendered_config ?? {}).filter(([key]) => !NOT_BUILT.has(key));
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function macroHashes(manifest: Manifest): (node: Node) => Record<string, string> {
  const engine = new Set(['dbt', `dbt_${manifest.metadata.adapter_type}`]);
  const texts = new Map<string, string>();
  const textOf = (id: string, sql: string): string => {
    const known = texts.get(id) ?? hash(plainSql(sql));
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
