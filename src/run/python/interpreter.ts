/** Which Python runs a project's models, and with what. */
import { isAbsolute, resolve } from 'node:path';
import { readExtensions } from '../../adapters/duckdb/credentials.js';
import { asTexts } from '../../adapters/duckdb/fields.js';
import { problem, UpsqlError } from '../../diagnostics/index.js';
import type { Node } from '../../parse/node.js';
import type { Project, YamlValue } from '../../project/project.js';

export interface Interpreter {
  /** A command of the PATH, or an absolute path. */
  readonly command: string;
  /** Where it was named, for messages. */
  readonly from: string;
}

const texts = (value: YamlValue | undefined): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];

/** A path of the project's own is meant from its folder; a bare name is looked for along the PATH. */
function commandOf(written: string, root: string): string {
  return isAbsolute(written) || !/[\\/]/.test(written) ? written : resolve(root, written);
}

/**
 * The interpreter of a model: its config `python`, else the variable UPSQL_PYTHON, else `python` of the profile's target,
 * else `python3` (`python` on Windows), which is that of an active virtual environment.
 */
export function interpreterOf(project: Project, node: Node): Interpreter {
  const { credentials } = project.target;
  const written: readonly (readonly [unknown, string])[] = [
    [node.config.python, `the config 'python' of ${node.name}`],
    [project.env.UPSQL_PYTHON, 'UPSQL_PYTHON'],
    [credentials.python, "'python' of the profile"],
  ];
  for (const [value, from] of written)
    if (typeof value === 'string' && value !== '') return { command: commandOf(value, project.root), from };
  return { command: process.platform === 'win32' ? 'python' : 'python3', from: 'the PATH' };
}

/** What the model's own connection has of the profile: config options, extensions, settings, folders of modules. */
export function setupOf(project: Project): {
  readonly config: Readonly<Record<string, string>>;
  readonly extensions: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
  readonly modulePaths: readonly string[];
} {
  const { credentials } = project.target;
  // Its database is in memory, whatever the project's file allows.
  const { access_mode: _, ...config } = asTexts(credentials.config_options, 'config_options');
  return {
    extensions: readExtensions(credentials).map(({ name }) => name),
    settings: asTexts(credentials.settings, 'settings'),
    config,
    modulePaths: texts(credentials.module_paths).map((path) => resolve(project.root, path)),
  };
}

/** For a command that can't be started. */
export function noPython(node: Node, { command, from }: Interpreter, why: string): UpsqlError {
  return new UpsqlError(
    problem(
      'python-missing',
      `The Python model '${node.name}' needs Python, and '${command}' (${from}) did not start: ${why}`,
      {
        hint:
          "Install Python 3.8 or newer with the package duckdb, or name an interpreter: UPSQL_PYTHON=/path/to/python, or 'python' " +
          "in the profile's target.",
      },
    ),
    1,
  );
}
