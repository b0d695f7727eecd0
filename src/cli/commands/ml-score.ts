import { resolve } from 'node:path';
import type { Command } from '../command.js';
import { openProject } from '../open-project.js';
import { optionKinds } from '../options.js';
import { exitCode, taskOptions } from '../task-options.js';
import { usageError } from '../usage.js';

const GROUP = 'Model:';
const options = [
  optionKinds.number('model-version', 'Version to score with (default: the promoted one)', GROUP),
  optionKinds.text('out', 'File for the scores (.csv, .parquet or .json) in place of the table', GROUP),
];

export const command: Command = {
  positional: '<model>',
  options,
  examples: [
    ['upsql ml score churn_scores', 'Build the table of scores with the promoted version'],
    ['upsql ml score churn_scores --model-version 2 --out old.parquet', 'Scores of another version, to a file'],
  ],
  async run(context) {
    const { args, io, output } = context;
    const [name] = args.positional;
    if (name === undefined) throw usageError('<model> is missing');
    const opened = await openProject(context, options);
    try {
      const { engine } = opened;
      const [{ findMlNode, inputQuery, storeOf }, { scoringQuery }, { callModels }] = await Promise.all([
        import('../../run/ml/task.js'),
        import('../../run/ml/score.js'),
        import('../../run/ml/call-models.js'),
      ]);
      const task = findMlNode(engine, name);
      const version = args.number('model-version') ?? task.spec.version;
      const artifact = storeOf(engine).load(task.name, version);
      const out = args.text('out');
      if (out === undefined) {
        task.node.config.ml = { ...(task.node.config.ml as object), train: 'command', version: artifact.version };
        const { run } = await import('../../run/tasks/run.js');
        const outcome = await run(engine, { ...taskOptions(context, opened), select: [task.node.name] });
        for (const result of outcome.results) output.diagnostics(result.diagnostics);
        await opened.writeResults(outcome);
        return exitCode(outcome);
      }
      const format = (['csv', 'parquet', 'json'] as const).find((known) => out.endsWith(`.${known}`));
      if (format === undefined) throw usageError(`--out needs a .csv, .parquet or .json file, not '${out}'`);
      const session = await engine.adapter.session('score');
      const query = await inputQuery(engine, task.node, session);
      if (task.spec.type === 'classifier' && task.spec.output === 'reasons')
        throw usageError(`'${task.node.name}' has reasons as its output: score it into its table, without --out`);
      const { sql, setup } = await scoringQuery(engine, task, artifact, query, session);
      task.node.compiled_code = sql;
      await callModels(task.node, session);
      for (const statement of setup) await session.execute(statement, { fetch: false });
      const rows = await engine.adapter.exportQuery(session, task.node.compiled_code, resolve(io.cwd, out), format);
      await session.close();
      output.log('info', `Scored ${rows} rows with ${task.name} version ${artifact.version} to ${out}`);
      return 0;
    } finally {
      await opened.close();
    }
  },
};
