/**
 * Parsing with memory: what a parse gave is kept under the target folder and used again where nothing that it hangs on has
 * changed. It always gives what a parse without memory would.
 */
import { join } from 'node:path';
import type { Diagnostic } from '../../diagnostics/index.js';
import type { Project } from '../../project/index.js';
import { emptyManifest } from '../manifest.js';
import type { Manifest, Node } from '../node.js';
import type { ParseOptions } from '../parse-project.js';
import { type Origin, originOf, type ParsedProject } from '../state.js';
import { NotKept } from './codec.js';
import { factsKey } from './facts.js';
import { changedFiles, type FileState, readFileState } from './files.js';
import { envHash, FORMAT, hearsPrint, type KeptHead } from './head.js';
import { readStamps, writeStamps } from './stamps.js';
import { type KeptFile, readKept } from './store.js';

export interface CacheOptions {
  /** False parses everything (`--no-partial-parse`); what comes out is kept all the same. */
  readonly reuse: boolean;
  /** Default: `partial_parse.json` in the target folder. */
  readonly file?: string | undefined;
  /** Why something was used or not used. */
  readonly onDebug?: (message: string) => void;
}

/** A kept parse that holds as it is: nothing that it hangs on has changed. */
export interface UnchangedParse {
  /** Differs from that of any other parse. */
  readonly id: string;
  /** Says the messages of its templates again, once. */
  replay(): void;
  /** The manifest alone, which needs no template engine. Throws where the file is damaged. */
  manifest(): Promise<Manifest>;
  /** Of the manifest only what selection and listing look at (`Outline`). Throws where the file is damaged. */
  listing(): Promise<Manifest>;
}

/** A kept parse in which files have changed, as far as was needed to read these again. */
export interface RereadParse {
  readonly id: string;
  /** Its nodes are read back when they are looked at. */
  readonly manifest: Manifest;
  /** The manifest with what selection and listing look at. */
  readonly listing: Manifest;
  /** Warnings. */
  readonly diagnostics: readonly Diagnostic[];
  /** Nodes that were read again. */
  readonly changed: readonly string[];
  /** Every node depends on the same nodes as before. */
  readonly sameEdges: boolean;
  /** Where a node's text begins. */
  origin(node: Node): Origin;
}

export interface FoundParse {
  readonly unchanged: UnchangedParse | undefined;
  /** Parses what has to be parsed, for commands that look at little of it; undefined where a whole parse is needed. */
  reread(): Promise<RereadParse | undefined>;
  /** Parses what has to be parsed. */
  parse(): Promise<Parse>;
}

export interface Parse {
  readonly parsed: ParsedProject;
  /** Names the kept parse that this is, or was made of; undefined where none was kept. */
  readonly id: string | undefined;
  /** What was read again since that was kept, by its ids. */
  readonly changed: readonly string[];
  /** The manifest has the same entries as then. */
  readonly sameEntries: boolean;
}

/** With more files changed than this a whole parse costs little more, and leaves a fresh file for the next time. */
const MOST_CHANGES = 50;

export const defaultParseFile = ({ targetDir }: Project): string => join(targetDir, 'partial_parse.json');

/** `parseProject`, from what an earlier one left where that is the same. */
export async function parseCached(
  project: Project,
  options: ParseOptions,
  cache: CacheOptions,
): Promise<ParsedProject> {
  return (await findParse(project, options, cache).parse()).parsed;
}

