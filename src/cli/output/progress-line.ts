import type { RunEvent } from '../../run/events.js';
import type { Progress } from './output.js';
import type { Style } from './style.js';
import { textWidth, truncate } from './width.js';

/** What the live line of a run shows. */
export interface RunProgress {
  readonly done: number;
  readonly total: number;
  readonly failed: number;
  /** Names of the nodes under way, the longest running first. */
  readonly running: readonly string[];
  /** Milliseconds since the run began. */
  readonly elapsed: number;
}

/** Follows a run's events; `now` in milliseconds. */
export function trackRun(): {
  readonly event: (event: RunEvent, now: number) => void;
  readonly state: (now: number) => RunProgress | null;
} {
  let started: number | null = null;
  let done = 0;
  let failed = 0;
  let total = 0;
  const running = new Map<string, string>();
  return {
    event(event, now) {
      if (event.kind === 'run-start') {
        started = now;
        total = event.total;
        done = 0;
        failed = 0;
        running.clear();
      } else if (event.kind === 'node-start') {
        running.set(event.node.unique_id, event.node.name);
      } else if (event.kind === 'node-end') {
        running.delete(event.result.node.unique_id);
        // Hooks are not among the total.
        if (event.result.node.resource_type !== 'operation') done += 1;
        if (/error|fail/.test(event.result.status)) failed += 1;
      } else if (event.kind === 'run-end') started = null;
    },
    state(now) {
      if (started === null) return null;
      return { done, total, failed, running: [...running.values()], elapsed: now - started };
    },
  };
}

const BAR = 24;

/** `━━━━━━╺────  12/40  fact_events, dim_users +2  3.2s` within `width` cells. */
export function runLine(progress: RunProgress, width: number, style: Style): string {
  const share = progress.total === 0 ? 0 : progress.done / progress.total;
  const count = `${progress.done}/${progress.total}`;
  const failed = progress.failed > 0 ? ` ${progress.failed} failed` : '';
  const time = clock(progress.elapsed);
  const bar = Math.min(BAR, Math.max(0, width - 40));
  const room = width - bar - textWidth(count) - failed.length - time.length - 6;
  const names = fitNames(progress.running, room);
  const parts = [
    ...(bar > 0 ? [drawBar(share, bar, style)] : []),
    count + (failed === '' ? '' : style.red(failed)),
    ...(names === '' ? [] : [style.cyan(names)]),
    style.dim(time),
  ];
  const line = parts.join('  ');
  return textWidth(line) <= width ? line : truncate(`${count} ${time}`, width);
}

/** `users  ━━━━━━╺────  45%  450,000 of 1,000,000 events  1.2s` */
export function workLine(progress: Progress, elapsed: number, width: number, style: Style): string {
  const share = progress.total === 0 ? 1 : Math.min(1, progress.done / progress.total);
  const counts = `${progress.done.toLocaleString('en-US')} of ${progress.total.toLocaleString('en-US')} ${progress.unit}`;
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  const bar = Math.max(0, Math.min(BAR, width - textWidth(progress.label) - counts.length - 20));
  const text = [
    progress.label,
    ...(bar > 0 ? [drawBar(share, bar, style)] : []),
    percent,
    counts,
    style.dim(clock(elapsed)),
  ];
  const line = text.join('  ');
  return textWidth(line) <= width ? line : truncate(`${progress.label}${percent}`, width);
}

function drawBar(share: number, width: number, style: Style): string {
  const full = Math.floor(share * width);
  const rest = width - full;
  return style.green('━'.repeat(full)) + style.dim(rest > 0 ? `╺${'─'.repeat(rest - 1)}` : '');
}

function fitNames(names: readonly string[], room: number): string {
  if (names.length === 0 || room < 4) return '';
  for (let shown = Math.min(3, names.length); shown > 1; shown--) {
    const text = names.slice(0, shown).join(', ') + more(names.length - shown);
    if (textWidth(text) <= room) return text;
  }
  const tail = more(names.length - 1);
  return truncate(names[0] ?? '', Math.max(1, room - tail.length)) + tail;
}

const more = (count: number): string => (count > 0 ? ` +${count}` : '');

function clock(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)}s`;
  return `${Math.floor(seconds / 60)}m ${String(Math.floor(seconds % 60)).padStart(2, '0')}s`;
}
