import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { DocsOutcome } from '../../run/tasks/docs.js';
import type { Command, CommandContext } from '../command.js';
import { placeInEnvironment } from '../environment.js';
import { type OpenedProject, openProject } from '../open-project.js';
import { environmentOption, optionKinds, selectionOptions } from '../options.js';
import { taskOptions } from '../task-options.js';
import { quietly } from './compile.js';

const GROUP = 'Docs:';
const options = [
  optionKinds.flag('compile', 'Compile the nodes first, so that their SQL is shown (default: true)', GROUP),
  optionKinds.flag('empty-catalog', 'Ask the warehouse for nothing', GROUP),
  optionKinds.flag('static', 'Also write static_index.html, a page with everything in it', GROUP),
  environmentOption,
  ...selectionOptions,
];

export const command: Command = {
  options,
  examples: [
    ['upsql docs generate', 'catalog.json and a page that shows the project, in the target folder'],
    ['upsql docs generate --static', 'One file to send or to put anywhere'],
    ['upsql docs generate --env dev_ann', 'What a virtual environment shows'],
  ],
  async run(context) {
    const { args } = context;
    const compile = args.flag('compile') ?? true;
    // As in dbt: without compiling, the manifest of an earlier command is the better one.
    const opened = await openProject(context, options, { writesManifest: compile || args.flag('static') === true });
    try {
      await placeInEnvironment(opened.engine, args.text('env'));
      const { generateDocs } = await import('../../run/tasks/docs.js');
      const task = taskOptions(context, opened);
      const outcome = await generateDocs(opened.engine, {
        ...task,
        listen: quietly(opened.listen),
        compile,
        emptyCatalog: args.flag('empty-catalog') ?? false,
      });
      return await write(context, opened, outcome);
    } finally {
      await opened.close();
    }
  },
};

async function write(
  { args, io, output }: CommandContext,
  opened: OpenedProject,
  outcome: DocsOutcome,
): Promise<number> {
  const { compiled, catalog } = outcome;
  const { manifest, project } = opened.engine;
  const { targetDir } = project;
  if (compiled !== undefined) await opened.writeResults(compiled);
  if (catalog === undefined) {
    output.log('error', 'The docs were not made: some nodes did not compile.');
    return 2;
  }
  const [{ writeAtomic, writeCatalog }, { docsPage }] = await Promise.all([
    import('../../artifacts/index.js'),
    import('../../site/index.js'),
  ]);
  const file = await writeCatalog(catalog, manifest.metadata, targetDir);
  copyAssets(project.root, targetDir, project.config.assetPaths);
  await writeAtomic(join(targetDir, 'index.html'), [await docsPage(project.config.name)]);
  if (args.flag('static') === true) {
    const text = (name: string): string => readFileSync(join(targetDir, name), 'utf8');
    const artifacts = { manifest: text('manifest.json'), catalog: text('catalog.json') };
    await writeAtomic(join(targetDir, 'static_index.html'), [await docsPage(project.config.name, artifacts)]);
  }
  const count = Object.keys(catalog.nodes).length + Object.keys(catalog.sources).length;
  const shown = (path: string): string => {
    const near = relative(io.cwd, path);
    return near.startsWith('..') ? path : near;
  };
  const page = join(targetDir, args.flag('static') === true ? 'static_index.html' : 'index.html');
  const text = `Catalog of ${count} relation${count === 1 ? '' : 's'}: ${shown(file)}; page: ${shown(page)}`;
  output.message({ level: 'info', name: 'BuildingCatalog', code: 'E044', text: 'Catalog', data: {}, only: 'json' });
  output.message({ level: 'info', name: 'CatalogWritten', code: 'E042', text, data: { path: file } });
  for (const error of catalog.errors) output.log('error', `The catalog is not complete: ${error}`);
  return catalog.errors.length === 0 ? 0 : 1;
}

/** Folders of `asset-paths`, which descriptions refer to. */
function copyAssets(root: string, targetDir: string, paths: readonly string[]): void {
  for (const path of paths) {
    const from = resolve(root, path);
    const to = resolve(targetDir, path);
    if (!to.startsWith(targetDir) || to === targetDir || !existsSync(from)) continue;
    rmSync(to, { recursive: true, force: true });
    cpSync(from, to, { recursive: true });
  }
}
