import { fullRefreshOption, resourceTypeOptions } from '../options.js';
import { taskCommand } from './task-command.js';

export const command = taskCommand({
  options: [...resourceTypeOptions, fullRefreshOption],
  copiesState: true,
  examples: [['upsql clone --state prod-artifacts', 'A copy of production to try changes on']],
  load: async () => (await import('../../run/tasks/clone.js')).clone,
});
