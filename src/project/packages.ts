/** Installed packages (`dbt_packages/*`). */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { problem, UpsqlError } from '../diagnostics/index.js';
import type { Package, ProjectConfig } from './project.js';
import { PROJECT_FILE, type ReadOptions, readProjectConfig, readProjectFile } from './project-file.js';
import { readYaml } from './yaml.js';
import { isYamlMap } from './yaml-map.js';

/**
 * The packages under the root package's packages-install-path, by name. As in dbt they see no `--vars` in their
 * dbt_project.yml, and the root's quoting. Throws UpsqlError for a name used twice and for packages that are asked for
 * in packages.yml but are not installed.
 */
export async function loadPackages(
  root: string,
  rootConfig: ProjectConfig,
  options: Omit<ReadOptions, 'targetPath' | 'logPath'>,
): Promise<Package[]> {
  const folder = path.resolve(root, rootConfig.packagesInstallPath);
  const folders = existsSync(folder)
    ? readdirSync(folder)
        .filter((entry) => !entry.startsWith('__') && statSync(path.join(folder, entry)).isDirectory())
        .sort()
    : [];
  checkInstalled(root, folders.length, rootConfig);
  const byName = new Map<string, string>([
    [rootConfig.name, root],
    ['dbt', 'the engine'],
  ]);
  const packages: Package[] = [];
  for (const entry of folders) {
    const home = path.join(folder, entry);
    if (!existsSync(path.join(home, PROJECT_FILE)))
      throw new UpsqlError(
        problem('invalid-package', `The installed package in ${home} has no ${PROJECT_FILE}`, {
          hint: 'Install it again with "upsql deps", or remove the folder.',
        }),
      );
    const config = await readProjectConfig(readProjectFile(home), { ...options, cliVars: {} });
    const other = byName.get(config.name);
    if (other !== undefined)
      throw new UpsqlError(
        problem('duplicate-package', `Two packages have the name '${config.name}': ${other} and ${home}`, {
          hint: `Change the name in one ${PROJECT_FILE}, or remove one of them.`,
        }),
      );
    byName.set(config.name, home);
    packages.push({ name: config.name, root: home, config: { ...config, quoting: rootConfig.quoting }, isRoot: false });
  }
  return packages.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function checkInstalled(root: string, installed: number, config: ProjectConfig): void {
  const { file, count } = askedPackages(root);
  if (file === undefined || count <= installed) return;
  throw new UpsqlError(
    problem(
      'missing-packages',
      `${path.basename(file)} asks for ${count} package${count === 1 ? '' : 's'}, ${installed} installed in ${config.packagesInstallPath}`,
      { hint: 'Run "upsql deps".' },
    ),
  );
}

/** How many packages the project asks for, and in which file. */
function askedPackages(root: string): { file?: string; count: number } {
  for (const name of ['dependencies.yml', 'packages.yml']) {
    const file = path.join(root, name);
    if (!existsSync(file)) continue;
    const value = readYaml(readFileSync(file, 'utf8'), file).value;
    if (isYamlMap(value) && Array.isArray(value.packages)) return { file, count: value.packages.length };
  }
  return { count: 0 };
}