/** Looks what an earlier parse left, and how much of it still holds. */
export function findParse(project: Project, options: ParseOptions, cache: CacheOptions): FoundParse {
  const file = cache.file ?? defaultParseFile(project);
  const say = cache.onDebug ?? (() => undefined);
  let key: string;
  try {
    key = factsKey(project, options);
  } catch (error) {
    if (!(error instanceof NotKept)) throw error;
    say(`Parsing everything: settings hold ${error.message}`);
    return {
      unchanged: undefined,
      reread: async () => undefined,
      async parse() {
        const { parseProject } = await import('../parse-project.js');
        return { parsed: await parseProject(project, options), id: undefined, changed: [], sameEntries: true };
      },
    };
  }
  const cantUse = (error: unknown): undefined => {
    say(`Parsing everything: ${file} can't be used: ${error instanceof Error ? error.message : String(error)}`);
  };
  let kept: KeptFile<KeptHead> | undefined;
  try {
    kept = cache.reuse ? readKept<KeptHead>(file, FORMAT) : undefined;
  } catch (error) {
    cantUse(error);
  }
  const known = kept && { hashes: kept.head.files, stamps: readStamps(file, kept.id) };
  const state = readFileState(project, known);
  const changed = kept === undefined ? undefined : usable(kept.head, key, state, project, options, say);
  const fits = kept !== undefined && changed !== undefined ? { kept, changed } : undefined;
  const same = fits !== undefined && fits.changed.length === 0 && fits.kept.head.changingNodes.length === 0;
  if (same && state.hashed > 0) writeStamps(file, fits.kept.id, state);
  const stale = fits && { ...fits, state, project, options, say };
  /** A kept parse turned out to be of no use. */
  let needsAll = false;
  const attempt = async <T>(refresh: () => Promise<T | undefined>): Promise<T | undefined> => {
    try {
      return await refresh();
    } catch (error) {
      return cantUse(error);
    }
  };
  let said = false;
  const replay = (head: KeptHead): void => {
    if (said) return;
    said = true;
    for (const [message, level] of head.logs) options.onLog?.(message, level);
  };
  return {
    unchanged: same
      ? {
          id: fits.kept.id,
          replay: () => replay(fits.kept.head),
          async manifest() {
            const [{ unpackManifest }, { Outline }] = await Promise.all([
              import('./kept-manifest.js'),
              import('./outline.js'),
            ]);
            return unpackManifest(fits.kept.body(), new Outline(fits.kept.outline()), project, options);
          },
          async listing() {
            const { Outline } = await import('./outline.js');
            const outline = new Outline(fits.kept.outline());
            return {
              ...emptyManifest(project, options.adapter, options.invocation),
              ...outline.others(),
              nodes: outline.nodes(),
            };
          },
        }
      : undefined,
    async reread() {
      if (stale === undefined || same) return undefined;
      const { refreshedInPart } = await import('./refreshed.js');
      const found = await attempt(() => refreshedInPart(stale));
      if (found === undefined) needsAll = true;
      if (found === undefined || found === 'more') return undefined;
      const { parsed, ...rest } = found;
      return {
        ...rest,
        id: stale.kept.id,
        manifest: parsed.manifest,
        diagnostics: parsed.diagnostics.slice(project.diagnostics.length),
        origin: (node) => originOf(parsed, node),
      };
    },
    async parse() {
      if (stale !== undefined && !needsAll) {
        const { refreshed } = await import('./refreshed.js');
        const found = await attempt(() => refreshed(stale));
        if (found !== undefined) {
          replay(stale.kept.head);
          if (found.sameEntries) return { ...found, id: stale.kept.id };
          // Kept anew: what was made of the manifest before is of no use any more.
          const { keepRefreshed } = await import('./keep.js');
          const id = keepRefreshed(file, key, state, found.parsed, stale.kept.head, say);
          return { parsed: found.parsed, id, changed: [], sameEntries: true };
        }
      }
      const { parseAndKeep } = await import('./keep.js');
      return { ...(await parseAndKeep(file, key, state, project, options, say)), changed: [], sameEntries: true };
    },
  };
}

/** The files that a kept parse has to read again; undefined where it can't be used at all. */
function usable(
  head: KeptHead,
  key: string,
  state: FileState,
  project: Project,
  { invocation }: ParseOptions,
  say: (message: string) => void,
): ReturnType<typeof changedFiles> {
  const changed = changedFiles(state, head.files);
  const reason =
    head.key !== key
      ? 'upsql, settings or vars have changed'
      : head.env.some(([name, hash]) => envHash(project, name) !== hash)
        ? 'an environment variable has changed'
        : head.print !== null && head.print !== hearsPrint(invocation.args)
          ? 'templates print, and --print has changed'
          : head.until !== null && invocation.startedAt.getTime() >= head.until
            ? 'a deprecation_date has come'
            : changed === undefined
              ? 'files were added or removed'
              : changed.length > MOST_CHANGES
                ? `${changed.length} files have changed`
                : undefined;
  if (reason === undefined) return changed;
  say(`Parsing everything: ${reason}`);
  return undefined;
}
