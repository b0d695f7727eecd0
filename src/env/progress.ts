import type { RunListener } from '../run/events.js';
import type { StateStore, Version } from './state.js';

/** Milliseconds. */
const INTERVAL = 1000;
/** So many are written down at once. */
const ENOUGH = 20;

export interface Progress {
  readonly listen: RunListener;
  /** What is built so far. */
  readonly built: ReadonlyMap<string, Version>;
  /** Writes down all that was built, and reports a fault of an earlier writing. */
  finish(): Promise<void>;
}

/**
 * Writes down what a run has built and which tests passed while it goes on, so that little of it is lost when it is killed.
 * `versionOf` gives what a node that went well is a version of.
 */
export function recordProgress(
  store: StateStore,
  versionOf: (id: string) => Version | undefined,
  checkKeys: ReadonlyMap<string, string>,
  known: ReadonlySet<string>,
): Progress {
  const built = new Map<string, Version>();
  const checks = new Set<string>();
  let versions: Version[] = [];
  let passed: string[] = [];
  let writing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const [newVersions, newPassed] = [versions, passed];
    versions = [];
    passed = [];
    writing = writing.then(async () => {
      if (newVersions.length > 0) await store.addVersions(newVersions);
      if (newPassed.length > 0) await store.addChecks(newPassed);
    });
    // `finish` waits for it and gives the error.
    writing.catch(() => undefined);
    return writing;
  };
  return {
    built,
    listen(event) {
      if (event.kind !== 'node-end') return;
      const { node, status } = event.result;
      const id = node.unique_id;
      if (status === 'success') {
        const version = versionOf(id);
        if (version === undefined) return;
        built.set(id, version);
        versions.push(version);
      } else if (status === 'pass' || status === 'warn') {
        const key = checkKeys.get(id);
        if (key === undefined || known.has(key) || checks.has(key)) return;
        checks.add(key);
        passed.push(key);
      } else return;
      if (versions.length + passed.length >= ENOUGH) void flush();
      else timer ??= setTimeout(() => void flush(), INTERVAL).unref();
    },
    async finish() {
      await flush();
    },
  };
}
