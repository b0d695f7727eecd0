import type { Node } from '../../parse/node.js';

export const BATCH_SIZES = ['hour', 'day', 'month', 'year'] as const;
export type BatchSize = (typeof BATCH_SIZES)[number];

/** A span of time that a microbatch model is built for at once; the end is not part of it. */
export interface Batch {
  readonly start: Date;
  readonly end: Date;
}

export interface BatchPlan {
  readonly size: BatchSize;
  /** The earliest time that there is anything to build for; `begin` of the model. */
  readonly begin: Date;
  /** Batches before the newest that are built again. */
  readonly lookback: number;
}

/** A date without its part below the batch size. */
export function truncate(date: Date, size: BatchSize): Date {
  const year = date.getUTCFullYear();
  const month = size === 'year' ? 0 : date.getUTCMonth();
  const day = size === 'year' || size === 'month' ? 1 : date.getUTCDate();
  return utc(year, month, day, size === 'hour' ? date.getUTCHours() : 0);
}

/** The start of the batch `count` batches after the one that holds `date`. */
export function offset(date: Date, size: BatchSize, count: number): Date {
  const start = truncate(date, size);
  const year = start.getUTCFullYear() + (size === 'year' ? count : 0);
  const month = start.getUTCMonth() + (size === 'month' ? count : 0);
  const day = start.getUTCDate() + (size === 'day' ? count : 0);
  return utc(year, month, day, start.getUTCHours() + (size === 'hour' ? count : 0));
}

/** The end of the batch that holds `date`; a date at the border of two is its own. */
export function ceiling(date: Date, size: BatchSize): Date {
  const start = truncate(date, size);
  return start.getTime() === date.getTime() ? start : offset(start, size, 1);
}

/** Date.UTC takes years below 100 for those of the last century. */
function utc(year: number, month: number, day: number, hour: number): Date {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  date.setUTCHours(hour);
  return date;
}

/**
 * The batches to build, oldest first, as dbt plans them: from `from` where it is given, else from `begin` in a first build,
 * else from `lookback` batches before `until`, up to the end of the batch that holds `until`.
 */
export function planBatches(
  plan: BatchPlan,
  {
    from,
    until,
    isIncremental,
  }: { readonly from?: Date | undefined; readonly until: Date; readonly isIncremental: boolean },
): Batch[] {
  const { size } = plan;
  const end = ceiling(until, size);
  const first = from ?? (isIncremental ? undefined : plan.begin);
  // The end is a border: the newest batch starts one before it.
  const start = first === undefined ? offset(end, size, -plan.lookback - 1) : truncate(first, size);
  const batches: Batch[] = [];
  for (let at = start; at < end || batches.length === 0; at = offset(at, size, 1)) {
    batches.push({ start: at, end: offset(at, size, 1) });
  }
  const last = batches.pop();
  return last === undefined ? [] : [...batches, { start: last.start, end }];
}

/** A batch's name: `2024`, `2024-09`, `2024-09-17` or `2024-09-17T16`. */
export function batchLabel({ start }: Batch, size: BatchSize): string {
  return start.toISOString().slice(0, { year: 4, month: 7, day: 10, hour: 13 }[size]);
}

/** What a model's config says of its batches; `begin` and `batch_size` were checked. */
export function batchPlanOf(node: Node): BatchPlan {
  const { batch_size, begin, lookback } = node.config;
  return {
    size: BATCH_SIZES.find((size) => size === batch_size) ?? 'day',
    begin: readTime(String(begin)) ?? new Date(0),
    lookback: typeof lookback === 'number' ? lookback : 1,
  };
}

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?)?(?:Z|[+-]\d\d(?::?\d\d)?)?$/;

/** A date or time in ISO form as UTC. As in dbt an offset is left out of account. Undefined for what is none. */
export function readTime(text: string): Date | undefined {
  const found = ISO.exec(text.trim());
  if (found === null) return undefined;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map((part) => Number(part ?? 0)) as number[];
  const date = utc(year ?? 0, (month ?? 1) - 1, day ?? 1, hour ?? 0);
  date.setUTCMinutes(minute ?? 0, second ?? 0, Number((found[7] ?? '').padEnd(3, '0').slice(0, 3)));
  const isReal = date.getUTCMonth() === (month ?? 1) - 1 && date.getUTCDate() === day && (hour ?? 0) < 24;
  return isReal && (minute ?? 0) < 60 && (second ?? 0) < 60 ? date : undefined;
}
