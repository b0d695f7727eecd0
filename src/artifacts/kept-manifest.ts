/**
 * The manifest of a kept parse as it was written, all but its metadata: where the parse still holds, manifest.json is made by
 * copying, and what was counted and told then need not be found out again.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { readKept, writeKept } from '../parse/cache/store.js';
import type { Manifest } from '../parse/node.js';
import type { KnownParse } from '../run/open-reading.js';
import { manifestPieces, metadataJson } from './manifest.js';
import { writeAtomic } from './write-atomic.js';

const FORMAT = 'upsql manifest 3';
const CHUNK = 1 << 20;

export interface ManifestCounts {
  readonly nodes: number;
  readonly sources: number;
  readonly macros: number;
}

interface Head extends KnownParse {
  /** The id of the kept parse. */
  readonly of: string;
  readonly counts: ManifestCounts;
  /** Lengths of the manifest's pieces in bytes, in their order. */
  readonly pieces: readonly number[];
}

export interface Changes {
  readonly changed: readonly string[];
  readonly sameEdges: boolean;
  readonly sameEntries: boolean;
}

export interface KeptManifest extends Head {
  /** Writes manifest.json with this metadata. Throws UpsqlError `cannot-write`. */
  write(metadata: Manifest['metadata'], targetDir: string): Promise<void>;
  /**
   * Writes manifest.json of a manifest that differs from the kept one in these entries and, without `sameEdges`, in what
   * depends on what. False where it has other entries. Throws UpsqlError `cannot-write`.
   */
  writeChanged(manifest: Manifest, targetDir: string, changed: Changes): Promise<boolean>;
}

export const countsOf = ({ nodes, sources, macros }: Manifest): ManifestCounts => ({
  nodes: Object.keys(nodes).length,
  sources: Object.keys(sources).length,
  macros: Object.keys(macros).length,
});

/** The manifest kept with the parse `id`; undefined where there is none that can be used. */
export function readKeptManifest(parseFile: string, id: string): KeptManifest | undefined {
  try {
    const kept = readKept<Head>(fileOf(parseFile), FORMAT);
    if (kept?.head.of !== id) return undefined;
    const body = kept.body();
    const { head } = kept;
    return {
      ...head,
      write: (metadata, targetDir) => writeAtomic(join(targetDir, 'manifest.json'), [metadataJson(metadata), body]),
      async writeChanged(manifest, targetDir, changed) {
        const parts = changedParts(manifest, body, head.pieces, changed);
        if (parts === undefined) return false;
        await writeAtomic(join(targetDir, 'manifest.json'), [metadataJson(manifest.metadata), ...parts]);
        return true;
      },
    };
  } catch {
    // Damaged or of another version: it is made anew.
    return undefined;
  }
}

/** Sections whose keys are not those of their entries alone. */
const KEYED_BY_OTHERS = new Set(['disabled', 'group_map']);

/** Sections that follow from the dependencies of all nodes. */
const FROM_GRAPH = new Set(['parent_map', 'child_map']);

/** The pieces of a manifest: changed ones as they are now, runs of the others as bytes of the kept body. */
function changedParts(
  manifest: Manifest,
  body: Buffer,
  lengths: readonly number[],
  { changed, sameEdges, sameEntries }: Changes,
): (string | Uint8Array)[] | undefined {
  if (!sameEntries) return undefined;
  const wanted = new Set(changed);
  const parts: (string | Uint8Array)[] = [];
  let start = 0;
  let end = 0;
  let count = 0;
  for (const { section, id, text } of manifestPieces(manifest)) {
    const length = lengths[count++];
    if (length === undefined) return undefined;
    if (sameEdges && wanted.size === 0) break;
    if (FROM_GRAPH.has(section) || (!KEYED_BY_OTHERS.has(section) && wanted.delete(id))) {
      if (end > start) parts.push(body.subarray(start, end));
      parts.push(text());
      start = end + length;
    }
    end += length;
  }
  const whole = count === lengths.length && end === body.length;
  if (wanted.size > 0 || !(sameEdges || whole)) return undefined;
  parts.push(body.subarray(start));
  return parts;
}

/** Writes manifest.json and keeps it for its parse. Throws UpsqlError `cannot-write` if the former can't be written. */
export async function writeAndKeepManifest(
  manifest: Manifest,
  targetDir: string,
  parse: { readonly file: string; readonly id: string },
  known: KnownParse,
): Promise<void> {
  const file = join(targetDir, 'manifest.json');
  const pieces: number[] = [];
  await writeAtomic(file, measured(manifest, pieces));
  const head: Head = { of: parse.id, counts: countsOf(manifest), pieces, ...known };
  try {
    writeKept(fileOf(parse.file), FORMAT, head, bytesFrom(file, Buffer.byteLength(metadataJson(manifest.metadata))));
  } catch {
    // Next time it is made anew again.
  }
}

function* measured(manifest: Manifest, lengths: number[]): Generator<string> {
  yield metadataJson(manifest.metadata);
  for (const piece of manifestPieces(manifest)) {
    const text = piece.text();
    lengths.push(Buffer.byteLength(text));
    yield text;
  }
}

const fileOf = (parseFile: string): string => `${parseFile.replace(/\.json$/, '')}.manifest.json`;

/** A file's bytes from `position` on, in pieces that are good until the next one is asked for. */
function* bytesFrom(file: string, position: number): Generator<Uint8Array> {
  const handle = openSync(file, 'r');
  try {
    const piece = Buffer.allocUnsafe(CHUNK);
    for (let at = position; ; ) {
      const read = readSync(handle, piece, 0, CHUNK, at);
      if (read === 0) return;
      yield piece.subarray(0, read);
      at += read;
    }
  } finally {
    closeSync(handle);
  }
}
