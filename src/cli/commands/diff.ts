import type { RelationDiff, Sides } from '../../diff/index.js';
import type { Node } from '../../parse/node.js';
import type { Engine } from '../../run/engine.js';
import type { Command } from '../command.js';
import { loadOptions } from '../flags.js';
import { openProject } from '../open-project.js';
import { environmentOption, optionKinds, selectionOptions } from '../options.js';
import { diffText } from '../output/diff-text.js';
import { selectionOf } from '../task-options.js';
import { usageError } from '../usage.js';

const GROUP = 'Diff:';
const SIDE = 'a target, a schema, or a folder with an earlier manifest.json';
const options = [
  optionKinds.text('left', `What to compare with: ${SIDE}`, GROUP),
  optionKinds.text('right', 'What to compare: the same (default: the target in use)', GROUP),
  optionKinds.text('key', 'Columns that rows are matched by, as a,b (default: unique_key or primary key)', GROUP),
  optionKinds.number('tolerance', 'How far floats may differ: relative, below 1 absolute (default: 0)', GROUP),
  optionKinds.number('samples', 'Rows to show of each difference (default: 3)', GROUP),
  optionKinds.text('output', 'Form of the answer', GROUP, { choices: ['text', 'json'] }),
  environmentOption,
  ...selectionOptions,
];

export const command: Command = {
  options,
  answers: true,
  examples: [
    ['upsql diff --left prod -s dim_users', 'A model in the target in use against production'],
    ['upsql diff --env dev_ann -s dim_users', 'A model in production against that in an environment'],
    ['upsql diff --left prod --right dev -s +dim_users --output json', 'Several models, for a program'],
  ],
  async run(context) {
    const { args, io, output } = context;
    const environment = args.text('env');
    if (environment !== undefined && args.text('right') !== undefined)
      throw usageError("--right can't be used with --env", 'The environment is what is compared.');
    const given = args.text('left') ?? args.text('state');
    if (given === undefined && environment === undefined)
      throw usageError('diff needs --left', `It is ${SIDE}: upsql diff --left prod -s my_model.`);
    const tolerance = atLeastZero('tolerance', args.number('tolerance') ?? 0);
    const samples = atLeastZero('samples', args.number('samples') ?? 3);
    const key = args
      .text('key')
      ?.split(',')
      .map((name) => name.trim());
    const opened = await openProject(context, options);
    try {
      const { openSides, diffNode } = await import('../../diff/index.js');
      const { selectNodes } = await import('../../run/selection.js');
      const { failureOf } = await import('../../run/failure.js');
      const { engine } = opened;
      const nodes = selectNodes(engine, ['model', 'seed', 'snapshot'], selectionOf(context, opened)).filter(
        (node) => node.config.materialized !== 'ephemeral',
      );
      if (nodes.length === 0) output.log('warn', 'No nodes are selected.');
      const load = await loadOptions(args, io);
      const left = given ?? engine.project.target.name;
      const opening = await openSides(engine, { left, right: args.text('right'), load, cwd: io.cwd });
      const sides = environment === undefined ? opening : await inEnvironment(engine, environment, opening);
      const stop = (): void => {
        for (const { session } of [sides.left, sides.right]) session.cancel();
      };
      context.signal.addEventListener('abort', stop);
      const diffs: RelationDiff[] = [];
      try {
        for (const node of nodes) {
          if (context.signal.aborted) return 2;
          output.progress({ label: node.name, done: diffs.length, total: nodes.length, unit: 'relations' });
          try {
            diffs.push(await diffNode(node, { ...sides, tolerance, samples, ...(key === undefined ? {} : { key }) }));
          } catch (error) {
            const { message, diagnostics } = failureOf(error, node, engine);
            output.diagnostics(diagnostics);
            diffs.push(failed(node, message));
          }
        }
      } finally {
        output.progress(null);
        context.signal.removeEventListener('abort', stop);
        await sides.close();
      }
      const labels = { left: sides.left.label, right: sides.right.label };
      const json = args.text('output') === 'json';
      output.result(json ? JSON.stringify({ ...labels, relations: diffs }, null, 2) : diffText(labels, diffs, output));
      return diffs.every(({ status }) => status === 'same') ? 0 : 1;
    } finally {
      await opened.close();
    }
  },
};

/** The environment in place of the right side, which is the target in use. */
async function inEnvironment(engine: Engine, name: string, sides: Sides): Promise<Sides> {
  const { readInEnvironment } = await import('../../env/index.js');
  const { environment, undo } = await readInEnvironment(engine, name);
  undo();
  return { ...sides, right: { ...sides.right, label: name, place: (id) => environment.nodes[id]?.name } };
}

function atLeastZero(name: string, value: number): number {
  if (Number.isFinite(value) && value >= 0) return value;
  throw usageError(`--${name} needs a number from 0 on, not ${value}`);
}

function failed(node: Node, note: string): RelationDiff {
  const nothing = { left: null, right: null, key: [], columns: [], rows: null, shown: [], added: [], removed: [] };
  return { ...nothing, id: node.unique_id, name: node.name, status: 'error', note };
}
