import type { ListOutput } from '../../run/tasks/list.js';
import type { Command } from '../command.js';
import { placeInEnvironment } from '../environment.js';
import { openProject } from '../open-project.js';
import { environmentOption, optionKinds, resourceTypeOptions, selectionOptions } from '../options.js';
import { selectionOf } from '../task-options.js';

const GROUP = 'List:';
// Not from UPSQL_ENV: listing needs no warehouse, and no environment that is still to be built.
const { env: _, ...listedEnvironment } = environmentOption;
const options = [
  optionKinds.text('output', 'Form of a line', GROUP, { choices: ['selector', 'name', 'path', 'json'] }),
  optionKinds.list('output-keys', 'Keys of the JSON, such as name config.materialized', GROUP),
  listedEnvironment,
  ...selectionOptions,
  ...resourceTypeOptions,
];

export const command: Command = {
  options,
  answers: true,
  examples: [
    ['upsql ls -s +dim_users', 'What a model needs'],
    ['upsql ls --resource-type source --output json', 'All sources as JSON lines'],
    ['upsql ls --env dev_ann --output json --output-keys name schema', 'Where an environment shows its nodes'],
  ],
  async run(context) {
    const { args } = context;
    const environment = args.text('env');
    const output = (args.text('output') ?? 'selector') as ListOutput;
    // Keys may be any of a node's, a state is compared with all of them, a log of JSON tells of macros too.
    const whole = output === 'json' || args.text('state') !== undefined || args.text('log-format') === 'json';
    const needs = whole ? 'graph' : 'listing';
    // An environment is known in the warehouse only.
    const needed = environment === undefined ? ({ warehouse: false, needs } as const) : {};
    const opened = await openProject(context, options, needed);
    try {
      await placeInEnvironment(opened.engine, environment);
      const { list } = await import('../../run/tasks/list.js');
      const keys = args
        .list('output-keys')
        .flatMap((key) => key.split(/\s+/))
        .filter((key) => key !== '');
      const lines = await list(opened.engine, {
        ...selectionOf(context, opened),
        output,
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
