import { join, relative, resolve } from 'node:path';
import { DatabaseError } from '../../adapters/adapter.js';
import { type Diagnostic, problem } from '../../diagnostics/index.js';
import type { Command } from '../command.js';
import { EXPORT_FORMATS, type ExportFormat, planExports } from '../exports.js';
import { openProject } from '../open-project.js';
import { optionKinds, selectionOptions } from '../options.js';
import { selectionOf } from '../task-options.js';

const GROUP = 'Export:';
const options = [
  optionKinds.text('out', 'Folder of the files (default: exports)', GROUP),
  optionKinds.text('format', 'Form of the files (default: by their names, else csv)', GROUP, {
    choices: EXPORT_FORMATS,
  }),
  ...selectionOptions,
];

export const command: Command = {
  options,
  examples: [
    ['upsql export', 'The tables that name a file: config: {meta: {export: merged_data.csv}}'],
    ['upsql export -s dim_users --format parquet', 'One table, as exports/dim_users.parquet'],
  ],
  async run(context) {
    const { args, io, output, signal } = context;
    const folder = resolve(io.cwd, args.text('out') ?? 'exports');
    const opened = await openProject(context, options);
    const { adapter } = opened.engine;
    try {
      const { selectNodes } = await import('../../run/selection.js');
      const nodes = selectNodes(opened.engine, ['model', 'seed', 'snapshot'], selectionOf(context, opened));
      const planned = planExports(nodes, {
        everything: args.list('select').length > 0 || args.text('selector') !== undefined,
        format: args.text('format') as ExportFormat | undefined,
      });
      const session = await adapter.session('export');
      signal.addEventListener('abort', () => session.cancel());
      const failed: Diagnostic[] = [];
      for (const [done, { node, file, format }] of planned.entries()) {
        signal.throwIfAborted();
        output.progress({ label: node.name, done, total: planned.length, unit: 'files' });
        const path = join(folder, file);
        try {
          const rows = await adapter.exportQuery(session, `select * from ${node.relation_name}`, path, format);
          const shown = relative(io.cwd, path);
          output.log(
            'info',
            `Wrote ${shown.startsWith('..') ? path : shown} (${rows.toLocaleString('en-US')} rows of ${node.name})`,
          );
        } catch (error) {
          if (!(error instanceof DatabaseError)) throw error;
          const hint = error.kind === 'missing' ? `Build it first: upsql build -s +${node.name}` : undefined;
          failed.push(problem('export-failed', `${node.name}: ${error.message}`, hint === undefined ? {} : { hint }));
        }
      }
      output.progress(null);
      await session.close();
      output.diagnostics(failed);
      return failed.length === 0 ? 0 : 1;
    } finally {
      await opened.close();
    }
  },
};
