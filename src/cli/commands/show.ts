import type { Command } from '../command.js';
import { placeInEnvironment } from '../environment.js';
import { announce, openProject } from '../open-project.js';
import { environmentOption, fullRefreshOption, optionKinds, selectionOptions } from '../options.js';
import { previewJson, tableText } from '../output/preview.js';
import { selectionOf } from '../task-options.js';
import { usageError } from '../usage.js';

const GROUP = 'Preview:';
const options = [
  optionKinds.text('inline', 'A query, with ref() and the rest of Jinja', GROUP),
  { ...optionKinds.text('inline-direct', 'A query as it is, without Jinja', GROUP), hidden: true },
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
    const [inline, direct] = [args.text('inline'), args.text('inline-direct')];
    const opened = await openProject(context, options);
    const started = performance.now();
    try {
      await placeInEnvironment(opened.engine, args.text('env'));
      const { show } = await import('../../run/tasks/show.js');
      const previews = await show(opened.engine, {
        ...selectionOf(context, opened),
        inline,
        direct,
        limit,
      });
      if (direct === undefined) announce(output, opened, previews.length);
      // Tests that come with what they test have a result, but are shown only when nothing else is.
      const relations = previews.filter(({ node }) => node?.resource_type !== 'test');
      for (const preview of relations.length > 0 ? relations : previews) {
        const json = args.text('output') === 'json';
        const text = json ? previewJson(preview) : tableText(preview, output);
        output.result(text, {
          name: 'ShowNode',
          code: 'Q041',
          data: {
            node_name: preview.name,
            preview: text,
            is_inline: preview.node === null,
            output_format: args.text('output') ?? 'text',
            unique_id: preview.result.node.unique_id,
            quiet: args.flag('quiet') === true,
          },
        });
      }
      const elapsed = (performance.now() - started) / 1000;
      // As in dbt, a query that is sent as it is leaves no results.
      if (direct === undefined)
        await opened.writeResults({ results: previews.map(({ result }) => result), elapsed, success: true });
      return 0;
    } finally {
      await opened.close();
    }
  },
};
