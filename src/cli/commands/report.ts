import { readFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import type { SqlValue } from '../../adapters/adapter.js';
import { problem, UpsqlError } from '../../diagnostics/index.js';
import type { Engine } from '../../run/engine.js';
import type { BuildStatus } from '../../site/index.js';
import type { Command } from '../command.js';
import { openProject } from '../open-project.js';
import { optionKinds } from '../options.js';

const GROUP = 'Report:';
const options = [
  optionKinds.text('out', 'File to write (default: report.html in the target folder)', GROUP),
  optionKinds.text('title', 'Title of the page (default: the var report_title, or the name of the project)', GROUP),
];

export const command: Command = {
  options,
  examples: [['upsql report --out report.html', 'One page with the figures of the marts, to open or send']],
  async run(context) {
    const { args, io, output } = context;
    const opened = await openProject(context, options);
    const { engine } = opened;
    try {
      const { collectReport, REPORT_RELATIONS, renderReport } = await import('../../site/index.js');
      const session = await engine.adapter.session('report');
      context.signal.addEventListener('abort', () => session.cancel());
      const relations = await builtRelations(engine, REPORT_RELATIONS, session);
      if (Object.keys(relations).length === 0) {
        throw new UpsqlError(
          problem('nothing-to-report', 'None of the tables that the report is made of has been built', {
            hint: `Build them first: upsql build. It reads ${REPORT_RELATIONS.join(', ')}.`,
          }),
        );
      }
      const query = async (sql: string): Promise<Record<string, SqlValue>[]> => {
        const { columns, rows } = await session.execute(sql);
        return rows.map((row) => Object.fromEntries(columns.map(({ name }, c) => [name, row[c] ?? null])));
      };
      const heading = { ...headingOf(engine, args.text('title')), build: await lastBuild(engine) };
      const page = await renderReport(await collectReport(query, relations, heading));
      await session.close();
      const out = args.text('out');
      const file = out === undefined ? resolve(engine.project.targetDir, 'report.html') : resolve(io.cwd, out);
      const { writeAtomic } = await import('../../artifacts/index.js');
      await writeAtomic(file, [page]);
      const missing = REPORT_RELATIONS.filter((name) => relations[name] === undefined);
      if (missing.length > 0) output.log('warn', `Not built, so left out: ${missing.join(', ')}`);
      const near = relative(io.cwd, file);
      output.log(
        'info',
        `Wrote ${near.startsWith('..') ? file : near} (${Math.ceil(Buffer.byteLength(page) / 1024)} kB)`,
      );
      return 0;
    } finally {
      await opened.close();
    }
  },
};

/** The title and subtitle that the project's vars give its page. */
function headingOf({ project }: Engine, title: string | undefined): { title: string; subtitle?: string } {
  const { vars, name } = project.config;
  const { report_title, report_subtitle } = vars;
  const shown = title ?? (typeof report_title === 'string' ? report_title : name);
  return typeof report_subtitle === 'string' ? { title: shown, subtitle: report_subtitle } : { title: shown };
}

/** What the artifacts of the target folder say of the last run. */
async function lastBuild({ project }: Engine): Promise<BuildStatus | undefined> {
  const { buildStatus } = await import('../../site/index.js');
  const text = (name: string): Promise<string | undefined> =>
    readFile(resolve(project.targetDir, name), 'utf8').catch(() => undefined);
  return buildStatus(await text('run_results.json'), await text('sources.json'));
}

/** The relations of those of the models that exist on the target. */
async function builtRelations<Name extends string>(
  { manifest, adapter }: Engine,
  names: readonly Name[],
  session: Awaited<ReturnType<Engine['adapter']['session']>>,
): Promise<Partial<Record<Name, string>>> {
  const found: Partial<Record<Name, string>> = {};
  const wanted = new Map(names.map((name) => [name as string, name]));
  for (const node of Object.values(manifest.nodes)) {
    const name = node.resource_type === 'model' ? wanted.get(node.name) : undefined;
    if (name === undefined || node.relation_name === null) continue;
    const relation = { database: node.database, schema: node.schema, identifier: node.alias };
    if ((await adapter.getColumns(session, relation)).length > 0) found[name] = node.relation_name;
  }
  return found;
}
