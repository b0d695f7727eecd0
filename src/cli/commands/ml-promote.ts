import type { Command } from '../command.js';
import { openProject } from '../open-project.js';
import { optionKinds } from '../options.js';
import { usageError } from '../usage.js';

const GROUP = 'Model:';
const options = [optionKinds.number('model-version', 'Version to score with (default: the newest)', GROUP)];

export const command: Command = {
  positional: '<model>',
  options,
  examples: [['upsql ml promote churn_scores --model-version 3', 'Score with version 3; a lower number goes back']],
  async run(context) {
    const { args, output } = context;
    const [name] = args.positional;
    if (name === undefined) throw usageError('<model> is missing');
    const opened = await openProject(context, options, { warehouse: false });
    try {
      const { modelName, storeOf } = await import('../../run/ml/task.js');
      const store = storeOf(opened.engine);
      const model = modelName(opened.engine, name);
      const version = args.number('model-version') ?? store.versions(model).at(-1) ?? 1;
      const before = store.promoted(model);
      await store.promote(model, version);
      output.log('info', `Promoted ${model} version ${version}${before === undefined ? '' : ` (before: ${before})`}`);
      return 0;
    } finally {
      await opened.close();
    }
  },
};
