/** Opening a project to read it: from a kept parse that still holds, without the template engine. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '../diagnostics/index.js';
import type { Graph } from '../graph/graph.js';
import type { Selector } from '../graph/selectors.js';
import type { FoundParse, RereadParse, UnchangedParse } from '../parse/cache/index.js';
import { emptyManifest } from '../parse/manifest.js';
import type { Manifest, Node } from '../parse/node.js';
import type { ParseOptions } from '../parse/parse-project.js';
import type { Project } from '../project/project.js';
import type { Reading } from './engine.js';
import { toJson } from './exact-json.js';
import { notePromoted, type Promoted, promotedVersions, scoringModels } from './ml/promoted.js';
import type { KeptParse, Needs, OpenEngineOptions } from './open-engine.js';

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

/** A project opened for a command that reads it. */
export interface OpenedPartial {
  readonly reading: Reading;
  /** As it is written. */
  readonly manifest: Manifest;
  readonly known: KnownParse;
  /** Warnings that follow from the files. */
  readonly diagnostics: readonly Diagnostic[];
  readonly parse: Omit<KeptParse, 'file'>;
}

/**
 * A project from its kept parse, as far as the command needs it; undefined where it has to be opened as a whole: nothing is
 * kept, it is damaged, or something besides it has changed.
 */
export async function openPartial(
  found: FoundParse,
  needs: Exclude<Needs, 'runtime'>,
  file: string,
  project: Project,
  options: ParseOptions,
  knownOf: OpenEngineOptions['known'],
): Promise<OpenedPartial | undefined> {
  const { unchanged } = found;
  if (unchanged === undefined) {
    const reread = await found.reread();
    const known = reread && knownOf?.(file, reread.id);
    return known && openReread(reread, known, needs, project);
  }
  const known = knownOf?.(file, unchanged.id);
  if (known === undefined) return undefined;
  const reading =
    needs === 'metadata'
      ? await openUnread(unchanged, known, project, options)
      : await openReading(unchanged, known, project, needs);
  return (
    reading && {
      reading,
      manifest: reading.manifest,
      known,
      diagnostics: known.diagnostics,
      parse: { id: unchanged.id, changed: [], sameEdges: true, sameEntries: true },
    }
  );
}

const NO_GRAPH: Graph = { order: [], parents: new Map(), children: new Map(), parentMap: {}, childMap: {} };

/**
 * What is there of a project before its manifest is read: `manifest` has its metadata only, the graph nothing. Undefined where
 * something besides the parse has changed.
 */
async function openUnread(
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
  return { project, manifest, graph: NO_GRAPH, selectors };
}

/** The manifest and graph of a kept parse; undefined where it can't be read back, or something besides it has changed. */
async function openReading(
  unchanged: UnchangedParse,
  known: KnownParse,
  project: Project,
  needs: 'listing' | 'graph',
): Promise<Reading | undefined> {
  let manifest: Manifest;
  try {
    manifest = await (needs === 'graph' ? unchanged.manifest() : unchanged.listing());
  } catch {
    // The whole way says what is wrong with it, and makes it anew.
    return undefined;
  }
  unchanged.replay();
  const promoted =
    needs === 'graph'
      ? await notePromoted(project, manifest)
      : await promotedVersions(project, Object.keys(known.outside.promoted));
  const { selectors, artifact } = await openSelectors(project);
  if (!sameOutside(known, { selectors: artifact, promoted })) return undefined;
  return readingOf(project, manifest, { selectors, artifact });
}

async function readingOf(
  project: Project,
  manifest: Manifest,
  { selectors, artifact }: OpenSelectors,
): Promise<Reading> {
  const { buildGraph } = await import('../graph/graph.js');
  const graph = buildGraph(manifest);
  addMaps(manifest, () => graph);
  manifest.selectors = artifact;
  return { project, manifest, graph, selectors };
}

/** Puts in `parent_map` and `child_map`, which are made when they are asked for. */
function addMaps(manifest: Manifest, graph: () => Graph): void {
  Object.defineProperties(manifest, {
    parent_map: { enumerable: true, configurable: true, get: () => graph().parentMap },
    child_map: { enumerable: true, configurable: true, get: () => graph().childMap },
  });
}

/** A kept parse of which files were read again; undefined where it has to be opened as a whole. */
async function openReread(
  reread: RereadParse,
  known: KnownParse,
  needs: Exclude<Needs, 'runtime'>,
  project: Project,
): Promise<OpenedPartial | undefined> {
  const { manifest, listing, changed, sameEdges } = reread;
  const scores = changed.some((id) => id in manifest.nodes && scoringModels(manifest.nodes[id] as Node).length > 0);
  if (scores || Object.keys(known.outside.promoted).length > 0) return undefined;
  const { isMicrobatch } = await import('./microbatch/check.js');
  // What is wrong with these is told from the whole.
  if (Object.values(listing.nodes).some(isMicrobatch)) return undefined;
  const opened = await openSelectors(project);
  if (!sameOutside(known, { selectors: opened.artifact, promoted: {} })) return undefined;
  manifest.selectors = opened.artifact;
  const { diagnostics, id } = reread;
  const parse = { id, changed, sameEdges, sameEntries: true };
  const rest = { manifest, known, diagnostics, parse };
  if (needs === 'metadata' && sameEdges) {
    const { buildGraph } = await import('../graph/graph.js');
    addMaps(manifest, () => buildGraph(listing));
    return { ...rest, reading: { project, manifest, graph: NO_GRAPH, selectors: opened.selectors } };
  }
  const { graph } = await readingOf(project, listing, opened);
  addMaps(manifest, () => graph);
  const shown = needs === 'listing' ? listing : manifest;
  return { ...rest, reading: { project, manifest: shown, graph, selectors: opened.selectors } };
}
