import {
  emptyOption,
  environmentOptions,
  eventTimeOptions,
  fullRefreshOption,
  resourceTypeOptions,
  storeFailuresOption,
} from '../options.js';
import { taskCommand } from './task-command.js';

export const command = taskCommand({
  options: [
    ...resourceTypeOptions,
    fullRefreshOption,
    emptyOption,
    ...eventTimeOptions,
    storeFailuresOption,
    ...environmentOptions,
  ],
  examples: [
    ['upsql build', 'Everything'],
    ['upsql build -s dim_users+', 'A model, what is built from it, and their tests'],
    ['upsql build --env dev_ann', 'What differs from production, beside it'],
    ['upsql build -s tag:daily --exclude test_type:data', 'Models with a tag, without their data tests'],
  ],
  builds: true,
  load: async () => (await import('../../run/tasks/build.js')).build,
});
