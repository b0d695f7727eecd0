import { beforeAll, describe, expect, it } from 'vitest';
import { PLANS } from '../../../src/simulate/catalogue.js';
import { settings } from '../../../src/simulate/options.js';
import { CANCEL_ON_LEAVING, PLAN_MOVES, planChanges } from '../../../src/simulate/plan-changes.js';
import { type Population, population } from '../../../src/simulate/population.js';

const chosen = settings({ out: 'unused', users: 20_000, events: 0, days: 365, seed: 9 });
const DAY = 86_400_000;

interface Change {
  readonly user: number;
  readonly day: number;
  readonly from: string;
  readonly to: string;
}

describe('changes of plan', () => {
  let people: Population;
  let changes: Change[];
  beforeAll(() => {
    people = population(chosen);
    const of = planChanges(chosen, people);
    changes = Array.from({ length: people.size }, (_, user) => user).flatMap((user) =>
      of(user).map(([id, at, from, to]) => ({
        user: Number(id) - 1,
        day: (Number(at) - chosen.start) / DAY,
        from: String(from),
        to: String(to),
      })),
    );
  });

  it('follow one another: each starts from the plan that the one before led to, the first from the sign-up', () => {
    const now = new Map<number, { plan: string; day: number }>();
    for (const { user, day, from, to } of changes) {
      const before = now.get(user) ?? {
        plan: PLANS[people.plan[user] ?? 0]?.name ?? '',
        day: people.signup[user] ?? 0,
      };
      expect(from).toBe(before.plan);
      expect(to).not.toBe(from);
      expect(day).toBeGreaterThan(before.day);
      expect(day).toBeLessThan(365);
      now.set(user, { plan: to, day });
    }
    expect(now.size).toBeGreaterThan(2000);
  });

  it('come at the rates of the plans', () => {
    const names = PLANS.map(({ name }) => name);
    const days = names.map(() => 0);
    const moves = names.map(() => names.map(() => 0));
    const plans = new Map<number, [number, number]>();
    for (let user = 0; user < people.size; user++) plans.set(user, [people.plan[user] ?? 0, people.signup[user] ?? 0]);
    const end = (user: number): number => Math.min(people.last[user] ?? 0, 365);
    const spend = (user: number, until: number): void => {
      const [plan, since] = plans.get(user) ?? [0, 0];
      days[plan] = (days[plan] ?? 0) + Math.max(0, until - since - 1);
    };
    for (const { user, day, to } of changes) {
      if (day > end(user)) continue;
      const plan = plans.get(user)?.[0] ?? 0;
      spend(user, day);
      const row = moves[plan];
      if (row !== undefined) row[names.indexOf(to)] = (row[names.indexOf(to)] ?? 0) + 1;
      plans.set(user, [names.indexOf(to), day]);
    }
    for (let user = 0; user < people.size; user++) spend(user, end(user));
    for (const [from, targets] of PLAN_MOVES.entries())
      for (const { to, days: mean } of targets) {
        const expected = (days[from] ?? 0) / mean;
        expect(Math.abs((moves[from]?.[to] ?? 0) - expected)).toBeLessThan(5 * Math.sqrt(expected));
      }
  });

  it('tell of most paying users who leave, but not of all', () => {
    const last = new Map<number, Change>();
    for (const change of changes) last.set(change.user, change);
    let left = 0;
    let cancelled = 0;
    for (let user = 0; user < people.size; user++) {
      const end = people.last[user] ?? 0;
      if (end >= 360) continue;
      const change = last.get(user);
      const leaving = change !== undefined && change.day >= end && change.to === 'free';
      const paying = leaving || (change?.to ?? PLANS[people.plan[user] ?? 0]?.name) !== 'free';
      if (paying) left++;
      if (leaving) cancelled++;
    }
    expect(left).toBeGreaterThan(500);
    expect(Math.abs(cancelled / left - CANCEL_ON_LEAVING)).toBeLessThan(5 * Math.sqrt(0.24 / left));
  });
});
