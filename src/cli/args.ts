import { didYouMean } from '../diagnostics/index.js';
import type { Env } from './io.js';
import type { Option } from './options.js';
import { usageError } from './usage.js';

/** The flags of one invocation, checked against their options. */
export interface Args {
  text(name: string): string | undefined;
  number(name: string): number | undefined;
  flag(name: string): boolean | undefined;
  list(name: string): readonly string[];
  /** Words that are no flags, without the command's own. */
  readonly positional: readonly string[];
}

type Value = string | number | boolean | readonly string[];

/**
 * Reads parsed argv (long names as keys) and, for what is absent, the environment.
 * @throws UpsqlError for an unknown flag, a value that is none of the choices, or not a number.
 */
export function readArgs(
  options: readonly Option[],
  argv: Readonly<Record<string, unknown>>,
  positional: readonly string[],
  env: Env,
): Args {
  rejectUnknown(options, argv);
  const values = new Map<string, Value>();
  for (const option of options) {
    const given = argv[option.name];
    const value = given === undefined ? fromEnv(option, env) : fromArgv(option, given);
    if (value !== undefined) values.set(option.name, checkChoices(option, value));
  }
  const get = <T>(name: string, is: (value: Value) => value is Value & T): T | undefined => {
    const value = values.get(name);
    return value !== undefined && is(value) ? value : undefined;
  };
  return {
    text: (name) => get(name, (value): value is string => typeof value === 'string'),
    number: (name) => get(name, (value): value is number => typeof value === 'number'),
    flag: (name) => get(name, (value): value is boolean => typeof value === 'boolean'),
    list: (name) => get(name, (value): value is readonly string[] => Array.isArray(value)) ?? [],
    positional,
  };
}

/** How a flag is written on the command line. */
export function written(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`;
}

function rejectUnknown(options: readonly Option[], argv: Readonly<Record<string, unknown>>): void {
  const known = new Set(['_', '$0', 'help', 'version']);
  const names: string[] = ['help', 'version'];
  for (const option of options) {
    for (const name of [option.name, ...(option.alias ?? [])]) known.add(name);
    if (!option.hidden) names.push(option.name, ...(option.alias ?? []).filter((name) => name.length > 1));
  }
  for (const [key, value] of Object.entries(argv)) {
    if (known.has(key)) continue;
    const shown = value === false ? `no-${key}` : key;
    const hint = key.length === 1 ? undefined : didYouMean(`--${key}`, names.map((name) => `--${name}`).concat());
    throw usageError(`no such flag: ${written(shown)}`, hint);
  }
}

function fromArgv(option: Option, given: unknown): Value | undefined {
  if (option.type === 'array') return (Array.isArray(given) ? given : [given]).map(String);
  // A flag that is given twice counts as given last, as in dbt.
  const last: unknown = Array.isArray(given) ? given.at(-1) : given;
  if (option.type === 'boolean') return last === true || last === 'true';
  if (option.type === 'number') return toNumber(String(last), written(option.name));
  return String(last);
}

const TRUE = new Set(['1', 'true', 't', 'yes', 'y', 'on']);
const FALSE = new Set(['0', 'false', 'f', 'no', 'n', 'off']);

function fromEnv(option: Option, env: Env): Value | undefined {
  if (option.env === undefined) return undefined;
  for (const name of [option.env.replace(/^DBT_/, 'DBT_ENGINE_'), option.env]) {
    const value = env[name];
    if (value === undefined || value === '') continue;
    if (option.type === 'string') return value;
    if (option.type === 'array') return value.split(/[\s,]+/).filter((part) => part !== '');
    if (option.type === 'number') return toNumber(value, name);
    const word = value.trim().toLowerCase();
    if (TRUE.has(word)) return true;
    if (FALSE.has(word)) return false;
    throw usageError(`${name} must be true or false, not '${value}'`);
  }
  return undefined;
}

function toNumber(value: string, name: string): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number)) throw usageError(`${name} needs a number, not '${value}'`);
  return number;
}

function checkChoices(option: Option, value: Value): Value {
  const choices = option.choices;
  if (choices === undefined) return value;
  const pick = (word: string): string => {
    const found = choices.find((choice) => choice === word.toLowerCase());
    if (found !== undefined) return found;
    const hint = didYouMean(word, choices);
    throw usageError(`${written(option.name)} is one of ${choices.join(', ')}, not '${word}'`, hint);
  };
  if (typeof value === 'string') return pick(value);
  return Array.isArray(value) ? value.map(pick) : value;
}
