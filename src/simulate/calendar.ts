import { DAY_MS, type Settings } from './options.js';
import type { Population } from './population.js';
import { draw, keyOf, normal, Stream, words } from './random.js';

/** Events of a block at most: what one thread makes at a time, and one row group of a Parquet file. */
export const BLOCK_EVENTS = 65_536;

/** A part of a day: its `slot`-th of `slots` parts, cut so that each has the same number of events. */
export interface Piece {
  readonly day: number;
  readonly slot: number;
  readonly slots: number;
  readonly events: number;
}

/** Consecutive pieces with at most BLOCK_EVENTS events together. */
export interface Block {
  readonly index: number;
  readonly pieces: readonly Piece[];
  readonly events: number;
}

/** Activity from Sunday to Saturday, in times of the average day: a money app is used on working days. */
export const WEEKDAY_SEASON: readonly number[] = [0.78, 1.1, 1.12, 1.08, 1.06, 1.02, 0.84];
/** Extra activity on the days around the turn of the month, when salaries and bills come. */
export const PAYDAY_FACTOR = 1.12;
/** Standard deviation of a day's own random factor. */
export const DAY_NOISE = 0.03;

/** 0 for Sunday to 6 for Saturday (UTC). */
export function weekdayOf(time: number): number {
  return (Math.floor(time / DAY_MS) + 4) % 7;
}

/**
 * Events of each day in [0, toDay). The first `days` of them sum to exactly `events` (largest remainders); the days after
 * carry on with the same number of events for a unit of activity.
 */
export function eventsByDay(settings: Settings, people: Population): Float64Array {
  const { events, days, toDay } = settings;
  const span = Math.max(days, toDay);
  const weights =
    settings.behaviour === 'classic' ? new Float64Array(span).fill(1) : dayWeights(settings, people, span);
  let total = 0;
  for (let d = 0; d < days; d++) total += weights[d] as number;

  const counts = new Float64Array(span);
  const remainders: { readonly day: number; readonly rest: number }[] = [];
  let given = 0;
  for (let d = 0; d < span; d++) {
    const exact = total === 0 ? 0 : (events * (weights[d] as number)) / total;
    counts[d] = d < days ? Math.floor(exact) : Math.round(exact);
    if (d < days && exact > 0) {
      given += counts[d] as number;
      remainders.push({ day: d, rest: exact - Math.floor(exact) });
    }
  }
  remainders.sort((a, b) => b.rest - a.rest || a.day - b.day);
  for (let i = 0; given < events; i++, given++) {
    const day = remainders[i % remainders.length]?.day ?? 0;
    counts[day] = (counts[day] as number) + 1;
  }
  return counts.subarray(0, toDay);
}

/** Activity of a day: the login rates of who is there, times the week's season, paydays and a little noise. */
function dayWeights(settings: Settings, people: Population, span: number): Float64Array {
  const steps = new Float64Array(span + 1);
  const heads = new Int32Array(span + 1);
  const present = (first: number, end: number, rate: number): void => {
    const from = Math.max(0, first);
    const to = Math.min(span, end);
    if (from >= to) return;
    steps[from] = (steps[from] as number) + rate;
    steps[to] = (steps[to] as number) - rate;
    heads[from] = (heads[from] as number) + 1;
    heads[to] = (heads[to] as number) - 1;
  };
  for (let i = 0; i < people.size; i++) {
    const rate = people.rate[i] as number;
    const end = (people.last[i] as number) + 1;
    const pause = people.pauseFrom[i] as number;
    const back = people.pauseTo[i] as number;
    present(people.signup[i] as number, back > pause ? Math.min(end, pause) : end, rate);
    if (back > pause) present(back, end, rate);
  }
  const key = keyOf(settings.seed, Stream.day);
  const r = words();
  const weights = new Float64Array(span);
  let active = 0;
  let count = 0;
  for (let d = 0; d < span; d++) {
    active += steps[d] as number;
    count += heads[d] as number;
    const time = settings.start + d * DAY_MS;
    const date = new Date(time).getUTCDate();
    draw(key, d, 0, r);
    const noise = Math.exp(DAY_NOISE * normal(r.x, r.y));
    const season = WEEKDAY_SEASON[weekdayOf(time)] ?? 1;
    weights[d] =
      (count > 0 ? Math.max(Number.MIN_VALUE, active) : 0) *
      season *
      noise *
      (date >= 26 || date <= 2 ? PAYDAY_FACTOR : 1);
  }
  return weights;
}

/** Cuts the days [fromDay, toDay) into blocks. A piece depends on its day alone, whatever the first and last day are. */
export function blocksOf(settings: Settings, counts: Float64Array): Block[] {
  const blocks: Block[] = [];
  let pieces: Piece[] = [];
  let size = 0;
  const close = (): void => {
    if (pieces.length > 0) blocks.push({ index: blocks.length, pieces, events: size });
    pieces = [];
    size = 0;
  };
  for (let day = settings.fromDay; day < settings.toDay; day++) {
    const count = counts[day] ?? 0;
    const slots = Math.ceil(count / BLOCK_EVENTS);
    for (let slot = 0; slot < slots; slot++) {
      const events = Math.floor(((slot + 1) * count) / slots) - Math.floor((slot * count) / slots);
      if (size + events > BLOCK_EVENTS) close();
      pieces.push({ day, slot, slots, events });
      size += events;
    }
  }
  close();
  return blocks;
}

/** Activity in the 24 hours (UTC) of a working day and of a weekend day. */
const HOURS_WORKDAY = [2, 1, 1, 1, 1, 2, 5, 10, 12, 11, 10, 10, 12, 11, 9, 9, 10, 12, 14, 14, 12, 10, 7, 4];
const HOURS_WEEKEND = [3, 2, 1, 1, 1, 1, 2, 4, 7, 10, 12, 12, 11, 10, 10, 10, 10, 10, 11, 12, 11, 9, 7, 5];
const QUANTILES = 1024;

/** The quantile function of the time of day: QUANTILES + 1 times in ms, to interpolate between. */
function quantiles(hours: readonly number[]): Float64Array {
  const total = hours.reduce((a, b) => a + b, 0);
  const table = new Float64Array(QUANTILES + 1);
  let hour = 0;
  let before = 0;
  for (let q = 0; q <= QUANTILES; q++) {
    const target = (q / QUANTILES) * total;
    while (hour < 23 && before + (hours[hour] ?? 0) < target) before += hours[hour++] ?? 0;
    table[q] = (hour + (target - before) / (hours[hour] ?? 1)) * 3_600_000;
  }
  return table;
}

const WORKDAY = quantiles(HOURS_WORKDAY);
const WEEKEND = quantiles(HOURS_WEEKEND);

/** The daily shape of a day: a function from a number in (0, 1) to a time of day in ms. */
export function dayShape(weekday: number): Float64Array {
  return weekday === 0 || weekday === 6 ? WEEKEND : WORKDAY;
}

/** The time of day in ms (0 to 86,399,999) at the quantile `u` of a shape. */
export function timeOfDay(shape: Float64Array, u: number): number {
  const place = u * QUANTILES;
  const index = Math.floor(place);
  const low = shape[index] as number;
  const high = shape[index + 1] as number;
  return Math.min(DAY_MS - 1, Math.floor(low + (high - low) * (place - index)));
}
