import type { Command } from '../command.js';
import { placeInEnvironment } from '../environment.js';
import { openProject } from '../open-project.js';
import { environmentOption, fullRefreshOption, optionKinds, selectionOptions } from '../options.js';
import { previewJson, tableText } from '../output/preview.js';
import { selectionOf } from '../task-options.js';
import { usageError } from '../usage.js';

const GROUP = 'Preview:';
const options = [
  optionKinds.text('inline', 'A query, with ref() and the rest of Jinja', GROUP),
  optionKinds.number('limit', 'Rows to show (default: 5; -1 for all)', GROUP),
  optionKinds.text('output', 'Form of the rows', GROUP, { choices: ['text', 'json'] }),
  { ...optionKinds.flag('introspect', 'Taken for compatibility', GROUP), hidden: true },
  fullRefreshOption,
  environmentOption,
  ...selectionOptions,
];

export const command: Command = {
  options,
  answers: true,
  examples: [
    ['upsql show -s dim_users --limit 20', 'Rows that a model gives, without building it'],
    [`upsql show --inline "select count(*) from {{ ref('dim_users') }}"`, 'A query'],
  ],
  async run(context) {
    const { args, output } = context;
    const limit = args.number('limit') ?? 5;
    if (!Number.isInteger(limit)) throw usageError(`--limit needs a whole number, not ${limit}`);
    const inline = args.text('inline');
    const opened = await openProject(context, options);
    const started = performance.now();
    try {
      await placeInEnvironment(opened.engine, args.text('env'));
      const { show } = await import('../../run/tasks/show.js');
      const previews = await show(opened.engine, {
        ...selectionOf(context, opened),
        ...(inline === undefined ? {} : { inline }),
        limit,
      });
      for (const preview of previews) {
        const json = args.text('output') === 'json';
        output.result(json ? previewJson(preview, inline !== undefined) : tableText(preview, output));
      }
      const elapsed = (performance.now() - started) / 1000;
      await opened.writeResults({ results: previews.map(({ result }) => result), elapsed, success: true });
      return 0;
    } finally {
      await opened.close();
    }
  },
};
