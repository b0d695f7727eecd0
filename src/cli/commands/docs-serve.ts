import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { problem, UpsqlError } from '../../diagnostics/index.js';
import type { Command } from '../command.js';
import { loadOptions } from '../flags.js';
import { optionKinds } from '../options.js';
import { usageError } from '../usage.js';

const GROUP = 'Docs:';
const options = [
  optionKinds.number('port', 'Port to listen on; 0: any free one (default: 8080)', GROUP),
  optionKinds.text('host', 'Address to listen on (default: 127.0.0.1, this machine only)', GROUP),
  optionKinds.flag('browser', 'Open a browser (default: true in a terminal)', GROUP),
];

export const command: Command = {
  options,
  examples: [['upsql docs generate && upsql docs serve', 'Look at the project until Ctrl-C']],
  async run({ args, io, output, signal }) {
    const port = args.number('port') ?? 8080;
    if (!Number.isInteger(port) || port < 0 || port > 65535) throw usageError(`--port is no port: ${port}`);
    const { loadProject } = await import('../../project/index.js');
    const project = await loadProject(await loadOptions(args, io));
    output.project(project);
    if (!existsSync(join(project.targetDir, 'manifest.json'))) {
      throw new UpsqlError(
        problem('no-docs', `There is nothing to show yet: ${join(project.targetDir, 'manifest.json')} is not there`, {
          hint: 'Make it first: upsql docs generate.',
        }),
      );
    }
    const { docsPage, openBrowser, serveDocs } = await import('../../site/index.js');
    const page = await docsPage(project.config.name);
    const server = await serveDocs(page, project.targetDir, { port, host: args.text('host') ?? '127.0.0.1' });
    output.log('info', `Docs of ${project.config.name}: ${server.address} (Ctrl-C ends)`);
    if (args.flag('browser') ?? io.stdout.isTTY === true) openBrowser(server.address);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve());
    });
    await server.close();
    return 0;
  },
};
