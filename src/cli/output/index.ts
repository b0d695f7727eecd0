import { randomUUID } from 'node:crypto';
import type { OutputFlags } from '../flags.js';
import type { Io, Stream } from '../io.js';
import { createOutput } from './create-output.js';
import { jsonSink } from './json.js';
import type { Output } from './output.js';
import { plainSink } from './plain.js';
import { createStyle } from './style.js';
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
  const colors = isTerminal(log, io) ? terminalColors(flags, io) : flags.colors === true;
  const sink = isTerminal(log, io) ? terminalSink(streams, colors) : plainSink(streams, colors);
  if (log === io.stdout) return createOutput(sink, flags, io);
  const tty = isTerminal(io.stdout, io);
  const style = createStyle(tty ? terminalColors(flags, io) : flags.colors === true);
  return createOutput(sink, flags, io, { style, width: tty ? (io.stdout.columns ?? 80) : undefined });
}

function isTerminal(stream: Stream, { env }: Io): boolean {
  return stream.isTTY === true && env.TERM !== 'dumb' && !env.CI;
}

function terminalColors(flags: OutputFlags, { env }: Io): boolean {
  return flags.colors ?? !env.NO_COLOR;
}
