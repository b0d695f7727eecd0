import { join, relative, resolve } from 'node:path';
import { type Diagnostic, UpsqlError } from '../../diagnostics/index.js';
import type { ExportFormat } from '../../ingest/export.js';
import type { Command } from '../command.js';
import { EXPORT_FORMATS, planExports } from '../exports.js';
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
      const [{ selectNodes }, { exportRelations }] = await Promise.all([
        import('../../run/selection.js'),
        import('../../ingest/export.js'),
      ]);
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
        // One by one: a table that can't be written does not keep back the others.
        try {
          const exports = [{ name: node.name, relation: node.relation_name ?? node.alias, file }];
          const [written] = await exportRelations({ session, adapter, exports, outDir: folder, format });
          const near = relative(io.cwd, join(folder, file));
          const rows = (written?.rows ?? 0).toLocaleString('en-US');
          output.log(
            'info',
            `Wrote ${near.startsWith('..') ? join(folder, file) : near} (${rows} rows of ${node.name})`,
          );
        } catch (error) {
          if (!(error instanceof UpsqlError)) throw error;
          failed.push(...error.diagnostics);
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
