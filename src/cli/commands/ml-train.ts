import type { Command } from '../command.js';
import { openProject } from '../open-project.js';
import { optionKinds } from '../options.js';
import { usageError } from '../usage.js';

const GROUP = 'Model:';
const options = [optionKinds.flag('promote', 'Score with the new version from now on', GROUP)];

export const command: Command = {
  positional: '<model>...',
  options,
  examples: [
    ['upsql ml train churn_scores', 'Learn from the rows of the model, into ml/churn_scores/<version>.json'],
    ['upsql ml train churn_scores --promote', 'And score with it from the next build on'],
  ],
  async run(context) {
    const { args, output } = context;
    if (args.positional.length === 0) throw usageError('<model> is missing');
    const opened = await openProject(context, options);
    try {
      const { engine } = opened;
      const { findMlNode, inputQuery, storeOf, trainOn } = await import('../../run/ml/task.js');
      const tasks = args.positional.map((name) => findMlNode(engine, name));
      const store = storeOf(engine);
      const session = await engine.adapter.session('train');
      for (const task of tasks) {
        const trained = await trainOn(engine, task, await inputQuery(engine, task.node, session), session);
        for (const note of trained.notes) output.log('info', `${task.name}: ${note}`);
        const { artifact, added } = await store.save(trained.artifact);
        const label = `${task.name} version ${artifact.version}`;
        output.log('info', added ? `Wrote ${label}` : `${label} is the same model: nothing written`);
        // The first version is taken at once: without one, nothing can be scored.
        if (args.flag('promote') === true || store.promoted(task.name) === undefined) {
          await store.promote(task.name, artifact.version);
          output.log('info', `Promoted ${label}`);
        }
      }
      await session.close();
      return 0;
    } finally {
      await opened.close();
    }
  },
};
