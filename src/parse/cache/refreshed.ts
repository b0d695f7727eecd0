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
import type { RefreshedEntries, Refreshing } from './refresh-properties.js';
import type { KeptFile } from './store.js';

/** With more properties files to be read again than this a whole parse costs little more. */
const MOST_DESCRIBED = 50;

export interface Refreshed extends RefreshedEntries {
  readonly parsed: ParsedProject;
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
  const found = await readAgain(parsed, stale);
  return found && { parsed, ...found };
}

/** The same for commands that look at little of it; undefined also where the manifest has other entries than before. */
export async function refreshedInPart(stale: Stale): Promise<RefreshedInPart | undefined | 'more'> {
  const { kept, project, options } = stale;
  const outline = new Outline(kept.outline());
  const nodes = outline.nodes();
  const parsed = unpackParse(kept.body(), outline, kept.head.changingNodes, project, options, { nodes });
  const found = await readAgain(parsed, stale, nodes);
  if (found === undefined) return undefined;
  if (!found.sameEntries) return 'more';
  const { manifest } = parsed;
  const others = outline.others();
  let sameEdges = true;
  for (const id of found.changed) {
    const node = manifest.nodes[id] ?? manifest.exposures[id];
    const before = nodes[id] ?? others.exposures[id];
    if (String(before?.depends_on?.nodes) !== String(node?.depends_on?.nodes)) sameEdges = false;
    if (id in nodes) nodes[id] = node as Node;
  }
  return { parsed, ...found, sameEdges, listing: { ...manifest, nodes } };
}

/** Reads the changed files again; undefined where that can't be done. `light`: all nodes, where `parsed` has not read all back. */
async function readAgain(
  parsed: ParsedProject,
  stale: Stale,
  light?: Manifest['nodes'],
): Promise<RefreshedEntries | undefined> {
  const { kept, changed, state, options, say } = stale;
  const { reads, manifest } = parsed;
  const changing = new Set([...reads.changingNodes].map((id) => parsed.origins.get(id)?.file));
  const files = [...state.files.values()];
  const again = files.filter((f) => changed.includes(f) || changing.has(f.absolutePath));
  if (again.length > 0 && (reads.graph || kept.head.logs.length > 0)) {
    say('Parsing everything: templates read the graph, or log while they are read');
    return undefined;
  }
  const staticReading = options.staticReading ?? true;
  const outline = light ?? manifest.nodes;
  const inPart = light !== undefined;
  const { reader } = state;
  const work = { parsed, outline, files, reader, createdAt: Date.now() / 1000, staticReading, inPart };
  const ids: string[] = [];
  let sameEntries = true;
  if (again.length > 0) {
    const { nodesOfFiles, refreshFile, refreshSeed } = await import('./refresh.js');
    const nodes = nodesOfFiles(
      parsed,
      again.filter(({ kind }) => kind !== 'properties'),
    );
    const described = new Set<SourceFile>();
    for (const file of again) {
      if (file.kind === 'properties') described.add(file);
      const own = nodes.get(file.absolutePath);
      const done =
        file.kind === 'properties' ||
        (file.kind === 'docs'
          ? await refreshedDocs(work, file, described, ids)
          : file.kind === 'seeds'
            ? refreshSeed(parsed, file, own, reader, work.createdAt)
            : refreshFile(parsed, file, own, reader, work.createdAt, staticReading));
      ids.push(...(own ?? []).map((node) => node.unique_id));
      if (done) continue;
      say(`Parsing everything: ${file.originalFilePath} has changed`);
      return undefined;
    }
    const { refreshProperties } = described.size > 0 ? await import('./refresh-properties.js') : {};
    for (const file of described) {
      const found = refreshProperties?.(work, file);
      if (found === undefined) {
        say(`Parsing everything: ${file.originalFilePath} has changed`);
        return undefined;
      }
      ids.push(...found.changed);
      if (!found.sameEntries) sameEntries = false;
    }
  }
  if (sameEntries || !inPart)
    say(`Parsed ${again.length} of ${state.files.size} files again, ${Object.keys(manifest.nodes).length} nodes`);
  return { changed: [...new Set(ids)], sameEntries };
}

/** Reads a file of docs blocks again, and names the properties files that have blocks of it in their descriptions. */
async function refreshedDocs(
  work: Refreshing,
  file: SourceFile,
  described: Set<SourceFile>,
  changed: string[],
): Promise<boolean> {
  const { refreshDocs, describedBy } = await import('./refresh-docs.js');
  const blocks = refreshDocs(work.parsed, file, work.reader);
  if (blocks === undefined) return false;
  changed.push(...blocks.map(({ unique_id }) => unique_id));
  for (const found of describedBy(blocks, work.files, work.reader)) described.add(found);
  return described.size <= MOST_DESCRIBED;
}
