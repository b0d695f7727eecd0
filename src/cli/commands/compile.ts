import type { Command } from '../command.js';
import { openProject } from '../open-project.js';
import { fullRefreshOption, optionKinds, selectionOptions } from '../options.js';
import { exitCode, taskOptions } from '../task-options.js';

const GROUP = 'Compile:';
const options = [
  optionKinds.text('inline', 'A query with Jinja to compile in place of files', GROUP),
  optionKinds.text('output', 'Form of the SQL of a selection', GROUP, { choices: ['text', 'json'] }),
  { ...optionKinds.flag('introspect', 'Taken for compatibility', GROUP), hidden: true },
  { ...optionKinds.flag('inject-ephemeral-ctes', 'Taken for compatibility', GROUP), hidden: true },
  fullRefreshOption,
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
    const { args, output } = context;
    const inline = args.text('inline');
    const opened = await openProject(context, options);
    try {
      const { compile, compileInline } = await import('../../run/tasks/compile.js');
      const json = args.text('output') === 'json';
      const print = (name: string | null, sql: string): void => {
        if (json)
          output.result(JSON.stringify(name === null ? { compiled: sql } : { node: name, compiled: sql }, null, 2));
        else output.result(sql);
      };
      if (inline !== undefined) {
        print(null, await compileInline(opened.engine, inline));
        return 0;
      }
      const outcome = await compile(opened.engine, taskOptions(context, opened));
      await opened.writeResults(outcome);
      // The SQL of a whole project would be no answer to read.
      if (args.list('select').length > 0) {
        const several = outcome.results.length > 1;
        for (const { node } of outcome.results) {
          if (node.compiled_code === undefined) continue;
          print(
            node.name,
            several && !json
              ? `-- ${node.original_file_path}: ${node.name}\n${node.compiled_code}`
              : node.compiled_code,
          );
        }
      }
      return exitCode(outcome);
    } finally {
      await opened.close();
    }
  },
};
