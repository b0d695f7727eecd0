import { join } from 'node:path';
import type { ManifestMetadata } from '../parse/node.js';
import type { Catalog, CatalogTable } from '../run/catalog.js';
import { toJson } from '../run/exact-json.js';
import { artifactHead } from './run-results.js';
import { writeAtomic } from './write-atomic.js';

/** The text of catalog.json (schema v1) in pieces. */
export function* catalogJson(catalog: Catalog, metadata: ManifestMetadata, generatedAt?: Date): Generator<string> {
  yield `{"metadata": ${toJson(artifactHead('catalog/v1', metadata, generatedAt))}, "nodes": {`;
  yield* entries(catalog.nodes);
  yield '}, "sources": {';
  yield* entries(catalog.sources);
  yield `}, "errors": ${catalog.errors.length === 0 ? 'null' : toJson(catalog.errors)}}`;
}

function* entries(tables: Readonly<Record<string, CatalogTable>>): Generator<string> {
  let separator = '';
  for (const [unique_id, table] of Object.entries(tables)) {
    yield `${separator}${JSON.stringify(unique_id)}: ${toJson({ ...table, unique_id })}`;
    separator = ', ';
  }
}

/** Writes catalog.json (schema v1) into the target folder, atomically. Throws UpsqlError `cannot-write`. */
export async function writeCatalog(catalog: Catalog, metadata: ManifestMetadata, targetDir: string): Promise<string> {
  const file = join(targetDir, 'catalog.json');
  await writeAtomic(file, catalogJson(catalog, metadata));
  return file;
}
