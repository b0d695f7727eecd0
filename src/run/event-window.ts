import { parseDocument } from 'yaml';
import { problem, UpsqlError } from '../diagnostics/index.js';
import type { EventWindow } from '../parse/context/references.js';
import { BATCH_SIZES, readTime } from './microbatch/batches.js';

/**
 * `--event-time-start` and `--event-time-end`: the span that microbatch models are built for. Undefined without them.
 * Throws UpsqlError when one is missing, can't be read, or the end is not after the start.
 */
export function eventTimeWindow(start: string | undefined, end: string | undefined): EventWindow | undefined {
  if (start === undefined && end === undefined) return undefined;
  if (start === undefined || end === undefined) {
    const missing = start === undefined ? '--event-time-start' : '--event-time-end';
    throw wrong(`${missing} is missing`, '--event-time-start and --event-time-end go together.');
  }
  return checked({ start: timeOf('--event-time-start', start), end: timeOf('--event-time-end', end) }, '--event-time');
}

/**
 * `--sample`: `3 days` back from now, or `{start: 2024-01-01, end: 2024-02-01}`. Throws UpsqlError for what can't be read.
 */
export function sampleWindow(text: string, now = new Date()): EventWindow {
  if (!text.trimStart().startsWith('{')) return relative(text, now);
  const document = parseDocument(text);
  const value = document.errors.length === 0 ? (document.toJS() as { start?: unknown; end?: unknown }) : {};
  if (value.start === undefined || value.end === undefined) throw wrong(`--sample can't be read: ${text}`, HINT);
  return checked({ start: timeOf('--sample', value.start), end: timeOf('--sample', value.end) }, '--sample');
}

const HINT = "Write --sample='3 days' or --sample='{start: 2024-01-01, end: 2024-02-01}'.";

function relative(text: string, now: Date): EventWindow {
  const found = /^\s*(\d+) ([a-z]+?)s?\s*$/i.exec(text);
  const size = BATCH_SIZES.find((known) => known === found?.[2]?.toLowerCase());
  if (found === null || size === undefined) throw wrong(`--sample can't be read: ${text}`, HINT);
  return { start: before(now, Number(found[1]), size), end: now };
}

/** So much earlier, at the same time of day; the last of the month where it has no such day. */
function before(now: Date, count: number, size: (typeof BATCH_SIZES)[number]): Date {
  const date = new Date(now);
  if (size === 'hour') date.setUTCHours(date.getUTCHours() - count);
  else if (size === 'day') date.setUTCDate(date.getUTCDate() - count);
  else {
    date.setUTCMonth(date.getUTCMonth() - (size === 'year' ? 12 * count : count));
    if (date.getUTCDate() !== now.getUTCDate()) date.setUTCDate(0);
  }
  return date;
}

function timeOf(flag: string, value: unknown): Date {
  const text = value instanceof Date ? value.toISOString() : String(value);
  const time = readTime(text);
  if (time === undefined)
    throw wrong(`${flag} is no date or time: ${text}`, 'Write it as 2024-01-31 or 2024-01-31T18:00:00.');
  return time;
}

function checked(window: EventWindow, flag: string): EventWindow {
  if (window.start < window.end) return window;
  throw wrong(`The end of ${flag} is not after its start`, 'The end is not part of the span: give a later one.');
}

function wrong(message: string, hint: string): UpsqlError {
  return new UpsqlError(problem('usage', message, { hint }));
}
