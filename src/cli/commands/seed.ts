import { emptyOption, environmentOptions, fullRefreshOption, optionKinds } from '../options.js';
import { tableText } from '../output/preview.js';
import { taskCommand } from './task-command.js';

export const command = taskCommand({
  options: [
    fullRefreshOption,
    emptyOption,
    optionKinds.flag('show', 'Print the first rows of each seed', 'Run:'),
    ...environmentOptions,
  ],
  examples: [['upsql seed -s countries --show', 'One file, and a look at it']],
  builds: true,
  load: async () => (await import('../../run/tasks/seed.js')).seed,
  async after(engine, outcome, { args, output }) {
    if (args.flag('show') !== true) return;
    const names = outcome.results.flatMap((r) => (r.status === 'success' ? [r.node.name] : []));
    if (names.length === 0) return;
    const { show } = await import('../../run/tasks/show.js');
    for (const preview of await show(engine, { select: names, limit: 10, indirectSelection: 'empty' })) {
      output.result(`\n${tableText(preview, output)}`);
    }
  },
});
