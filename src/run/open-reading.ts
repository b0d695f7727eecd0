/** Opening a project to read it: from a kept parse that still holds, without the template engine. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '../diagnostics/index.js';
import type { Selector } from '../graph/selectors.js';
import type { UnchangedParse } from '../parse/cache/index.js';
import { emptyManifest } from '../parse/manifest.js';
import type { Manifest } from '../parse/node.js';
import type { ParseOptions } from '../parse/parse-project.js';
import type { Project } from '../project/project.js';
import type { Reading } from './engine.js';
import { toJson } from './exact-json.js';
import { notePromoted, type Promoted, promotedVersions } from './ml/promoted.js';

/** What a manifest is made of besides the parse. */
export interface Outside {
  readonly selectors: Manifest['selectors'];
  readonly promoted: Promoted;
}

/** What an earlier command found out about a parse. */
export interface KnownParse {
  readonly outside: Outside;
  /** What was told of the project's files. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface OpenSelectors {
  readonly selectors: ReadonlyMap<string, Selector>;
  /** As the manifest shows them. */
  readonly artifact: Manifest['selectors'];
}

/** Whether what an earlier command found out would be the same now. */
export const sameOutside = (known: KnownParse, outside: Outside): boolean => toJson(known.outside) === toJson(outside);

/** The selectors of selectors.yml. Throws UpsqlError for what is wrong in it. */
export async function openSelectors(project: Project): Promise<OpenSelectors> {
  if (!existsSync(join(project.root, 'selectors.yml'))) return { selectors: new Map(), artifact: {} };
  const [{ loadSelectors }, { readSelectors, selectorsArtifact }] = await Promise.all([
    import('../project/index.js'),
    import('../graph/index.js'),
  ]);
  const definitions = await loadSelectors(project);
  return { selectors: readSelectors(definitions), artifact: selectorsArtifact(definitions) };
}

/**
 * What is there of a project before its manifest is read: `manifest` has its metadata only, the graph nothing. Undefined where
 * something besides the parse has changed.
 */
export async function openUnread(
  unchanged: UnchangedParse,
  known: KnownParse,
  project: Project,
  options: ParseOptions,
): Promise<Reading | undefined> {
  unchanged.replay();
  const { selectors, artifact } = await openSelectors(project);
  const promoted = await promotedVersions(project, Object.keys(known.outside.promoted));
  if (!sameOutside(known, { selectors: artifact, promoted })) return undefined;
  const manifest = { ...emptyManifest(project, options.adapter, options.invocation), selectors: artifact };
  const graph = { order: [], parents: new Map(), children: new Map(), parentMap: {}, childMap: {} };
  return { project, manifest, graph, selectors };
}

/** The manifest and graph of a kept parse; undefined where it can't be read back, or something besides it has changed. */
export async function openReading(
  unchanged: UnchangedParse,
  known: KnownParse,
  project: Project,
): Promise<Reading | undefined> {
  let manifest: Manifest;
  try {
    manifest = await unchanged.manifest();
  } catch {
    // The whole way says what is wrong with it, and makes it anew.
    return undefined;
  }
  unchanged.replay();
  const promoted = await notePromoted(project, manifest);
  const { selectors, artifact } = await openSelectors(project);
  if (!sameOutside(known, { selectors: artifact, promoted })) return undefined;
  const { buildGraph } = await import('../graph/graph.js');
  const graph = buildGraph(manifest);
  manifest.parent_map = graph.parentMap;
  manifest.child_map = graph.childMap;
  manifest.selectors = artifact;
  return { project, manifest, graph, selectors };
}
