import type { Command } from '../command.js';
import { yamlMapping } from '../flags.js';
import { openProject } from '../open-project.js';
import { optionKinds } from '../options.js';
import { exitCode } from '../task-options.js';
import { usageError } from '../usage.js';

const options = [optionKinds.text('args', "Arguments of the macro as YAML, such as '{role: reader}'", 'Run:')];

export const command: Command = {
  positional: '<macro>',
  options,
  examples: [["upsql run-operation grant_select --args '{role: reader}'", 'Call a macro of the project']],
  async run(context) {
    const [macro] = context.args.positional;
    if (macro === undefined) throw usageError('<macro> is missing');
    const values = await yamlMapping(context.args.text('args'), '--args');
    const opened = await openProject(context, options);
    try {
      const { runOperation } = await import('../../run/tasks/run-operation.js');
      const outcome = await runOperation(opened.engine, macro, values ?? {});
      const event = { name: 'RunningOperationCaughtError', code: 'Q001' };
      for (const result of outcome.results) context.output.diagnostics(result.diagnostics, event);
      await opened.writeResults(outcome);
      return exitCode(outcome);
    } finally {
      await opened.close();
    }
  },
};
