import { type Diagnostic, nearest, problem } from '../diagnostics/index.js';
import type { YamlMap } from '../project/project.js';
import type { Args } from './args.js';
import { dbtEvent } from './dbt-events.js';
import { EVENT_NAMES } from './event-names.js';
import { yamlMapping } from './flags.js';
import { usageError } from './usage.js';

/** What becomes of a warning. */
export type WarningFate = 'error' | 'warn' | 'silent';

/** dbt's `warn_error_options`. */
export interface WarnErrorOptions {
  readonly error: readonly string[] | 'all';
  readonly warn: readonly string[];
  readonly silence: readonly string[];
  /** Written with the older names of the keys. */
  readonly olderNames?: boolean;
}

const DEPRECATIONS = 'Deprecations';
const isDeprecation = (name: string): boolean => name.endsWith('Deprecation');
const CODE = /^[a-z]+(-[a-z]+)*$/;

/**
 * Reads the options of the command line, or of `flags:`. `include` and `exclude` are the older names of `error` and `warn`.
 * @throws UpsqlError for an unknown key, a name that is none, or a combination that dbt refuses.
 */
export function warnErrorOptions(given: YamlMap): WarnErrorOptions {
  for (const key of Object.keys(given)) {
    if (!['error', 'warn', 'silence', 'include', 'exclude'].includes(key)) throw wrong(`it has no '${key}'`);
  }
  for (const [now, before] of [
    ['error', 'include'],
    ['warn', 'exclude'],
  ] as const) {
    if (given[now] !== undefined && given[before] !== undefined) throw wrong(`'${now}' and '${before}' are the same`);
  }
  const error = given.error ?? given.include;
  const all = error === 'all' || error === '*';
  const options: WarnErrorOptions = {
    error: all ? 'all' : names('error', error),
    warn: names('warn', given.warn ?? given.exclude),
    silence: names('silence', given.silence),
    ...(given.include === undefined && given.exclude === undefined ? {} : { olderNames: true }),
  };
  const general = all || options.error.includes(DEPRECATIONS) || options.silence.includes(DEPRECATIONS);
  if (options.warn.length > 0 && !general) {
    throw wrong(`'warn' makes exceptions, so it needs error: all, or ${DEPRECATIONS} in 'error' or 'silence'`);
  }
  return options;
}

/**
 * `--warn-error` and `--warn-error-options`, else what `flags:` of dbt_project.yml says. @throws UpsqlError for both at once.
 */
export async function readWarnErrorOptions(args: Args, flags: YamlMap): Promise<WarnErrorOptions> {
  const text = args.text('warn-error-options');
  const given = await yamlMapping(text, '--warn-error-options');
  const options = given === undefined ? undefined : warnErrorOptions(given);
  const isUsed =
    options !== undefined && [options.error, options.warn, options.silence].some((list) => list.length > 0);
  if (args.flag('warn-error') === true) {
    if (isUsed) throw wrong('--warn-error is given too, which makes all warnings errors', 'Give one of the two.');
    return { error: 'all', warn: [], silence: [] };
  }
  if (options !== undefined) return options;
  if (args.flag('warn-error') === undefined && flags.warn_error === true)
    return { error: 'all', warn: [], silence: [] };
  const set = flags.warn_error_options;
  return warnErrorOptions(typeof set === 'object' && set !== null && !Array.isArray(set) ? (set as YamlMap) : {});
}

function names(key: string, value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrong(`'${key}' is no list of names`);
  return value.map((item) => {
    const name = String(item);
    if (name === DEPRECATIONS || EVENT_NAMES.has(name) || CODE.test(name)) return name;
    const near = nearest(name, EVENT_NAMES);
    throw wrong(`'${name}' is no name of a warning`, near === undefined ? undefined : `Did you mean '${near}'?`);
  });
}

/** What is said of options with the older names; as in dbt it counts as a warning itself. */
export function olderNamesProblem(): Diagnostic {
  return problem(
    'older-warn-error-names',
    "'include' and 'exclude' of warn_error_options are called 'error' and 'warn' now",
    {
      severity: 'warning',
      hint: EXAMPLE,
    },
  );
}

const EXAMPLE = "Write --warn-error-options '{error: all, warn: [LogTestResult], silence: [Deprecations]}'.";

function wrong(why: string, hint = EXAMPLE) {
  return usageError(`--warn-error-options can't be used: ${why}`, hint);
}

/** What becomes of a warning, by its code: what is named goes before `Deprecations`, that before `all`. */
export function fateOf(code: string, { error, warn, silence }: WarnErrorOptions): WarningFate {
  // A warning may also be named by its own code.
  const name = dbtEvent(code)?.name ?? code;
  const has = (list: readonly string[] | 'all', what: string): boolean => list !== 'all' && list.includes(what);
  const isNamed = (list: readonly string[] | 'all'): boolean => has(list, name) || has(list, code);
  if (isNamed(silence)) return 'silent';
  if (isNamed(warn)) return 'warn';
  if (isNamed(error)) return 'error';
  if (isDeprecation(name)) {
    if (has(silence, DEPRECATIONS)) return 'silent';
    if (has(warn, DEPRECATIONS)) return 'warn';
    if (has(error, DEPRECATIONS)) return 'error';
  }
  return error === 'all' ? 'error' : 'warn';
}

/** The diagnostics that are shown, warnings raised to errors or left out as the options say. */
export function judged(list: readonly Diagnostic[], options: WarnErrorOptions): Diagnostic[] {
  return list.flatMap((diagnostic) => {
    if (diagnostic.severity === 'error') return [diagnostic];
    const fate = fateOf(diagnostic.code, options);
    if (fate === 'silent') return [];
    return [fate === 'error' ? { ...diagnostic, severity: 'error' as const } : diagnostic];
  });
}
