import { join } from 'node:path';
import type { Manifest } from '../parse/node.js';
import { toJson } from '../run/exact-json.js';
import { artifactNode } from './node-keys.js';
import { writeAtomic } from './write-atomic.js';

/** The beginning of manifest.json. */
export const metadataJson = (metadata: Manifest['metadata']): string => `{"metadata": ${toJson(metadata)}`;

type Kinded = { readonly resource_type: string };

/** A piece of manifest.json after its metadata. */
export interface ManifestPiece {
  /** The entry's section and id; empty for what stands between entries. */
  readonly section: string;
  readonly id: string;
  /** The piece's text, which is made when it is asked for. */
  text(): string;
}

/** The text of manifest.json in pieces, so that a large project's is never held whole. */
export function* manifestJson(manifest: Manifest): Generator<string> {
  yield metadataJson(manifest.metadata);
  for (const piece of manifestPieces(manifest)) yield piece.text();
}

/** The pieces of manifest.json after its metadata, one an entry; a manifest with the same entries has the same pieces. */
export function* manifestPieces(manifest: Manifest): Generator<ManifestPiece> {
  yield* nodeSection('nodes', manifest.nodes);
  yield* nodeSection('sources', manifest.sources);
  yield* nodeSection('macros', manifest.macros);
  yield* nodeSection('docs', manifest.docs);
  yield* nodeSection('exposures', manifest.exposures);
  yield* nodeSection('metrics', manifest.metrics);
  yield* nodeSection('groups', manifest.groups);
  yield between(`, "selectors": ${toJson(manifest.selectors)}`);
  yield* section('disabled', manifest.disabled, (nodes) => toJson(nodes.map(artifactNode)));
  yield* section('parent_map', manifest.parent_map, JSON.stringify);
  yield* section('child_map', manifest.child_map, JSON.stringify);
  yield* section('group_map', manifest.group_map, JSON.stringify);
  yield* nodeSection('saved_queries', manifest.saved_queries);
  yield* nodeSection('semantic_models', manifest.semantic_models);
  yield* nodeSection('unit_tests', manifest.unit_tests);
  yield* nodeSection('functions', manifest.functions);
  yield between('}');
}

const between = (text: string): ManifestPiece => ({ section: '', id: '', text: () => text });

function nodeSection(name: string, nodes: Readonly<Record<string, Kinded>>): Generator<ManifestPiece> {
  return section(name, nodes, (node) => toJson(artifactNode(node)));
}

function* section<T>(
  name: string,
  entries: Readonly<Record<string, T>>,
  write: (entry: T) => string,
): Generator<ManifestPiece> {
  yield between(`, "${name}": {`);
  let first = true;
  for (const id in entries) {
    const separator = first ? '' : ', ';
    first = false;
    yield { section: name, id, text: () => `${separator}${JSON.stringify(id)}: ${write(entries[id] as T)}` };
  }
  yield between('}');
}

/** Writes `manifest.json` (schema v12) into the target folder, atomically. Throws UpsqlError `cannot-write`. */
export async function writeManifest(manifest: Manifest, targetDir: string): Promise<void> {
  await writeAtomic(join(targetDir, 'manifest.json'), manifestJson(manifest));
}
