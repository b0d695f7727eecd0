import type { Command } from '../command.js';
import { counted } from '../counted.js';
import { openProject } from '../open-project.js';
import { usageError } from '../usage.js';

export const command: Command = {
  positional: '<environment>',
  options: [],
  examples: [['upsql env drop dev_ann', 'Its views go; `upsql env prune` then drops what nothing else shows']],
  async run(context) {
    const [name] = context.args.positional;
    if (name === undefined) throw usageError('<environment> is missing', 'See which there are with `upsql env list`.');
    const opened = await openProject(context, [], { writesManifest: false });
    try {
      const { dropEnvironment } = await import('../../env/index.js');
      const dropped = await dropEnvironment(opened.engine, name);
      context.output.log('info', `Dropped ${name}: ${counted(dropped.length, 'relation')}`);
      return 0;
    } finally {
      await opened.close();
    }
  },
};
