import type { Sink } from './create-output.js';
import type { Progress } from './output.js';
import type { LogStreams } from './plain.js';
import { runLine, trackRun, workLine } from './progress-line.js';
import { createStyle } from './style.js';

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_LINE = '\r\u001b[2K';
const FRAME_MS = 90;

export interface Clock {
  now(): number;
  /** Calls `tick` every `ms`, without keeping the process alive; gives the way to stop it. */
  every(ms: number, tick: () => void): () => void;
}

const systemClock: Clock = {
  now: () => performance.now(),
  every(ms, tick) {
    const timer = setInterval(tick, ms);
    timer.unref();
    return () => clearInterval(timer);
  },
};

/**
 * A terminal: finished nodes as lines, below them one live line that is redrawn in place. Every write is one string, so
 * that nothing flickers, and the cursor is back after `close`.
 */
export function terminalSink(streams: LogStreams, colors: boolean, clock: Clock = systemClock): Sink {
  const style = createStyle(colors);
  const run = trackRun();
  let work: { progress: Progress; started: number } | null = null;
  let drawn = false;
  let stop: (() => void) | null = null;

  const live = (): string => {
    const width = Math.max(20, (streams.log.columns ?? 80) - 1);
    const state = run.state(clock.now());
    if (state !== null) return runLine(state, width, style);
    return work === null ? '' : workLine(work.progress, clock.now() - work.started, width, style);
  };
  const write = (text: string, answer = false): void => {
    const line = live();
    const before = drawn ? CLEAR_LINE : line === '' ? '' : HIDE_CURSOR;
    const after = line !== '' ? line : drawn ? SHOW_CURSOR : '';
    drawn = line !== '';
    if (answer && streams.answer !== streams.log) {
      if (before !== '') streams.log.write(before);
      streams.answer.write(text);
      if (after !== '') streams.log.write(after);
    } else if (before + text + after !== '') streams.log.write(before + text + after);
    if (drawn && stop === null) stop = clock.every(FRAME_MS, () => write(''));
    else if (!drawn && stop !== null) {
      stop();
      stop = null;
    }
  };
  return {
    style,
    width: streams.log.columns ?? 80,
    printerWidth: Math.max(40, Math.min(100, (streams.log.columns ?? 80) - 26)),
    event: (event) => run.event(event, clock.now()),
    // The live line shows what runs, the summary what was skipped for which reason.
    hides: (message) => message.name === 'LogStartLine' || message.name === 'SkippingDetails',
    message: ({ text }) => write(`${text}\n`),
    result: (text) => write(`${text}\n`, true),
    progress(progress) {
      const changed = progress?.label !== work?.progress.label;
      work = progress === null ? null : { progress, started: changed || work === null ? clock.now() : work.started };
      // Redrawn by the timer; only the first and the last state are drawn at once.
      if (changed || progress === null) write('');
    },
    close() {
      work = null;
      run.event({ kind: 'run-end', outcome: { results: [], elapsed: 0, success: true } }, clock.now());
      write('');
    },
  };
}
