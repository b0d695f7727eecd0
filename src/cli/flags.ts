import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { LoadOptions, YamlMap, YamlValue } from '../project/project.js';
import type { Args } from './args.js';
import type { Io } from './io.js';
import { threadCount } from './run-flags.js';
import { usageError } from './usage.js';

const PROJECT_FILE = 'dbt_project.yml';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'none';

/** How a command speaks. */
export interface OutputFlags {
  readonly format: 'text' | 'json';
  readonly level: LogLevel;
  readonly debug: boolean;
  /** Undefined: colours where the stream is a terminal and NO_COLOR is not set. */
  readonly colors: boolean | undefined;
  readonly printerWidth: number | undefined;
  /** Folder of the log file; undefined: the project's. */
  readonly logPath: string | undefined;
  /** The command's name, for the head of the log file. */
  readonly command: string;
}

/** Output flags from the command line and the environment, else from `flags:` in dbt_project.yml. */
export function outputFlags(args: Args, command: string, project: YamlMap = {}): OutputFlags {
  const set = (name: string): YamlValue | undefined => project[name.replaceAll('-', '_')];
  const flag = (name: string): boolean | undefined => {
    const fallback = set(name);
    return args.flag(name) ?? (typeof fallback === 'boolean' ? fallback : undefined);
  };
  const text = (name: string): string | undefined => {
    const fallback = set(name);
    return args.text(name) ?? (typeof fallback === 'string' ? fallback : undefined);
  };
  const width = args.number('printer-width') ?? set('printer-width');
  const debug = flag('debug') === true;
  const level = (text('log-level') ?? 'info') as LogLevel;
  return {
    format: text('log-format') === 'json' ? 'json' : 'text',
    level: flag('quiet') ? 'error' : debug || text('log-format') === 'debug' ? 'debug' : level,
    debug,
    colors: flag('use-colors'),
    printerWidth: typeof width === 'number' && width > 0 ? Math.floor(width) : undefined,
    logPath: args.text('log-path'),
    command,
  };
}

/**
 * `flags:` of the project's dbt_project.yml, for what is to be known before the project is loaded (colours, quiet);
 * empty when there is none, or the file can't be read: loading it will say why.
 */
export async function projectFlags(args: Args, io: Io): Promise<YamlMap> {
  const given = args.text('project-dir');
  try {
    const text = readFileSync(
      join(given === undefined ? nearestProject(io.cwd) : resolve(io.cwd, given), PROJECT_FILE),
      'utf8',
    );
    if (!/^flags\s*:/m.test(text)) return {};
    const { parsePlainYaml } = await import('../project/plain-yaml.js');
    const plain = parsePlainYaml(text);
    const root = plain === undefined ? (await import('../project/yaml-package.js')).parse(text) : plain.value;
    const flags: unknown = (root as { readonly flags?: unknown }).flags;
    return typeof flags === 'object' && flags !== null && !Array.isArray(flags) ? (flags as YamlMap) : {};
  } catch {
    return {};
  }
}

/** What loading a project needs. @throws UpsqlError for `--project-dir`, `--vars` or `--threads` that can't be meant. */
export async function loadOptions(args: Args, io: Io): Promise<LoadOptions> {
  const folder = (name: string): string | undefined => {
    const path = args.text(name);
    return path === undefined ? undefined : resolve(io.cwd, path);
  };
  const given = folder('project-dir');
  if (given !== undefined && !existsSync(given)) {
    throw usageError(`--project-dir: there is no folder ${given}`, 'Give the folder that holds dbt_project.yml.');
  }
  const options = {
    projectDir: given ?? nearestProject(io.cwd),
    profilesDir: folder('profiles-dir'),
    profile: args.text('profile'),
    target: args.text('target'),
    targetPath: args.text('target-path'),
    vars: await yamlMapping(args.text('vars'), '--vars'),
    threads: threadCount(args),
    versionCheck: args.flag('version-check'),
    env: io.env,
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** The nearest folder upwards with a dbt_project.yml; the folder itself when there is none. */
function nearestProject(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, PROJECT_FILE))) return folder;
    if (folder === dirname(folder)) return from;
  }
}

/** A flag's YAML value as a mapping: `{a: 1}` or `a: 1`. */
export async function yamlMapping(text: string | undefined, name: string): Promise<YamlMap | undefined> {
  if (text === undefined) return undefined;
  const { parseDocument } = await import('../project/yaml-package.js');
  const document = parseDocument(text, { intAsBigInt: false });
  const fault = document.errors[0];
  const value = fault === undefined ? (document.toJS() as YamlValue) : null;
  if (fault !== undefined || typeof value !== 'object' || value === null || Array.isArray(value)) {
    const why = fault === undefined ? `it is no mapping: '${text}'` : (fault.message.split('\n')[0] ?? '');
    throw usageError(`${name} can't be read: ${why}`, `Write it as YAML, such as ${name} '{start: 2024-01-01}'.`);
  }
  return value as YamlMap;
}
