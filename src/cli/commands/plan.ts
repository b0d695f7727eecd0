import type { Command } from '../command.js';
import { openProject } from '../open-project.js';
import { environmentOption, optionKinds, selectionOptions } from '../options.js';
import { planText } from '../output/plan-text.js';
import { threadCount } from '../run-flags.js';
import { requireStateManifest } from '../state.js';
import { selectionOf } from '../task-options.js';

const options = [
  optionKinds.text('output', 'Form of the answer', 'Plan:', { choices: ['text', 'json', 'markdown'] }),
  { ...optionKinds.flag('json', 'The same as --output json', 'Plan:') },
  optionKinds.flag('fail-on-breaking', 'End with exit code 1 when a change breaks something downstream', 'Plan:'),
  environmentOption,
  ...selectionOptions,
];

export const command: Command = {
  options,
  answers: true,
  examples: [
    ['upsql plan', 'What has changed since it was built in this target'],
    ['upsql plan --env dev_ann', 'What differs from production, and what of it is built already'],
    ['upsql plan --state prod-artifacts', 'What has changed against an earlier manifest'],
    ['upsql plan --state prod-artifacts --output markdown --fail-on-breaking', 'In CI: for a comment, and as a check'],
  ],
  async run(context) {
    const { args, output } = context;
    const opened = await openProject(context, options, { needsState: true });
    try {
      const { engine, state } = opened;
      requireStateManifest(args.text('state'), state);
      const selection = selectionOf(context, opened);
      const some =
        [selection.select, selection.exclude].some((list) => list?.length) || selection.selector !== undefined;
      const { selectIds } = await import('../../run/selection.js');
      const ids = some ? new Set(selectIds(engine, ['model', 'seed', 'snapshot'], selection)) : undefined;
      const given = {
        threads: threadCount(args),
        signal: context.signal,
        listen: opened.listen,
        ...(state.manifest === undefined ? {} : { earlier: state.manifest }),
        ...(ids === undefined ? {} : { ids }),
      };
      const environment = args.text('env');
      const plan =
        environment === undefined
          ? await (await import('../../plan/index.js')).makeChangePlan(engine, given)
          : await (await import('../../env/index.js')).planEnvironment(engine, environment, given);
      const form = args.flag('json') === true ? 'json' : args.text('output');
      if (form === 'json') output.result(JSON.stringify(plan, null, 2));
      else if (form === 'markdown') output.result((await import('../output/plan-markdown.js')).planMarkdown(plan));
      else output.result(planText(plan, engine.graph, output));
      const breaks = plan.build.some(({ impact }) => impact === 'breaking');
      return breaks && args.flag('fail-on-breaking') === true ? 1 : 0;
    } finally {
      await opened.close();
    }
  },
};
