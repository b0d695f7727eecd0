import type { Command } from '../command.js';
import { counted } from '../counted.js';
import { openProject } from '../open-project.js';
import { optionKinds } from '../options.js';
import { shortName as short } from '../short-name.js';
import { usageError } from '../usage.js';

const options = [
  optionKinds.flag('dry-run', 'Say what would be done and do nothing', 'Environment:'),
  optionKinds.text('output', 'Form of the answer', 'Environment:', { choices: ['text', 'json'] }),
];

export const command: Command = {
  positional: '<environment>',
  options,
  answers: true,
  examples: [['upsql env promote dev_ann', 'Production shows what was built there; nothing is built again']],
  async run(context) {
    const { args, output } = context;
    const [name] = args.positional;
    if (name === undefined) throw usageError('<environment> is missing', 'See which there are with `upsql env list`.');
    const opened = await openProject(context, options, { writesManifest: false });
    try {
      const { promote } = await import('../../env/index.js');
      const dry = args.flag('dry-run') === true;
      const promoted = await promote(opened.engine, name, dry);
      if (args.text('output') === 'json') {
        output.result(JSON.stringify({ environment: name, dry_run: dry, ...promoted }, null, 2));
        return 0;
      }
      const { nodes, left, older, kept } = promoted;
      const lines =
        nodes.length === 0
          ? [`Nothing to promote: production shows what ${name} has`]
          : [`${dry ? 'Would promote' : 'Promoted'} ${name}: ${counted(nodes.length, 'relation')} of production`];
      lines.push(...nodes.map((id) => `  ${short(id)}`));
      if (kept.length > 0)
        lines.push(
          kept.length === 1
            ? '1 plain relation is kept under another name until `upsql env prune`'
            : `${kept.length} plain relations are kept under other names until \`upsql env prune\``,
        );
      if (left.length > 0)
        lines.push(`Left to production's next build, as their history is kept: ${left.map(short).join(', ')}`);
      if (older.length > 0)
        lines.push(
          `Production had newer data of: ${older.map(short).join(', ')}; bring it up to date: upsql build -s ${older.map(short).join(' ')}`,
        );
      output.result(lines.join('\n'));
      return 0;
    } finally {
      await opened.close();
    }
  },
};
