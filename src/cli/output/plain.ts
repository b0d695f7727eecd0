import type { Stream } from '../io.js';
import type { Sink } from './create-output.js';
import { createStyle } from './style.js';

/** Where the log goes and where a command's answer goes; often the same. */
export interface LogStreams {
  readonly log: Stream;
  readonly answer: Stream;
}

/** Lines for a pipe or a log of CI: `HH:MM:SS  text` (UTC, as dbt), no control characters unless colours are asked for. */
export function plainSink(streams: LogStreams, colors: boolean, now: () => Date = () => new Date()): Sink {
  return {
    style: createStyle(colors),
    width: undefined,
    message: ({ text }) => {
      streams.log.write(`${now().toISOString().slice(11, 19)}  ${text}\n`);
    },
    result: (text) => {
      streams.answer.write(`${text}\n`);
    },
    command: (line) => {
      streams.log.write(`${line}\n`);
    },
    progress: () => {},
    close: () => {},
  };
}
