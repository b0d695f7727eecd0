import { resolve } from 'node:path';
import type { Command } from '../command.js';
import { openProject } from '../open-project.js';
import { optionKinds, selectionOptions } from '../options.js';
import { exitCode, taskOptions } from '../task-options.js';

const options = [
  optionKinds.text('output', 'File for the results (default: sources.json in the target folder)', 'Freshness:', {
    alias: ['o'],
  }),
  ...selectionOptions,
];

export const command: Command = {
  options,
  examples: [
    ['upsql source freshness', 'All sources that say how old they may be'],
    ['upsql source freshness -s source:shop', 'The tables of one source'],
  ],
  async run(context) {
    const opened = await openProject(context, options);
    const { engine } = opened;
    try {
      const { freshness } = await import('../../run/tasks/freshness.js');
      const outcome = await freshness(engine, taskOptions(context, opened));
      await opened.writeReports(outcome);
      if (opened.writesJson) {
        const { writeSources } = await import('../../artifacts/index.js');
        const given = context.args.text('output');
        const file = given === undefined ? undefined : resolve(context.io.cwd, given);
        const place = { targetDir: engine.project.targetDir, file };
        await writeSources(outcome, engine.manifest, place, { secrets: opened.secrets });
      }
      return exitCode(outcome);
    } finally {
      await opened.close();
    }
  },
};
