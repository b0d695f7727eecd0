/**
 * What is built in a target, and from what: `target/state/<target>.json`, written after every run that builds. manifest.json
 * would not do, since commands that build nothing write it too.
 */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeAtomic } from '../artifacts/index.js';
import type { Manifest, Node } from '../parse/node.js';
import type { Project } from '../project/index.js';
import type { Engine } from '../run/engine.js';
import type { RunListener, RunOutcome } from '../run/events.js';
import { toJson } from '../run/exact-json.js';
import { checkKeys } from './checks.js';
import { type FingerprintSource, fingerprintSource, fingerprints, hash, isBuilt, type Parts } from './fingerprint.js';
import { plainSql } from './plain-sql.js';

export interface BuiltNode extends Parts {
  /** Of the SQL that was run; null where it depends on what was there before, or there is none. */
  readonly compiled: string | null;
  /** Under which hash the SQL that was run is kept (`builtSql`); null where there is none. */
  readonly text: string | null;
  /** ISO, in UTC. */
  readonly built_at: string;
}

export interface BuildRecord {
  readonly nodes: Readonly<Record<string, BuiltNode>>;
  /** Nodes that a run had begun with when it was killed. */
  readonly unsure: ReadonlySet<string>;
  /** Keys of tests that have passed (`checkKeys`). */
  readonly checks: ReadonlySet<string>;
}

const VERSION = 2;

type Place = Pick<Project, 'targetDir' | 'target'>;

const fileOf = ({ targetDir, target }: Place, end: string): string =>
  join(targetDir, 'state', `${encodeURIComponent(target.name)}.${end}`);

/** Reads the record of the project's target. One that can't be read counts as none: everything is then built again. */
export function readRecord(place: Place): BuildRecord {
  const read = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  const unsure = new Set(read(fileOf(place, 'running')).split('\n').filter(Boolean));
  try {
    const stored = JSON.parse(read(fileOf(place, 'json')) || '{}') as {
      version?: number;
      nodes?: BuildRecord['nodes'];
      checks?: readonly string[];
    };
    if (stored.version !== VERSION) return { nodes: {}, unsure, checks: new Set() };
    return { nodes: stored.nodes ?? {}, unsure, checks: new Set(stored.checks) };
  } catch {
    return { nodes: {}, unsure, checks: new Set() };
  }
}

/** A manifest as the record of what was built from it; `source` is today's project. */
export function recordOfManifest(manifest: Manifest, source: FingerprintSource = {}): BuildRecord {
  const built_at = manifest.metadata.generated_at;
  const parts = fingerprints(manifest, source);
  const nodes = [...parts].map(([id, own]) => [id, { ...own, compiled: null, text: null, built_at }] as const);
  return { nodes: Object.fromEntries(nodes), unsure: new Set(), checks: new Set(checkKeys(manifest, parts).values()) };
}

export interface Recording {
  /** Goes before the run's own listener. */
  readonly listen: RunListener;
  /**
   * Writes down what the run built; `whole` is false when it built with fewer rows than there are (`--empty`), `placed` is true
   * when nodes were compiled for other places than their own, so that their SQL can't be compared with a later one.
   */
  finish(outcome: RunOutcome, whole: boolean, placed?: boolean): Promise<void>;
}

/**
 * Begins the record of a run. Nodes are noted when they begin, so that after a run that was killed it is known which may be
 * built of something else than the record says.
 */
