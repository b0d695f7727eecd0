import { resolve } from 'node:path';
import { problem } from '../../diagnostics/index.js';
import type { Evaluation } from '../../run/ml/evaluate.js';
import type { Command } from '../command.js';
import { openProject } from '../open-project.js';
import { optionKinds } from '../options.js';
import { columnsText } from '../output/columns.js';
import { usageError } from '../usage.js';

const GROUP = 'Model:';
const options = [
  optionKinds.number('model-version', 'Version to compare with the promoted one (default: the newest)', GROUP),
  optionKinds.text('truth', "The simulator's truth.jsonl: adds the AUC of whoever knows that", GROUP),
  optionKinds.text('output', 'Form of the answer', GROUP, { choices: ['text', 'json'] }),
];

export const command: Command = {
  positional: '<model>',
  options,
  answers: true,
  examples: [
    ['upsql ml evaluate churn_scores --model-version 3', 'Version 3 and the promoted one on the rows of today'],
  ],
  async run(context) {
    const { args, io, output } = context;
    const [name] = args.positional;
    if (name === undefined) throw usageError('<model> is missing');
    const opened = await openProject(context, options);
    try {
      const { engine } = opened;
      const [{ findMlNode, storeOf }, { DRIFT_LIMIT, evaluateModel }] = await Promise.all([
        import('../../run/ml/task.js'),
        import('../../run/ml/evaluate.js'),
      ]);
      const task = findMlNode(engine, name);
      const store = storeOf(engine);
      const asked = args.number('model-version') ?? store.versions(task.name).at(-1);
      const promoted = store.promoted(task.name);
      const versions = [...new Set([promoted, asked])].filter((version) => version !== undefined);
      const artifacts = (versions.length === 0 ? [undefined] : versions).map((version) =>
        store.load(task.name, version),
      );
      const session = await engine.adapter.session('evaluate');
      const truth = args.text('truth');
      const path = truth === undefined ? undefined : resolve(io.cwd, truth);
      const evaluations = await evaluateModel(engine, task, artifacts, session, path);
      await session.close();
      if (args.text('output') === 'json') output.result(JSON.stringify(evaluations, null, 2));
      else output.result(evaluations.map((evaluation) => text(evaluation, promoted)).join('\n\n'));
      for (const { version, drift } of evaluations) {
        const drifted = Object.entries(drift).filter(([, psi]) => psi >= DRIFT_LIMIT);
        if (drifted.length === 0) continue;
        const list = drifted.map(([feature, psi]) => `${feature} (PSI ${psi.toFixed(2)})`).join(', ');
        const message = `the rows of today are spread otherwise than those version ${version} learnt from: ${list}`;
        const hint = 'Look at these features, and train again if the change is real.';
        opened.listen({ kind: 'warning', diagnostic: problem('ml-drift', message, { severity: 'warning', hint }) });
      }
      return 0;
    } finally {
      await opened.close();
    }
  },
};

const WHERE: Readonly<Record<Evaluation['on'], string>> = {
  new: 'that it has not seen',
  'held-out': 'held out when it was trained (none are newer)',
  all: 'in clusters',
};

function text(
  { name, version, on, rows, metrics, confusion, calibration }: Evaluation,
  promoted: number | undefined,
): string {
  const mark = version === promoted ? ' (promoted)' : '';
  const figures = Object.entries(metrics).map(([metric, { value, low, high }]) => [
    `  ${metric}`,
    value.toFixed(4),
    low === high ? '' : `95% ${low.toFixed(4)} to ${high.toFixed(4)}`,
  ]);
  const parts = [`${name} version ${version}${mark}, ${rows} rows ${WHERE[on]}`, columnsText(figures)];
  if (confusion !== undefined) {
    const { threshold, truePositives, falsePositives, falseNegatives, trueNegatives, precision, recall } = confusion;
    parts.push(
      columnsText([
        [`  at ${threshold}`, 'was 1', 'was 0'],
        ['  said 1', String(truePositives), String(falsePositives), `precision ${precision.toFixed(3)}`],
        ['  said 0', String(falseNegatives), String(trueNegatives), `recall ${recall.toFixed(3)}`],
      ]),
    );
  }
  if (calibration !== undefined) {
    const cells = calibration.map((bin) => `${bin.predicted.toFixed(2)}→${bin.observed.toFixed(2)}`);
    parts.push(`  calibration (predicted→observed): ${cells.join(' ')}`);
  }
  return parts.join('\n');
}
