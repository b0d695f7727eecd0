import type { ListOutput } from '../../run/tasks/list.js';
import type { Command } from '../command.js';
import { openProject } from '../open-project.js';
import { optionKinds, resourceTypeOptions, selectionOptions } from '../options.js';
import { selectionOf } from '../task-options.js';

const GROUP = 'List:';
const options = [
  optionKinds.text('output', 'Form of a line', GROUP, { choices: ['selector', 'name', 'path', 'json'] }),
  optionKinds.list('output-keys', 'Keys of the JSON, such as name config.materialized', GROUP),
  ...selectionOptions,
  ...resourceTypeOptions,
];

export const command: Command = {
  options,
  answers: true,
  examples: [
    ['upsql ls -s +dim_users', 'What a model needs'],
    ['upsql ls --resource-type source --output json', 'All sources as JSON lines'],
  ],
  async run(context) {
    const opened = await openProject(context, options, { warehouse: false, needs: 'graph' });
    try {
      const { list } = await import('../../run/tasks/list.js');
      const keys = context.args
        .list('output-keys')
        .flatMap((key) => key.split(/\s+/))
        .filter((key) => key !== '');
      const lines = await list(opened.engine, {
        ...selectionOf(context, opened),
        output: (context.args.text('output') ?? 'selector') as ListOutput,
        ...(keys.length === 0 ? {} : { outputKeys: keys }),
      });
      if (lines.length === 0) context.output.log('warn', 'No nodes are selected.');
      for (const line of lines) context.output.result(line);
      return 0;
    } finally {
      await opened.close();
    }
  },
};
