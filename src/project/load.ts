import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Diagnostic } from '../diagnostics/index.js';
import { loadPackages } from './packages.js';
import { loadTarget } from './profile.js';
import type { LoadOptions, Project, Target } from './project.js';
import { PROJECT_FILE, readProjectConfig, readProjectFile } from './project-file.js';
import type { Env } from './render.js';
import { targetContext } from './target.js';

/**
 * Loads the project in `projectDir` (default: DBT_PROJECT_DIR, else the current folder or the nearest one above it that
 * has a dbt_project.yml), the installed packages, and the chosen target of profiles.yml. Without any profiles.yml a DuckDB
 * file under the artifacts' folder serves. Throws UpsqlError with every problem found in the file that is at fault;
 * warnings are in the project's `diagnostics`.
 */
export async function loadProject(options: LoadOptions = {}): Promise<Project> {
  const env = options.env ?? process.env;
  const root = projectRoot(options, env);
  const raw = readProjectFile(root);
  const diagnostics: Diagnostic[] = [...raw.document.diagnostics];
  const targetPath = options.targetPath ?? env.DBT_ENGINE_TARGET_PATH ?? env.DBT_TARGET_PATH;
  const fromFile = typeof raw.value['target-path'] === 'string' ? raw.value['target-path'] : 'target';
  const target: Target = await loadTarget({
    root,
    projectName: typeof raw.value.name === 'string' ? raw.value.name : 'project',
    profile: raw.value.profile,
    document: raw.document,
    targetDir: path.resolve(root, targetPath ?? fromFile),
    options,
    env,
    diagnostics,
  });
  const cliVars = options.vars ?? {};
  const read = {
    env,
    cliVars,
    target: targetContext(target),
    versionCheck: options.versionCheck ?? true,
    diagnostics,
  };
  const logPath = env.DBT_ENGINE_LOG_PATH ?? env.DBT_LOG_PATH;
  const config = await readProjectConfig(raw, { ...read, targetPath, logPath });
  const packages = await loadPackages(root, config, read);
  const catalogs = existsSync(path.join(root, 'catalogs.yml'))
    ? await (await import('./catalogs-file.js')).loadCatalogs(root, target.type, { env, cliVars, secrets: true })
    : undefined;
  return {
    root,
    config,
    packages: [{ name: config.name, root, config, isRoot: true }, ...packages],
    target,
    ...(catalogs === undefined ? {} : { catalogs }),
    cliVars,
    targetDir: path.resolve(root, config.targetPath),
    env,
    diagnostics,
  };
}

/** The folder of the project that is meant; it need not have a dbt_project.yml. */
export function projectRoot(options: LoadOptions, env: Env): string {
  const given = options.projectDir ?? env.DBT_ENGINE_PROJECT_DIR ?? env.DBT_PROJECT_DIR;
  if (given !== undefined) return path.resolve(given);
  const start = process.cwd();
  for (let folder = start; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, PROJECT_FILE))) return folder;
    if (folder === path.dirname(folder)) return start;
  }
}
