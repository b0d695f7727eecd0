import { emptyOption, environmentOptions } from '../options.js';
import { taskCommand } from './task-command.js';

export const command = taskCommand({
  options: [emptyOption, ...environmentOptions],
  examples: [['upsql snapshot', 'All snapshots']],
  builds: true,
  load: async () => (await import('../../run/tasks/snapshot.js')).snapshot,
});
