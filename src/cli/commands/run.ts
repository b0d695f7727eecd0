import { emptyOption, environmentOptions, eventTimeOptions, fullRefreshOption } from '../options.js';
import { taskCommand } from './task-command.js';

export const command = taskCommand({
  options: [fullRefreshOption, emptyOption, ...eventTimeOptions, ...environmentOptions],
  examples: [
    ['upsql run', 'All models'],
    ['upsql run -s +dim_users', 'A model and all that it needs'],
    ['upsql run -f -s fact_events', 'An incremental model from nothing'],
  ],
  builds: true,
  load: async () => (await import('../../run/tasks/run.js')).run,
});
