import { randomUUID } from 'node:crypto';
import type { OutputFlags } from '../flags.js';
import type { Io } from '../io.js';
import { createOutput } from './create-output.js';
import { jsonSink } from './json.js';
import type { Output } from './output.js';
import { plainSink } from './plain.js';
import { terminalSink } from './terminal.js';

export type { Message, Output, Progress } from './output.js';

/**
 * The output that fits the stream and the flags: JSON lines, a live terminal, or plain lines. Of a command that answers
 * on stdout (`list`, `show`) the log goes to stderr, so that its answer can be piped on.
 */
export function openOutput(flags: OutputFlags, io: Io, answers = false, invocationId: string = randomUUID()): Output {
  if (flags.format === 'json') return createOutput(jsonSink(io.stdout, { invocationId, pid: process.pid }), flags, io);
  const log = answers ? io.stderr : io.stdout;
  const streams = { log, answer: io.stdout };
  const tty = log.isTTY === true && io.env.TERM !== 'dumb' && !io.env.CI;
  const colors = flags.colors ?? (tty && !io.env.NO_COLOR);
  return createOutput(tty ? terminalSink(streams, colors) : plainSink(streams, colors), flags, io);
}
