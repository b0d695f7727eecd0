import { environmentOption, resourceTypeOptions, storeFailuresOption } from '../options.js';
import { taskCommand } from './task-command.js';

export const command = taskCommand({
  options: [...resourceTypeOptions, storeFailuresOption, environmentOption],
  examples: [
    ['upsql test', 'All tests'],
    ['upsql test -s dim_users --store-failures', 'The tests of a model; failing rows stay in tables'],
  ],
  tests: true,
  load: async () => (await import('../../run/tasks/test.js')).test,
});
