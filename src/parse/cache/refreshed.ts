/** A kept parse brought up to date. */
import type { Project } from '../../project/index.js';
import type { SourceFile } from '../files.js';
import type { Manifest, Node } from '../node.js';
import type { ParseOptions } from '../parse-project.js';
import type { ParsedProject } from '../state.js';
import type { FileState } from './files.js';
import type { KeptHead } from './head.js';
import { unpackParse } from './kept-parse.js';
import { Outline } from './outline.js';
import type { KeptFile } from './store.js';

export interface Refreshed {
  readonly parsed: ParsedProject;
  /** Ids of the nodes that were read again. */
  readonly changed: readonly string[];
}

/** A kept parse of which only what was needed is read back. */
export interface RefreshedInPart extends Refreshed {
  /** The manifest with what selection and listing look at. */
  readonly listing: Manifest;
  /** Every node depends on the same nodes as before. */
  readonly sameEdges: boolean;
}

/** A kept parse to be brought up to date. */
export interface Stale {
  readonly kept: KeptFile<KeptHead>;
  readonly changed: readonly SourceFile[];
  readonly state: FileState;
  readonly project: Project;
  readonly options: ParseOptions;
  readonly say: (message: string) => void;
}

/**
 * The kept parse with changed files read again, and with them those that depend on the invocation; undefined where that takes
 * a whole parse. Throws for a damaged file.
 */
export async function refreshed(stale: Stale): Promise<Refreshed | undefined> {
  const { kept, project, options } = stale;
  const parsed = unpackParse(kept.body(), new Outline(kept.outline()), kept.head.changingNodes, project, options);
  const changed = await readAgain(parsed, stale);
  return changed && { parsed, changed };
}

/** The same for commands that look at little of it. */
export async function refreshedInPart(stale: Stale): Promise<RefreshedInPart | undefined> {
  const { kept, project, options } = stale;
  const outline = new Outline(kept.outline());
  const nodes = outline.nodes();
  const parsed = unpackParse(kept.body(), outline, kept.head.changingNodes, project, options, { nodes });
  const changed = await readAgain(parsed, stale);
  if (changed === undefined) return undefined;
  let sameEdges = true;
  for (const id of changed) {
    const node = parsed.manifest.nodes[id] as Node;
    if (String(nodes[id]?.depends_on.nodes) !== String(node.depends_on.nodes)) sameEdges = false;
    nodes[id] = node;
  }
  return { parsed, changed, sameEdges, listing: { ...parsed.manifest, nodes } };
}

/** Reads the changed files again and gives the ids of their nodes; undefined where that can't be done. */
async function readAgain(parsed: ParsedProject, stale: Stale): Promise<readonly string[] | undefined> {
  const { kept, changed, state, options, say } = stale;
  const { reads, manifest } = parsed;
  const changing = new Set([...reads.changingNodes].map((id) => parsed.origins.get(id)?.file));
  const again = [...state.files.values()].filter((f) => changed.includes(f) || changing.has(f.absolutePath));
  const changedNodes: string[] = [];
  if (again.length > 0) {
    if (reads.graph || kept.head.logs.length > 0) {
      say('Parsing everything: templates read the graph, or log while they are read');
      return undefined;
    }
    const { nodesOfFiles, refreshFile } = await import('./refresh.js');
    const createdAt = Date.now() / 1000;
    const nodes = nodesOfFiles(parsed, again);
    for (const file of again) {
      const own = nodes.get(file.absolutePath);
      changedNodes.push(...(own ?? []).map((node) => node.unique_id));
      if (refreshFile(parsed, file, own, createdAt, options.staticReading ?? true)) continue;
      say(`Parsing everything: ${file.originalFilePath} has changed`);
      return undefined;
    }
  }
  say(`Parsed ${again.length} of ${state.files.size} files again, ${Object.keys(manifest.nodes).length} nodes`);
  return changedNodes;
}
