import { PLANS, pickShare } from './catalogue.js';
import { DAY_MS, type Settings } from './options.js';
import type { ParquetField } from './parquet/index.js';
import type { Population } from './population.js';
import { draw, keyOf, Stream, uniform, words } from './random.js';
import type { Row } from './table-file.js';

export const PLAN_CHANGE_FIELDS: readonly ParquetField[] = [
  { name: 'user_id', type: 'integer' },
  { name: 'changed_at', type: 'timestamp' },
  { name: 'previous_plan', type: 'text' },
  { name: 'plan', type: 'text' },
];

/** For each plan the plans it is left for, and after how many days on average if nothing else happened first. */
export const PLAN_MOVES: readonly (readonly { readonly to: number; readonly days: number }[])[] = [
  [
    { to: 1, days: 900 },
    { to: 2, days: 3_000 },
  ],
  [
    { to: 2, days: 1_100 },
    { to: 0, days: 700 },
  ],
  [
    { to: 1, days: 1_000 },
    { to: 0, days: 1_100 },
  ],
];
/** Share of paying users who cancel within a few days around their last active day; the others pay on unnoticed. */
export const CANCEL_ON_LEAVING = 0.6;
const CANCEL_DAYS = 5;

/**
 * A maker of each user's changes of plan in the days of the run, in the order of time; a run from day 0 has those from
 * before it too. They depend on the seed and the user alone: from one change to the next passes an exponential time at
 * the rates of PLAN_MOVES, up to the day the user leaves. Classic users keep their plans.
 */
export function planChanges(settings: Settings, people: Population): (user: number) => readonly Row[] {
  const key = keyOf(settings.seed, Stream.plan);
  const r = words();
  const first = settings.start / DAY_MS;
  const from = settings.fromDay === 0 ? Number.NEGATIVE_INFINITY : settings.fromDay;
  return (user) => {
    if (settings.behaviour === 'classic') return [];
    const rows: Row[] = [];
    const last = people.last[user] as number;
    let plan = people.plan[user] as number;
    let time = people.signup[user] as number;
    const change = (at: number, to: number): void => {
      if (at >= from && at < settings.toDay)
        rows.push([user + 1, Math.floor((first + at) * DAY_MS), PLANS[plan]?.name ?? '', PLANS[to]?.name ?? '']);
      plan = to;
    };
    for (let n = 1; ; n++) {
      draw(key, user, n, r);
      const moves = PLAN_MOVES[plan] ?? [];
      const rate = moves.reduce((sum, { days }) => sum + 1 / days, 0);
      // A plan is kept for a day at least.
      time += 1 - Math.log(uniform(r.x)) / rate;
      if (time >= Math.min(last, settings.toDay)) break;
      const shares = moves.map(({ days }) => ({ share: 1 / days / rate }));
      change(time, moves[pickShare(shares, uniform(r.y))]?.to ?? plan);
    }
    draw(key, user, 0, r);
    if (plan !== 0 && last < settings.toDay && uniform(r.x) < CANCEL_ON_LEAVING)
      change(last + uniform(r.y) * CANCEL_DAYS, 0);
    return rows;
  };
}
