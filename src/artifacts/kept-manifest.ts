/**
 * The manifest of a kept parse as it was written, all but its metadata: where the parse still holds, manifest.json is made by
 * copying, and what was counted and told then need not be found out again.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { readKept, writeKept } from '../parse/cache/store.js';
import type { Manifest } from '../parse/node.js';
import type { KnownParse } from '../run/open-reading.js';
import { manifestJson, metadataJson } from './manifest.js';
import { writeAtomic } from './write-atomic.js';

const FORMAT = 'upsql manifest 1';
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
}

export interface KeptManifest extends Head {
  /** Writes manifest.json with this metadata. Throws UpsqlError `cannot-write`. */
  write(metadata: Manifest['metadata'], targetDir: string): Promise<void>;
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
    return {
      ...kept.head,
      write: (metadata, targetDir) => writeAtomic(join(targetDir, 'manifest.json'), [metadataJson(metadata), body]),
    };
  } catch {
    // Damaged or of another version: it is made anew.
    return undefined;
  }
}

/** Writes manifest.json and keeps it for its parse. Throws UpsqlError `cannot-write` if the former can't be written. */
export async function writeAndKeepManifest(
  manifest: Manifest,
  targetDir: string,
  parse: { readonly file: string; readonly id: string },
  known: KnownParse,
): Promise<void> {
  const file = join(targetDir, 'manifest.json');
  await writeAtomic(file, manifestJson(manifest));
  const head: Head = { of: parse.id, counts: countsOf(manifest), ...known };
  try {
    writeKept(fileOf(parse.file), FORMAT, head, bytesFrom(file, Buffer.byteLength(metadataJson(manifest.metadata))));
  } catch {
    // Next time it is made anew again.
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
