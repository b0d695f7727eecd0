import * as v from 'valibot';
import type { BuildStatus, Outcomes } from './report-input.js';

/** What the report reads of run_results.json; more may be there. */
const RUN = v.object({
  metadata: v.object({ generated_at: v.string() }),
  args: v.optional(v.object({ which: v.optional(v.string()) })),
  results: v.array(v.object({ unique_id: v.string(), status: v.string() })),
});
const SOURCES = v.object({
  results: v.array(
    v.object({
      unique_id: v.string(),
      status: v.string(),
      max_loaded_at_time_ago_in_s: v.optional(v.nullable(v.number())),
    }),
  ),
});

const GOOD = ['success', 'pass'];
const WARNED = ['warn'];
const SKIPPED = ['skipped', 'no-op'];

/**
 * What run_results.json and, where it is there, sources.json say of the tables on the page. Undefined where the first is
 * missing or no such file.
 */
export function buildStatus(runResults: string | undefined, sources: string | undefined): BuildStatus | undefined {
  const run = read(RUN, runResults);
  if (run === undefined) return undefined;
  const of = (...kinds: string[]) => run.results.filter(({ unique_id }) => kinds.includes(kind(unique_id)));
  const bad = run.results.filter(({ status }) => ![...GOOD, ...SKIPPED].includes(status));
  return {
    command: run.args?.which ?? 'run',
    at: run.metadata.generated_at,
    models: outcomes(of('model', 'seed', 'snapshot')),
    tests: outcomes(of('test', 'unit_test')),
    troubles: [...bad]
      .sort((a, b) => Number(WARNED.includes(a.status)) - Number(WARNED.includes(b.status)))
      .map(({ unique_id, status }) => ({ name: nameOf(unique_id), status })),
    sources: (read(SOURCES, sources)?.results ?? []).map(({ unique_id, status, max_loaded_at_time_ago_in_s: age }) => ({
      name: nameOf(unique_id),
      status,
      hours: typeof age === 'number' ? age / 3600 : null,
    })),
  };
}

function outcomes(results: readonly { readonly status: string }[]): Outcomes {
  const number = (statuses: readonly string[]): number =>
    results.filter(({ status }) => statuses.includes(status)).length;
  const [good, warned, skipped] = [number(GOOD), number(WARNED), number(SKIPPED)];
  return { good, warned, skipped, failed: results.length - good - warned - skipped };
}

const kind = (uniqueId: string): string => uniqueId.split('.')[0] ?? '';

/** The name within a unique_id: a test's ends with a hash, a source's last part is the table. */
function nameOf(uniqueId: string): string {
  const parts = uniqueId.split('.');
  return (kind(uniqueId) === 'test' ? parts[2] : parts.at(-1)) ?? uniqueId;
}

function read<T>(schema: v.GenericSchema<unknown, T>, text: string | undefined): T | undefined {
  if (text === undefined) return undefined;
  try {
    const result = v.safeParse(schema, JSON.parse(text));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}
