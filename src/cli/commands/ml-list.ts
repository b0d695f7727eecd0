import { UpsqlError } from '../../diagnostics/index.js';
import type { Artifact } from '../../ml/artifact/index.js';
import type { Command } from '../command.js';
import { openProject } from '../open-project.js';
import { optionKinds } from '../options.js';
import { columnsText } from '../output/columns.js';

const options = [optionKinds.text('output', 'Form of the answer', 'Model:', { choices: ['text', 'json'] })];

export const command: Command = {
  options,
  answers: true,
  examples: [['upsql ml list', 'Trained versions, their figures, and which are in use']],
  async run(context) {
    const { args, output } = context;
    const opened = await openProject(context, options, { warehouse: false });
    try {
      const { storeOf } = await import('../../run/ml/task.js');
      const store = storeOf(opened.engine);
      let damaged = false;
      const entries = store.names().flatMap((name) => {
        const promoted = store.promoted(name);
        return store.versions(name).map((version) => {
          try {
            return { promoted: promoted === version, name, version, artifact: store.load(name, version) };
          } catch (error) {
            if (!(error instanceof UpsqlError)) throw error;
            damaged = true;
            output.diagnostics(error.diagnostics);
            return { promoted: promoted === version, name, version, artifact: undefined };
          }
        });
      });
      if (args.text('output') === 'json') output.result(JSON.stringify(entries.map(summary), null, 2));
      else if (entries.length === 0) output.result(`No trained models in ${store.folder}`);
      else {
        const rows = entries.map((entry) => [
          entry.promoted ? '*' : '',
          entry.name,
          String(entry.version),
          ...(entry.artifact === undefined ? ['damaged', '', '', ''] : described(entry.artifact)),
        ]);
        output.result(columnsText([['', 'model', 'version', 'task', 'rows', 'trained on', 'figures'], ...rows]));
      }
      return damaged ? 1 : 0;
    } finally {
      await opened.close();
    }
  },
};

interface Entry {
  readonly promoted: boolean;
  readonly name: string;
  readonly version: number;
  readonly artifact: Artifact | undefined;
}

function described({ task, data, metrics }: Artifact): string[] {
  const window = data.window === null ? data.fingerprint.slice(0, 15) : `${data.window.from} to ${data.window.to}`;
  const shown = task === 'classifier' ? ['auc', 'logLoss', 'ece'] : ['inertia', 'silhouette'];
  const figures = shown.map((name) => `${name} ${metrics?.values[name]?.value.toFixed(3) ?? '?'}`);
  return [task, String(data.rows), window, figures.join(', ')];
}

function summary({ artifact, ...entry }: Entry) {
  if (artifact === undefined) return { ...entry, damaged: true };
  const { task, library, features, missing, seed, options: settings, data, metrics } = artifact;
  return { ...entry, task, library, features, missing, seed, options: settings, data, metrics };
}
