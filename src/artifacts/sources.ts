import { join } from 'node:path';
import type { Manifest } from '../parse/node.js';
import type { NodeResult, RunOutcome } from '../run/events.js';
import { toJson } from '../run/exact-json.js';
import { artifactHead, timingEntries } from './run-results.js';
import { scrub } from './secrets.js';
import { writeAtomic } from './write-atomic.js';

export interface SourcesOptions {
  /** Texts that must not be written; each becomes `*****`. */
  readonly secrets?: readonly string[];
  /** Default: now. */
  readonly generatedAt?: Date;
}

/**
 * The text of sources.json (schema v3) in pieces. A source whose freshness could not be told is an entry with its error,
 * as the schema has it (dbt 1.11 leaves these out).
 */
export function* sourcesJson(outcome: RunOutcome, manifest: Manifest, options: SourcesOptions = {}): Generator<string> {
  const secrets = options.secrets ?? [];
  yield `{"metadata": ${scrub(toJson(artifactHead('sources/v3', manifest.metadata, options.generatedAt)), secrets)}, "results": [`;
  let separator = '';
  for (const result of outcome.results) {
    const entry = sourceEntry(result, manifest);
    if (entry === undefined) continue;
    yield separator + scrub(toJson(entry), secrets);
    separator = ', ';
  }
  yield `], "elapsed_time": ${outcome.elapsed}}`;
}

function sourceEntry(result: NodeResult, manifest: Manifest): object | undefined {
  const { node, freshness, status } = result;
  const unique_id = node.unique_id;
  if (freshness === undefined) {
    return status === 'runtime error' ? { unique_id, error: result.message, status } : undefined;
  }
  return {
    unique_id,
    max_loaded_at: freshness.maxLoadedAt,
    snapshotted_at: freshness.snapshottedAt,
    max_loaded_at_time_ago_in_s: freshness.age,
    status,
    criteria: manifest.sources[unique_id]?.freshness ?? {},
    adapter_response: result.adapterResponse,
    timing: timingEntries(result),
    thread_id: result.threadId,
    execution_time: result.executionTime,
  };
}

/** Writes sources.json (schema v3) as `file`, else into the target folder, atomically. Throws UpsqlError `cannot-write`. */
export async function writeSources(
  outcome: RunOutcome,
  manifest: Manifest,
  place: { readonly targetDir: string; readonly file?: string | undefined },
  options: SourcesOptions = {},
): Promise<void> {
  await writeAtomic(place.file ?? join(place.targetDir, 'sources.json'), sourcesJson(outcome, manifest, options));
}
