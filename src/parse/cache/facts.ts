/** The key of a kept parse: everything but the project's files that a parse hangs on. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Project, targetContext } from '../../project/index.js';
import type { ParseOptions } from '../parse-project.js';
import { encode } from './codec.js';
import { digest } from './files.js';

/** Parts of the engine whose code decides what a parse gives. */
const CODE = ['adapters', 'jinja', 'parse', 'project'];
const CUSTOM_ENV = 'DBT_ENV_CUSTOM_ENV_';

/** A hash of the sources, which the build puts in; undefined where they run as they are. */
declare const UPSQL_BUILD: string | undefined;

let engine: string | undefined;

/** Stands for the engine's code (of sources: files' sizes and times), so that a new version never meets an old one's parse. */
function engineCode(): string {
  if (typeof UPSQL_BUILD === 'string') return UPSQL_BUILD;
  if (engine !== undefined) return engine;
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const own = fileURLToPath(import.meta.url);
  const lines = [own, ...CODE.flatMap((folder) => codeFiles(`${root}${folder}`))].map((file) => {
    const { size, mtimeMs } = statSync(file);
    return `${file} ${size} ${mtimeMs}`;
  });
  engine = digest(lines.join('\n'));
  return engine;
}

function codeFiles(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.[cm]?[jt]s$/.test(name))
      .sort()
      .map((name) => `${folder}/${name}`);
  } catch {
    return [];
  }
}

/** A hash of the engine, the project's and the target's settings, `--vars`. Throws NotKept for settings beyond JSON. */
export function factsKey(project: Project, options: ParseOptions): string {
  const { adapter } = options;
  const env = Object.entries(project.env)
    .filter(([name]) => name.startsWith(CUSTOM_ENV))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const facts = {
    engine: engineCode(),
    node: process.version,
    // Where they are part of the build they are not read for this.
    macros:
      typeof UPSQL_BUILD === 'string'
        ? null
        : digest(options.builtinMacros.map((file) => `${file.package}/${file.path}\n${file.text}`).join('\u0000')),
    packages: project.packages.map(({ name, root, config }) => ({
      name,
      root,
      config: { ...config, queryComment: config.queryComment ?? null },
      file: digest(readFileSync(`${root}/dbt_project.yml`)),
    })),
    vars: project.cliVars,
    target: targetContext(project.target),
    adapter: { type: adapter.type, database: adapter.database, schema: adapter.schema },
    static: options.staticReading ?? true,
    env,
  };
  return digest(encode(facts));
}
