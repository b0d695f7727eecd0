import { resolve } from 'node:path';
import { problem } from '../../diagnostics/index.js';
import type { Behaviour, Format, SimulateOptions } from '../../simulate/index.js';
import type { Command } from '../command.js';
import { optionKinds } from '../options.js';
import { simulationTally } from '../simulation-tally.js';

const GROUP = 'Simulation:';
const { text, number } = optionKinds;

export const command: Command = {
  options: [
    text('out', 'Folder to write into (default: data/raw)', GROUP),
    number('users', 'Users who sign up (default: 20000)', GROUP),
    number('events', 'Events of all users together (default: 1000000)', GROUP),
    number('days', 'Days that the events span (default: 365)', GROUP),
    number('seed', 'Start of the random numbers; the same seed gives the same files (default: 42)', GROUP),
    text('format', 'Form of the files (default json)', GROUP, { choices: ['json', 'csv', 'parquet'] }),
    text('behaviour', 'Users who come, stay a while and leave (the default), or all alike', GROUP, {
      choices: ['lifecycle', 'classic'],
    }),
    text('end-date', 'The day after the last one, as YYYY-MM-DD (default: 2026-01-01)', GROUP),
    number('dirt', 'Damaged rows for each good event, 0 to 0.5', GROUP),
    number('late', 'Share of events that arrive days late, 0 to 0.5', GROUP),
    number('append-days', 'Write only so many more days, as a second batch', GROUP),
    number('from-day', 'First day to write, counted from 0', GROUP),
    number('to-day', 'Day after the last one to write', GROUP),
  ],
  examples: [
    ['upsql simulate', 'A million events of 20,000 users in data/raw'],
    ['upsql simulate --append-days 7', 'A week more, for the same users'],
  ],
  async run({ args, io, output, signal }) {
    const { simulate } = await import('../../simulate/index.js');
    const options: SimulateOptions = {
      out: resolve(io.cwd, args.text('out') ?? 'data/raw'),
      users: args.number('users'),
      events: args.number('events'),
      days: args.number('days'),
      seed: args.number('seed'),
      format: args.text('format') as Format | undefined,
      behaviour: args.text('behaviour') as Behaviour | undefined,
      endDate: args.text('end-date'),
      threads: args.number('threads'),
      dirt: args.number('dirt'),
      late: args.number('late'),
      appendDays: args.number('append-days'),
      fromDay: args.number('from-day'),
      toDay: args.number('to-day'),
      signal,
      onProgress: (done, total) => output.progress({ label: 'events', done, total, unit: 'events' }),
    };
    const result = await simulate(options);
    output.progress(null);
    for (const line of simulationTally(result, io.cwd)) output.log('info', line);
    if (result.others.length > 0) {
      output.diagnostics([
        problem('other-event-files', `The folder also holds ${result.others.join(', ')}`, {
          severity: 'warning',
          hint: 'A model that reads events* reads these as well. Delete them, or choose another --out.',
        }),
      ]);
    }
    return 0;
  },
};