export function startRecording(engine: Pick<Engine, 'project' | 'manifest' | 'origin'>): Recording {
  const { project, manifest } = engine;
  // Now, since a run may place nodes elsewhere.
  const parts = fingerprints(manifest, fingerprintSource(engine));
  const journal = fileOf(project, 'running');
  let made = false;
  return {
    listen(event) {
      if (event.kind !== 'node-start' || !isBuilt(event.node)) return;
      if (!made) mkdirSync(join(project.targetDir, 'state'), { recursive: true });
      made = true;
      appendFileSync(journal, `${event.node.unique_id}\n`);
    },
    async finish(outcome, whole, placed = false) {
      const touched = outcome.results.filter(({ node }) => isBuilt(node));
      const keys = checkKeys(manifest, parts);
      const passed = passedChecks(outcome, keys);
      if (touched.length === 0 && passed.length === 0) return;
      const before = readRecord(project);
      const nodes: Record<string, BuiltNode> = { ...before.nodes };
      const built_at = new Date().toISOString();
      for (const { node, status } of touched) {
        const own = parts.get(node.unique_id);
        if (status === 'skipped' || own === undefined || node.config.materialized === 'ephemeral') continue;
        // A node that failed may have changed its relation, of an incremental model for one.
        if (status === 'success' && whole) {
          const texts = placed ? NOT_TOLD : { compiled: compiledHash(node), text: keepSql(project, node) };
          nodes[node.unique_id] = { ...own, ...texts, built_at };
        } else delete nodes[node.unique_id];
      }
      for (const id of before.unsure) if (!touched.some(({ node }) => node.unique_id === id)) delete nodes[id];
      for (const id of Object.keys(nodes)) if (!parts.has(id)) delete nodes[id];
      const known = new Set(keys.values());
      const checks = [...new Set([...before.checks, ...(whole ? passed : [])])].filter((key) => known.has(key));
      await writeAtomic(fileOf(project, 'json'), [toJson({ version: VERSION, nodes, checks })]);
      rmSync(journal, { force: true });
      forgetSql(project, nodes);
    },
  };
}

const NOT_TOLD = { compiled: null, text: null };

const sqlFile = ({ targetDir }: Place, text: string): string => join(targetDir, 'state', 'sql', `${text}.sql`);

/** The SQL that a node was built from; undefined where it is not known any more. */
export function builtSql(place: Place, text: string | null | undefined): string | undefined {
  if (text === null || text === undefined) return undefined;
  const file = sqlFile(place, text);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** Keeps the SQL of a model beside the record, since target/compiled is written by every command that compiles. */
function keepSql(place: Place, node: Node): string | null {
  if (node.resource_type !== 'model' || node.language !== 'sql' || node.compiled_code === undefined) return null;
  const text = hash(node.compiled_code);
  const file = sqlFile(place, text);
  if (existsSync(file)) return text;
  mkdirSync(dirname(file), { recursive: true });
  // A file that a kill leaves cut off is read as another SQL at worst, which only its columns are taken from.
  writeFileSync(file, node.compiled_code);
  return text;
}

function forgetSql(place: Place, nodes: Readonly<Record<string, BuiltNode>>): void {
  const folder = dirname(sqlFile(place, ''));
  if (!existsSync(folder)) return;
  const known = new Set(Object.values(nodes).map(({ text }) => `${text}.sql`));
  const others = readdirSync(join(place.targetDir, 'state')).filter((name) => name.endsWith('.json'));
  // Records of other targets share the folder.
  if (others.length > 1) return;
  for (const name of readdirSync(folder)) if (!known.has(name)) rmSync(join(folder, name), { force: true });
}

/** Keys of the tests that went well in a run. */
export function passedChecks(outcome: Pick<RunOutcome, 'results'>, keys: ReadonlyMap<string, string>): string[] {
  return outcome.results.flatMap(({ node, status }) => {
    const key = status === 'pass' || status === 'warn' ? keys.get(node.unique_id) : undefined;
    return key === undefined ? [] : [key];
  });
}

/** Of models whose SQL is the same however often they are built, and when they are only compiled. */
export function compiledHash(node: Node): string | null {
  if (node.resource_type !== 'model' || node.language !== 'sql' || node.config.materialized === 'incremental')
    return null;
  if ((node.config.ml as { readonly train?: unknown } | null | undefined)?.train === 'build') return null;
  return node.compiled_code === undefined ? null : sqlHash(node.compiled_code);
}

/** White space does not count: macros that ask for the command in use leave more or less of it. Nor do comments. */
export function sqlHash(sql: string): string {
  return hash(plainSql(sql).replace(/\s+/g, ' ').trim());
}
