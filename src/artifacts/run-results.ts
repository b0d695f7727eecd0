import { join } from 'node:path';
import type { ManifestMetadata } from '../parse/node.js';
import type { BatchResults, NodeResult, RunOutcome } from '../run/events.js';
import { toJson } from '../run/exact-json.js';
import type { Batch } from '../run/microbatch/batches.js';
import { scrub } from './secrets.js';
import { writeAtomic } from './write-atomic.js';

export interface RunResultsOptions {
  /** Of the manifest that was run: gives dbt version and invocation. */
  readonly metadata: ManifestMetadata;
  /** The invocation's flags by dbt's names (`which`, `select`, `full_refresh`, ...). */
  readonly args?: Readonly<Record<string, unknown>>;
  /** Texts that must not be written; each becomes `*****`. */
  readonly secrets?: readonly string[];
  /** Default: now. */
  readonly generatedAt?: Date;
}

/** Kinds that have no compiled SQL in dbt's results: the three fields are null for them. */
const NEVER_COMPILED = new Set(['seed', 'source', 'exposure', 'saved_query', 'metric']);

/** `metadata` of an artifact other than the manifest; `schema` is its name and version: `run-results/v6`. */
export function artifactHead(schema: string, metadata: ManifestMetadata, generatedAt = new Date()): object {
  return {
    dbt_schema_version: `https://schemas.getdbt.com/dbt/${schema}.json`,
    dbt_version: metadata.dbt_version,
    generated_at: generatedAt.toISOString(),
    invocation_id: metadata.invocation_id,
    invocation_started_at: metadata.invocation_started_at,
    env: metadata.env,
  };
}

/** A result's timing as artifacts have it. */
export function timingEntries({ timing }: Pick<NodeResult, 'timing'>): object[] {
  return timing.map(({ name, startedAt, completedAt }) => ({
    name,
    started_at: startedAt.toISOString(),
    completed_at: completedAt.toISOString(),
  }));
}

/** One entry of `results`. */
function resultEntry(result: NodeResult): Record<string, unknown> {
  const { resource_type: type } = result.node;
  // A unit test that could not be run is not told of as compiled.
  const bare = NEVER_COMPILED.has(type) || (type === 'unit_test' && !['pass', 'fail'].includes(result.status));
  return {
    status: result.status,
    timing: timingEntries(result),
    thread_id: result.threadId,
    execution_time: result.executionTime,
    adapter_response: result.adapterResponse,
    message: result.message,
    failures: result.failures,
    unique_id: result.node.unique_id,
    compiled: bare ? null : result.compiled,
    compiled_code: bare ? null : result.compiledCode,
    relation_name: bare ? null : result.relationName,
    batch_results: result.batches === undefined ? null : batchEntries(result.batches),
  };
}

function batchEntries({ successful, failed }: BatchResults): object {
  const time = (date: Date): string => date.toISOString().replace(/(?:\.000)?Z$/, '+00:00');
  const spans = (batches: readonly Batch[]): string[][] => batches.map(({ start, end }) => [time(start), time(end)]);
  return { successful: spans(successful), failed: spans(failed) };
}

/** The text of run_results.json (schema v6) in pieces. */
export function* runResultsJson(outcome: RunOutcome, options: RunResultsOptions): Generator<string> {
  const secrets = options.secrets ?? [];
  const { metadata } = options;
  const head = artifactHead('run-results/v6', metadata, options.generatedAt);
  yield `{"metadata": ${scrub(toJson(head), secrets)}, "results": [`;
  let separator = '';
  for (const result of outcome.results) {
    if (result.unlisted === true) continue;
    yield separator + scrub(toJson(resultEntry(result)), secrets);
    separator = ', ';
  }
  yield `], "elapsed_time": ${outcome.elapsed}, "args": ${scrub(toJson(options.args ?? {}), secrets)}}`;
}

/** Writes `run_results.json` (schema v6) into the target folder, atomically. Throws UpsqlError `cannot-write`. */
export async function writeRunResults(
  outcome: RunOutcome,
  targetDir: string,
  options: RunResultsOptions,
): Promise<void> {
  await writeAtomic(join(targetDir, 'run_results.json'), runResultsJson(outcome, options));
}
