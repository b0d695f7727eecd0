import type { Diagnostic } from '../diagnostics/index.js';
import { projectRoot } from './load.js';
import type { LoadOptions, ProjectConfig, YamlMap } from './project.js';
import { readProjectConfig, readProjectFile } from './project-file.js';
import type { Env } from './render.js';

/** The root project without profile and packages. */
export interface RootProject {
  /** Absolute path. */
  readonly root: string;
  readonly config: ProjectConfig;
  readonly env: Env;
  readonly cliVars: YamlMap;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Loads dbt_project.yml alone, for commands that work before packages are installed and without a profile: missing
 * variables are None there, and `target` is empty, as in dbt. Throws UpsqlError with every problem found in the file.
 */
export async function loadRoot(options: LoadOptions = {}): Promise<RootProject> {
  const env = options.env ?? process.env;
  const root = projectRoot(options, env);
  const raw = readProjectFile(root);
  const diagnostics: Diagnostic[] = [...raw.document.diagnostics];
  const cliVars = options.vars ?? {};
  const config = await readProjectConfig(raw, {
    env,
    cliVars,
    lenient: true,
    targetPath: options.targetPath ?? env.DBT_ENGINE_TARGET_PATH ?? env.DBT_TARGET_PATH,
    logPath: env.DBT_ENGINE_LOG_PATH ?? env.DBT_LOG_PATH,
    versionCheck: options.versionCheck ?? true,
    diagnostics,
  });
  return { root, config, env, cliVars, diagnostics };
}
