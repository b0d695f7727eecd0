import { join } from 'node:path';
import { writeAtomic } from '../artifacts/index.js';
import type { Manifest } from '../parse/node.js';
import type { Lineage } from './walk.js';

/** Name and version of the file's shape; a field that goes or changes its meaning makes a new version. */
export const LINEAGE_VERSION = 1;

/**
 * The lineage as `target/lineage.json` has it. It is a file of its own, so that manifest.json stays as dbt writes it where
 * nobody asks for more (`in-manifest.ts`); the keys of `nodes` are the manifest's.
 */
export function lineageArtifact(lineage: Lineage, manifest: Manifest): Record<string, unknown> {
  const { generated_at, invocation_id, project_name, adapter_type } = manifest.metadata;
  return {
    metadata: { lineage_version: LINEAGE_VERSION, generated_at, invocation_id, project_name, adapter_type },
    nodes: Object.fromEntries(
      [...lineage.values()].map(({ id, columns, complete, uses, reads, problem }) => [
        id,
        {
          columns: Object.fromEntries(columns.map(({ name, ...column }) => [name, column])),
          complete,
          uses,
          reads,
          ...(problem === undefined ? {} : { problem }),
        },
      ]),
    ),
  };
}

/** Writes `lineage.json` to the target folder and gives its path. */
export async function writeLineage(lineage: Lineage, manifest: Manifest, targetDir: string): Promise<string> {
  const file = join(targetDir, 'lineage.json');
  await writeAtomic(file, [JSON.stringify(lineageArtifact(lineage, manifest))]);
  return file;
}
