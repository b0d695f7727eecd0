import { rmSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { problem, UpsqlError } from '../../diagnostics/index.js';
import type { ProjectConfig } from '../../project/project.js';
import type { Command } from '../command.js';
import { loadOptions } from '../flags.js';
import { reportVersion } from '../open-project.js';
import { optionKinds } from '../options.js';

export const command: Command = {
  options: [
    optionKinds.flag('clean-project-files-only', 'Refuse folders outside the project (default: true)', 'Clean:', {
      env: 'DBT_CLEAN_PROJECT_FILES_ONLY',
    }),
  ],
  async run({ args, io, output }) {
    if (output.structured) reportVersion(output, 'info');
    // Without profile and packages, which may be among what is cleaned.
    const { loadRoot } = await import('../../project/index.js');
    const project = await loadRoot(await loadOptions(args, io));
    output.project(project);
    output.diagnostics(project.diagnostics);
    const folders = foldersToClean(project.root, project.config, args.flag('clean-project-files-only') !== false);
    for (const folder of folders) {
      const data = { path: folder };
      const about = { level: 'info', data } as const;
      output.message({ ...about, name: 'CheckCleanPath', code: 'Z012', text: `Cleaning ${folder}`, only: 'json' });
      rmSync(folder, { recursive: true, force: true });
      output.message({ ...about, name: 'ConfirmCleanPath', code: 'Z013', text: `Cleaned ${folder}` });
    }
    const text = 'Finished cleaning all paths.';
    output.message({ level: 'info', name: 'FinishedCleanPaths', code: 'Z015', text, data: {} });
    return 0;
  },
};

/**
 * The absolute paths of `clean-targets`. All are checked before any is deleted.
 * @throws UpsqlError when one is the project itself, holds its sources, or (with `insideOnly`) lies outside of it.
 */
export function foldersToClean(root: string, config: ProjectConfig, insideOnly: boolean): string[] {
  const folders = [...new Set(config.cleanTargets.map((target) => resolve(root, target)))];
  const sources = [
    config.modelPaths,
    config.seedPaths,
    config.snapshotPaths,
    config.macroPaths,
    config.testPaths,
    config.analysisPaths,
  ].flatMap((paths) => paths.map((path) => resolve(root, path)));
  const refuse = (code: string, what: string, list: readonly string[]): never => {
    throw new UpsqlError(
      problem(code, `clean-targets name ${what}: ${list.join(', ')}`, {
        hint: 'Nothing was deleted. Take them out of clean-targets in dbt_project.yml.',
      }),
    );
  };
  const holding = folders.filter(
    (folder) => isWithin(folder, root) || sources.some((source) => isWithin(folder, source)),
  );
  if (holding.length > 0) refuse('clean-source', "the project's own files", holding);
  const outside = folders.filter((folder) => !isWithin(root, folder));
  if (insideOnly && outside.length > 0) refuse('clean-outside', 'folders outside the project', outside);
  return folders;
}

/** True when `path` is `folder` or lies in it. */
function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return !(way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way));
}
