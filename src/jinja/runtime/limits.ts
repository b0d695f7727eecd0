import { getHeapStatistics } from 'node:v8';
import { Fault } from '../error.js';

/** What one render may use; generous for real projects, small enough that a hostile template can't harm the host. */
export interface Limits {
  /** Turns of all loops of one render together. */
  readonly loopIterations: number;
  /** Macros within macros. */
  readonly recursionDepth: number;
  /** Characters of a text (the output, or any string a template makes). */
  readonly textLength: number;
  /** Items of a list that an operator or a filter makes. */
  readonly listLength: number;
  /** Items of a `range`, as in Jinja2's sandbox. */
  readonly rangeLength: number;
}

export const DEFAULT_LIMITS: Limits = {
  loopIterations: 20_000_000,
  recursionDepth: 600,
  textLength: 64 * 1024 * 1024,
  listLength: 10_000_000,
  rangeLength: 100_000,
};

/** Limits of strings, lists and ranges hold for the whole process: values know nothing of their render. */
export const limits: { -readonly [K in keyof Limits]: Limits[K] } = { ...DEFAULT_LIMITS };

/** Changes limits, for the whole process; gives those that were in force. */
export function setLimits(changes: Partial<Limits>): Limits {
  const before = { ...limits };
  Object.assign(limits, changes);
  return before;
}

export function limitReached(what: string, limit: number): never {
  throw new Fault('LimitError', `${what} (the limit is ${limit.toLocaleString('en')})`);
}

/** Checks the length of a text before it is made. */
export function checkText(length: number): void {
  if (length > limits.textLength) limitReached('This text would be too long', limits.textLength);
  account(length);
}

/** Checks the length of a list before it is made. */
export function checkList(length: number): void {
  if (length > limits.listLength) limitReached('This list would be too long', limits.listLength);
  account(length * 8);
}

/** Checks the length of a list before one item is added. */
export function checkGrowth(length: number): void {
  if (length >= limits.listLength) limitReached('This list would be too long', limits.listLength);
  account(16);
}

const CHECK_EVERY = 64 * 1024 * 1024;
let sinceCheck = 0;

/** Many values of allowed size can fill the memory too; so it is looked at after each 64 MB or so that were asked for. */
function account(bytes: number): void {
  sinceCheck += bytes;
  if (sinceCheck < CHECK_EVERY) return;
  sinceCheck = 0;
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  if (used > limit * 0.85) throw new Fault('LimitError', 'The template has used up the memory');
}

/** What one render has used so far. */
export interface Usage {
  iterations: number;
  /** Templates and macros that are under way, one within the other. */
  depth: number;
}

/**
 * The render that runs now. Renders take turns at their awaits: an async form lets go of it before (`pause`) and takes
 * it up again after (`resume`), so that each macro finds the render that has called it, without a word from the host.
 */
let current: Usage | null = null;

/** The start of a template or a macro: part of the render that runs, or a render of its own. */
export function enter(): Usage {
  if (current === null || current.depth === 0) current = { iterations: 0, depth: 0 };
  if (current.depth >= limits.recursionDepth) limitReached('Macros call each other too deeply', limits.recursionDepth);
  current.depth++;
  return current;
}

export function leave(usage: Usage): void {
  usage.depth--;
}

/** The end of an async form, whose caller waits for it in any case. */
export function leaveAsync(usage: Usage): void {
  usage.depth--;
  current = null;
}

export function pause(): void {
  current = null;
}

export function resume(usage: Usage): void {
  current = usage;
}

/** One turn of a loop, with the length of the text made so far. */
export function tick(usage: Usage, length: number): void {
  if (++usage.iterations > limits.loopIterations) limitReached('The loops run too often', limits.loopIterations);
  if (length > limits.textLength) limitReached('The output is too long', limits.textLength);
  account(64);
}
