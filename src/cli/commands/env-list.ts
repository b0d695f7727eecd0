import type { Environment } from '../../env/index.js';
import type { Command } from '../command.js';
import { counted } from '../counted.js';
import { openProject } from '../open-project.js';
import { optionKinds } from '../options.js';
import { columnsText } from '../output/columns.js';

const options = [optionKinds.text('output', 'Form of the answer', 'Environment:', { choices: ['text', 'json'] })];

export const command: Command = {
  options,
  answers: true,
  examples: [['upsql env list', 'Environments of this target, and which can be promoted']],
  async run(context) {
    const { args, output } = context;
    const opened = await openProject(context, options, { writesManifest: false });
    try {
      const { listEnvironments } = await import('../../env/index.js');
      const listed = (await listEnvironments(opened.engine)).map(describe);
      if (args.text('output') === 'json') output.result(JSON.stringify(listed, null, 2));
      else if (listed.length === 0) output.result('There are no environments. Build one: upsql build --env dev_ann');
      else {
        const rows = listed.map(({ name, built_at, own, shared, previews, status }) => [
          name,
          built_at.slice(0, 16).replace('T', ' '),
          String(own),
          String(shared),
          String(previews),
          status,
        ]);
        output.result(columnsText([['environment', 'built', 'own', 'production', 'previews', 'status'], ...rows]));
      }
      return 0;
    } finally {
      await opened.close();
    }
  },
};

function describe({ name, createdAt, builtAt, nodes, settled, pending, failed }: Environment) {
  const count = (from: string): number => Object.values(nodes).filter((node) => node.from === from).length;
  const status = !settled
    ? 'a build was not finished'
    : pending.length > 0
      ? `${pending.length} not built`
      : failed.length > 0
        ? counted(failed.length, 'failing test')
        : 'ready';
  const counts = { own: count('version'), shared: count('production'), previews: count('preview') };
  return { name, created_at: createdAt, built_at: builtAt, ...counts, status, pending, failed };
}
