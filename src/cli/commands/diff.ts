import type { Command } from '../command.js';
import { placesInEnvironment } from '../environment.js';
import { loadOptions } from '../flags.js';
import { openProject } from '../open-project.js';
import { environmentOption, optionKinds, selectionOptions } from '../options.js';
import { diffText } from '../output/diff-text.js';
import { selectionOf } from '../task-options.js';
import { usageError } from '../usage.js';
import { comparisonOptions } from './comparison-options.js';

const GROUP = 'Diff:';
const SIDE = 'a target, a schema, env:NAME, or a folder with an earlier manifest.json';
const options = [
  optionKinds.text('left', `What to compare with: ${SIDE}`, GROUP),
  optionKinds.text('right', 'What to compare: the same (default: the target in use)', GROUP),
  ...comparisonOptions,
  environmentOption,
  ...selectionOptions,
];

export const command: Command = {
  options,
  answers: true,
  examples: [
    ['upsql diff --left prod -s dim_users', 'A model in the target in use against production'],
    ['upsql diff --env dev_ann -s dim_users', 'A model in production against that in an environment'],
    ['upsql diff --left env:dev_ann --right env:dev_bob', 'Two environments'],
    ['upsql diff --left prod --right dev -s +dim_users --output json', 'Several models, for a program'],
  ],
  async run(context) {
    const { args, io, output } = context;
    const given = args.text('left') ?? args.text('state');
    const named = args.text('right');
    // Both sides told leave nothing to the environment, which may come from a variable.
    const environment = given !== undefined && named !== undefined ? undefined : args.text('env');
    if (environment !== undefined && named !== undefined)
      throw usageError("--right can't be used with --env", 'The environment is what is compared.');
    if (given === undefined && environment === undefined)
      throw usageError('diff needs --left', `It is ${SIDE}: upsql diff --left prod -s my_model.`);
    const opened = await openProject(context, options);
    try {
      const [{ openSides }, { selectNodes }, { compareNodes }] = await Promise.all([
        import('../../diff/index.js'),
        import('../../run/selection.js'),
        import('../diff-nodes.js'),
      ]);
      const { engine } = opened;
      const nodes = selectNodes(engine, ['model', 'seed', 'snapshot'], selectionOf(context, opened)).filter(
        (node) => node.config.materialized !== 'ephemeral',
      );
      if (nodes.length === 0) output.log('warn', 'No nodes are selected.');
      const sides = await openSides(engine, {
        left: given ?? engine.project.target.name,
        right: environment === undefined ? named : `env:${environment}`,
        load: await loadOptions(args, io),
        cwd: io.cwd,
        environment: (name) => placesInEnvironment(engine, name),
      });
      try {
        const relations = await compareNodes(context, engine, nodes, sides);
        if (relations === undefined) return 2;
        const labels = { left: sides.left.label, right: sides.right.label };
        const json = args.text('output') === 'json';
        output.result(json ? JSON.stringify({ ...labels, relations }, null, 2) : diffText(labels, relations, output));
        return relations.every(({ status }) => status === 'same') ? 0 : 1;
      } finally {
        await sides.close();
      }
    } finally {
      await opened.close();
    }
  },
};
