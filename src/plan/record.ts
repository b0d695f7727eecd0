/**
 * What is built in a target, and from what: `target/state/<target>.json`, written after every run that builds. manifest.json
 * would not do, since commands that build nothing write it too.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomic } from '../artifacts/index.js';
import type { Manifest, Node } from '../parse/node.js';
import type { Project } from '../project/index.js';
import type { RunListener, RunOutcome } from '../run/events.js';
import { fingerprints, hash, isBuilt, type Parts } from './fingerprint.js';

export interface BuiltNode extends Parts {
  /** Of the SQL that was run; null where it depends on what was there before, or there is none. */
  readonly compiled: string | null;
  /** ISO, in UTC. */
  readonly built_at: string;
}

export interface BuildRecord {
  readonly nodes: Readonly<Record<string, BuiltNode>>;
  /** Nodes that a run had begun with when it was killed. */
  readonly unsure: ReadonlySet<string>;
}

const VERSION = 1;

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
    };
    return { nodes: stored.version === VERSION ? (stored.nodes ?? {}) : {}, unsure };
  } catch {
    return { nodes: {}, unsure };
  }
}

/** A manifest as the record of what was built from it. */
export function recordOfManifest(manifest: Manifest): BuildRecord {
  const built_at = manifest.metadata.generated_at;
  const nodes = [...fingerprints(manifest)].map(([id, parts]) => [id, { ...parts, compiled: null, built_at }] as const);
  return { nodes: Object.fromEntries(nodes), unsure: new Set() };
}

export interface Recording {
  /** Goes before the run's own listener. */
  readonly listen: RunListener;
  /** Writes down what the run built; `whole` is false when it built with fewer rows than there are (`--empty`). */
  finish(outcome: RunOutcome, whole: boolean): Promise<void>;
}

/**
 * Begins the record of a run. Nodes are noted when they begin, so that after a run that was killed it is known which may be
 * built of something else than the record says.
 */
export function startRecording(project: Place, manifest: Manifest): Recording {
  const journal = fileOf(project, 'running');
  let made = false;
  return {
    listen(event) {
      if (event.kind !== 'node-start' || !isBuilt(event.node)) return;
      if (!made) mkdirSync(join(project.targetDir, 'state'), { recursive: true });
      made = true;
      appendFileSync(journal, `${event.node.unique_id}\n`);
    },
    async finish(outcome, whole) {
      const touched = outcome.results.filter(({ node }) => isBuilt(node));
      if (touched.length === 0) return;
      const before = readRecord(project);
      const parts = fingerprints(manifest);
      const nodes: Record<string, BuiltNode> = { ...before.nodes };
      const built_at = new Date().toISOString();
      for (const { node, status } of touched) {
        const own = parts.get(node.unique_id);
        if (status === 'skipped' || own === undefined || node.config.materialized === 'ephemeral') continue;
        // A node that failed may have changed its relation, of an incremental model for one.
        if (status === 'success' && whole) nodes[node.unique_id] = { ...own, compiled: compiledHash(node), built_at };
        else delete nodes[node.unique_id];
      }
      for (const id of before.unsure) if (!touched.some(({ node }) => node.unique_id === id)) delete nodes[id];
      for (const id of Object.keys(nodes)) if (!parts.has(id)) delete nodes[id];
      await writeAtomic(fileOf(project, 'json'), [JSON.stringify({ version: VERSION, nodes })]);
      rmSync(journal, { force: true });
    },
  };
}

/** Of models whose SQL is the same however often they are built. */
export function compiledHash(node: Node): string | null {
  if (node.resource_type !== 'model' || node.language !== 'sql' || node.config.materialized === 'incremental')
    return null;
  return node.compiled_code === undefined ? null : sqlHash(node.compiled_code);
}

/** White space does not count: macros that ask for the command in use leave more or less of it. */
export function sqlHash(sql: string): string {
  return hash(sql.replace(/\s+/g, ' ').trim());
}
