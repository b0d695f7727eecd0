/** Installed packages (`dbt_packages/*`). */
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { problem, UpsqlError } from '../diagnostics/index.js';
import { readPackagesFile } from './packages-file.js';
import type { Package, ProjectConfig } from './project.js';
import { PROJECT_FILE, type ReadOptions, readProjectConfig, readProjectFile } from './project-file.js';

type ReadContext = Omit<ReadOptions, 'targetPath' | 'logPath'>;

/**
 * The packages under the root package's packages-install-path, by name. As in dbt they see no `--vars` in their
 * dbt_project.yml, and the root's quoting. Throws UpsqlError for a name used twice and for packages that are asked for
 * in packages.yml but are not installed.
 */
export async function loadPackages(root: string, rootConfig: ProjectConfig, options: ReadContext): Promise<Package[]> {
  const folder = path.resolve(root, rootConfig.packagesInstallPath);
  const folders = existsSync(folder)
    ? readdirSync(folder)
        .filter((entry) => !entry.startsWith('__') && isFolder(path.join(folder, entry)))
        .sort()
    : [];
  await checkInstalled(root, folders.length, rootConfig, options);
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
    // What a package asks for was installed long ago, but dbt reads it again all the same, and tells what is wrong with it.
    await readPackagesFile(home, { ...options, cliVars: {} }, false);
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

/** A link whose target is gone is none. */
function isFolder(entry: string): boolean {
  return statSync(entry, { throwIfNoEntry: false })?.isDirectory() === true;
}

async function checkInstalled(
  root: string,
  installed: number,
  config: ProjectConfig,
  context: ReadContext,
): Promise<void> {
  const { file, packages } = await readPackagesFile(root, context, true);
  const count = packages.length;
  if (count <= installed) return;
  throw new UpsqlError(
    problem(
      'missing-packages',
      `${path.basename(file)} asks for ${count} package${count === 1 ? '' : 's'}, ${installed} installed in ${config.packagesInstallPath}`,
      { hint: 'Run "upsql deps".' },
    ),
  );
}
