import { type Diagnostic, problem } from '../../diagnostics/index.js';
import type { Manifest, Node } from '../../parse/node.js';
import { BATCH_SIZES, readTime } from './batches.js';

/** Whether a node is an incremental model that is built in batches of time. */
export function isMicrobatch({ config, resource_type }: Node): boolean {
  return (
    resource_type === 'model' && config.materialized === 'incremental' && config.incremental_strategy === 'microbatch'
  );
}

/**
 * What is wrong in the configs of microbatch models: errors for what they can't be built without, a warning for a model
 * none of whose inputs has an event_time, so that every batch would read all of it. `origin` gives a node's own file.
 */
export function checkMicrobatch(
  manifest: Manifest,
  origin: (node: Node) => { readonly file: string; readonly line: number },
): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const node of Object.values(manifest.nodes)) {
    if (!isMicrobatch(node)) continue;
    const place = { ...origin(node), column: 1 };
    const faults = faultsOf(node);
    for (const { message, hint } of faults) {
      found.push(problem('invalid-microbatch', `The microbatch model '${node.name}' ${message}`, { place, hint }));
    }
    if (faults.length === 0 && !node.depends_on.nodes.some((id) => hasEventTime(manifest, id))) {
      found.push(
        problem('unfiltered-microbatch', `No input of the microbatch model '${node.name}' has an event_time`, {
          severity: 'warning',
          place,
          hint: "Every batch reads its inputs whole: give the one that grows 'event_time' in its config.",
        }),
      );
    }
  }
  return found;
}

function hasEventTime(manifest: Manifest, id: string): boolean {
  const config = (manifest.nodes[id] ?? manifest.sources[id])?.config as { readonly event_time?: unknown } | undefined;
  return Boolean(config?.event_time);
}

interface Fault {
  readonly message: string;
  readonly hint: string;
}

function faultsOf({ config }: Node): Fault[] {
  const { event_time, begin, batch_size, lookback, concurrent_batches } = config;
  const faults: Fault[] = [];
  const add = (message: string, hint: string): void => {
    faults.push({ message, hint });
  };
  if (typeof event_time !== 'string') {
    add("has no 'event_time'", "Name its column of time: event_time='created_at'.");
  }
  if (begin === undefined || begin === null) {
    add("has no 'begin'", "Say from when on it is to be built: begin='2024-01-01'.");
  } else if (readTime(String(begin)) === undefined) {
    add(
      `has a 'begin' that is no date or time: ${String(begin)}`,
      "Write it in ISO form: begin='2024-01-01T00:00:00'.",
    );
  }
  if (!BATCH_SIZES.some((size) => size === batch_size)) {
    const given =
      batch_size === undefined || batch_size === null
        ? "has no 'batch_size'"
        : `has the 'batch_size' ${String(batch_size)}`;
    add(given, `Use one of ${BATCH_SIZES.join(', ')}.`);
  }
  if (lookback !== undefined && lookback !== null && !Number.isInteger(lookback)) {
    add(
      `has a 'lookback' that is no whole number: ${String(lookback)}`,
      'It counts the batches that are built again: lookback=1.',
    );
  }
  if (concurrent_batches !== undefined && concurrent_batches !== null && typeof concurrent_batches !== 'boolean') {
    add(`has 'concurrent_batches' that is neither true nor false: ${String(concurrent_batches)}`, 'Use true or false.');
  }
  return faults;
}
