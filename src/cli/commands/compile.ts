import { join, relative } from 'node:path';
import type { Node } from '../../parse/node.js';
import type { RunListener } from '../../run/events.js';
import type { Command, CommandContext } from '../command.js';
import { placeInEnvironment } from '../environment.js';
import { announce, openProject } from '../open-project.js';
import { environmentOption, fullRefreshOption, optionKinds, selectionOptions } from '../options.js';
import { taskOptions } from '../task-options.js';

const GROUP = 'Compile:';
const options = [
  optionKinds.text('inline', 'A query with Jinja to compile in place of files', GROUP),
  optionKinds.text('output', 'Form of the SQL of a selection', GROUP, { choices: ['text', 'json'] }),
  { ...optionKinds.flag('introspect', 'Taken for compatibility', GROUP), hidden: true },
  { ...optionKinds.flag('inject-ephemeral-ctes', 'Taken for compatibility', GROUP), hidden: true },
  fullRefreshOption,
  environmentOption,
  ...selectionOptions,
];

export const command: Command = {
  options,
  answers: true,
  examples: [
    ['upsql compile', 'The SQL of everything, below target/compiled'],
    ['upsql compile -s dim_users', 'The SQL of one model, also printed'],
    [`upsql compile --inline "select * from {{ ref('dim_users') }}"`, 'The SQL of a query'],
  ],
  async run(context) {
    const { args, io, output } = context;
    const inline = args.text('inline');
    const opened = await openProject(context, options);
    try {
      await placeInEnvironment(opened.engine, args.text('env'));
      const { compile, compileInline } = await import('../../run/tasks/compile.js');
      const json = args.text('output') === 'json';
      if (inline !== undefined) {
        const started = performance.now();
        const { sql, result } = await compileInline(opened.engine, inline);
        announce(output, opened, 1);
        output.result(
          json ? JSON.stringify({ compiled: sql }, null, 2) : sql,
          compiledEvent(context, result.node, sql, true),
        );
        const elapsed = (performance.now() - started) / 1000;
        await opened.writeResults({ results: [result], elapsed, success: true });
        return 0;
      }
      const outcome = await compile(opened.engine, { ...taskOptions(context, opened), listen: quietly(opened.listen) });
      await opened.writeResults(outcome);
      if (outcome.success) {
        const where = relative(io.cwd, join(opened.engine.project.targetDir, 'compiled'));
        const text = `Compiled ${outcome.results.length} nodes in ${outcome.elapsed.toFixed(2)}s, see ${where}`;
        output.message({ level: 'info', name: 'Note', code: 'Z050', text, only: 'text' });
      }
      // As in dbt, the SQL of nodes that are selected by their name is printed; of more it would be no answer to read.
      const asked = new Set(args.list('select').flatMap((words) => words.split(/[\s,]+/)));
      const named = outcome.results.filter(({ node }) => asked.has(node.name) && node.compiled_code !== undefined);
      for (const { node } of named) {
        const sql = node.compiled_code ?? '';
        const title = named.length > 1 ? `-- ${node.original_file_path}: ${node.name}\n` : '';
        output.result(
          json ? JSON.stringify({ node: node.name, compiled: sql }, null, 2) : title + sql.trim(),
          compiledEvent(context, node, sql, false),
        );
      }
      // As in dbt: what does not compile is a mistake in the project.
      return outcome.success ? 0 : 2;
    } finally {
      await opened.close();
    }
  },
};

/** dbt's event for SQL that was asked for. */
function compiledEvent({ args }: CommandContext, node: Node, compiled: string, is_inline: boolean) {
  const asked = { output_format: args.text('output') ?? 'text', quiet: args.flag('quiet') === true };
  const data = { node_name: node.name, compiled, is_inline, unique_id: node.unique_id, ...asked };
  return { name: 'CompiledNode', code: 'Q042', data };
}

/** Leaves out the lines of nodes that went well, and the summary when all did: compiling makes nothing in the warehouse. */
export function quietly(listen: RunListener): RunListener {
  return (event) => {
    if (event.kind === 'node-start' || (event.kind === 'run-end' && event.outcome.success)) return;
    if (event.kind === 'node-end' && event.result.status === 'success') return;
    listen(event);
  };
}
