import type { Command } from '../command.js';
import { counted } from '../counted.js';
import { openProject } from '../open-project.js';
import { optionKinds } from '../options.js';
import { usageError } from '../usage.js';

const options = [
  optionKinds.flag('dry-run', 'List them and drop nothing', 'Environment:'),
  optionKinds.number('keep-days', 'Keep what was built in the last so many days (default: 0)', 'Environment:'),
  optionKinds.text('output', 'Form of the answer', 'Environment:', { choices: ['text', 'json'] }),
];

export const command: Command = {
  options,
  answers: true,
  examples: [
    ['upsql env prune --dry-run', 'Which relations no environment needs any more'],
    ['upsql env prune --keep-days 7', 'Drop those that are older than a week'],
  ],
  async run(context) {
    const { args, output } = context;
    const days = args.number('keep-days') ?? 0;
    if (!(days >= 0)) throw usageError(`--keep-days needs a number from 0 on, not ${days}`);
    const opened = await openProject(context, options, { writesManifest: false });
    try {
      const { prune } = await import('../../env/index.js');
      const dryRun = args.flag('dry-run') === true;
      const { relations, kept } = await prune(opened.engine, { dryRun, days });
      if (args.text('output') === 'json') {
        output.result(JSON.stringify({ dry_run: dryRun, relations, kept }, null, 2));
        return 0;
      }
      const names = relations.map(({ schema, identifier }) => `  ${schema}.${identifier}`);
      const done = dryRun ? 'Would drop' : 'Dropped';
      output.result(
        [
          `${done} ${counted(relations.length, 'relation')}; ${counted(kept, 'version')} ${kept === 1 ? 'stays' : 'stay'}`,
          ...names,
        ].join('\n'),
      );
      return 0;
    } finally {
      await opened.close();
    }
  },
};
