import type { Args } from './args.js';

/** Flags of the present command line that count, not those of the recorded run: where things are. */
const PRESENT = new Set([
  'log-path',
  'profiles-dir',
  'project-dir',
  'defer-state',
  'target-path',
  'warn-error',
  'log-format',
  'log-level',
  'quiet',
  'debug',
  'use-colors',
  'printer-width',
  'report',
]);
/** Flags of the present command line that count when they are given. */
const OVERRIDES = new Set(['vars', 'threads', 'full-refresh']);

/** The flags of a run as run_results.json has them, with those of `present` over them that dbt's retry lets through. */
export function recordedArgs(recorded: Readonly<Record<string, unknown>>, present: Args): Args {
  const then = (name: string): unknown =>
    recorded[name === 'resource-type' ? 'resource_types' : name.replaceAll('-', '_')];
  const choose = <T>(name: string, now: T | undefined, value: T | undefined): T | undefined => {
    if (PRESENT.has(name)) return now;
    return OVERRIDES.has(name) ? (now ?? value) : value;
  };
  const text = (value: unknown): string | undefined => {
    if (value === undefined || value === null) return undefined;
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
  const { macro } = recorded;
  return {
    text: (name) => choose(name, present.text(name), text(then(name))),
    number: (name) => {
      const value = then(name);
      return choose(name, present.number(name), typeof value === 'number' ? value : undefined);
    },
    flag: (name) => {
      const value = then(name);
      return choose(name, present.flag(name), typeof value === 'boolean' ? value : undefined);
    },
    list: (name) => {
      if (PRESENT.has(name)) return present.list(name);
      const value = then(name);
      return Array.isArray(value) ? value.map(String) : [];
    },
    positional: typeof macro === 'string' ? [macro] : [],
  };
}
