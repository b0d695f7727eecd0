import { join } from 'node:path';
import type { Command } from '../command.js';
import { openProject } from '../open-project.js';

export const command: Command = {
  options: [],
  examples: [['upsql parse', 'Check the whole project without touching the warehouse']],
  async run(context) {
    const started = performance.now();
    const opened = await openProject(context, [], { warehouse: false, needs: 'metadata' });
    try {
      const seconds = ((performance.now() - started) / 1000).toFixed(2);
      const { nodes, sources, macros } = opened.counts;
      const counts = `${nodes} nodes, ${sources} sources and ${macros} macros`;
      const say = (text: string): void =>
        context.output.message({ level: 'info', name: 'Note', code: 'Z050', text, only: 'text' });
      say(`Parsed ${counts} in ${seconds}s`);
      const written = context.args.flag('write-json') !== false;
      if (written) say(`Manifest: ${join(opened.engine.project.targetDir, 'manifest.json')}`);
      return 0;
    } finally {
      await opened.close();
    }
  },
};
