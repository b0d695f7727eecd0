import { beforeAll, describe, expect, it } from 'vitest';
import { blocksOf, eventsByDay, weekdayOf } from '../../../src/simulate/calendar.js';
import { CATEGORY_NAMES, FEATURES, PLATFORMS } from '../../../src/simulate/catalogue.js';
import { generator, SESSION_RATE, SESSION_SECONDS } from '../../../src/simulate/generate.js';
import { DAY_MS, type Settings, type SimulateOptions, settings } from '../../../src/simulate/options.js';
import { FAVOURITES, type Population, population } from '../../../src/simulate/population.js';
import { Fault } from '../../../src/simulate/rows.js';

interface Event {
  readonly user: number;
  readonly day: number;
  readonly time: number;
  readonly feature: number;
  readonly seconds: number;
  readonly platform: number;
  readonly fault: number;
}

function run(options: Partial<SimulateOptions>): {
  settings: Settings;
  people: Population;
  events: Event[];
  late: number;
} {
  const chosen = settings({ out: 'unused', ...options });
  const people = population(chosen);
  const generate = generator(chosen, people);
  const events: Event[] = [];
  let late = 0;
  for (const block of blocksOf(chosen, eventsByDay(chosen, people))) {
    const { rows, tally } = generate(block);
    late += tally.late;
    for (let i = 0; i < rows.length; i++) {
      const time = rows.time[i] ?? Number.NaN;
      events.push({
        user: (rows.user[i] ?? 0) - 1,
        day: Math.floor((time - chosen.start) / DAY_MS),
        time,
        feature: rows.feature[i] ?? -1,
        seconds: rows.seconds[i] ?? -1,
        platform: rows.platform[i] ?? -1,
        fault: rows.fault[i] ?? -1,
      });
    }
  }
  return { settings: chosen, people, events, late };
}

const shareOf = (events: readonly Event[], of: (e: Event) => boolean): number =>
  events.filter(of).length / events.length;

describe('lifecycle behaviour', () => {
  let world: ReturnType<typeof run>;
  let good: Event[];
  beforeAll(() => {
    world = run({ users: 4000, events: 200_000, days: 364, seed: 7 });
    good = world.events.filter((e) => e.fault === Fault.none);
  });

  it('makes exactly the events asked for, with damage on top', () => {
    expect(good).toHaveLength(200_000);
    const damaged = world.events.length - good.length;
    expect(damaged).toBeGreaterThan(140);
    expect(damaged).toBeLessThan(260);
    expect(new Set(world.events.map((e) => e.fault)).size).toBe(7);
  });

  it('keeps every event between sign-up and departure and out of pauses', () => {
    const outside = good.filter((e) => {
      const { signup, last, pauseFrom, pauseTo } = world.people;
      const pausing = e.day >= (pauseFrom[e.user] ?? 0) && e.day < (pauseTo[e.user] ?? 0);
      return e.day < (signup[e.user] ?? 0) || e.day > (last[e.user] ?? 0) || pausing;
    });
    expect(outside).toEqual([]);
    expect(good.every((e) => e.day >= 0 && e.day < 364)).toBe(true);
  });

  it('draws session lengths from the clamped exponential law', () => {
    const { min, max } = SESSION_SECONDS;
    const mean = good.reduce((sum, e) => sum + e.seconds, 0) / good.length;
    const expected = min + (Math.exp(-SESSION_RATE * min) - Math.exp(-SESSION_RATE * max)) / SESSION_RATE;
    // Standard error: 2000 s / sqrt(200,000) = 4.5 s.
    expect(Math.abs(mean - expected)).toBeLessThan(5 * 4.5);
    expect(shareOf(good, (e) => e.seconds > 2000)).toBeCloseTo(Math.exp(-1), 2);
    expect(good.reduce<number>((least, e) => Math.min(least, e.seconds), max)).toBe(min);
    expect(good.reduce<number>((most, e) => Math.max(most, e.seconds), min)).toBe(max);
  });

  it('has the platforms at their weights, and each user mostly on one', () => {
    for (const [i, { share }] of PLATFORMS.entries()) {
      expect(Math.abs(shareOf(good, (e) => e.platform === i) - share)).toBeLessThan(0.04);
    }
    const main = shareOf(good, (e) => e.platform === world.people.platform[e.user]);
    expect(main).toBeGreaterThan(0.86);
    expect(main).toBeLessThan(0.94);
  });

  it('has a weekly season and a daily shape', () => {
    const days = new Array<number>(7).fill(0);
    const hours = new Array<number>(24).fill(0);
    for (const e of good) {
      const weekday = weekdayOf(e.time);
      days[weekday] = (days[weekday] ?? 0) + 1;
      const hour = Math.floor((e.time % DAY_MS) / 3_600_000);
      hours[hour] = (hours[hour] ?? 0) + 1;
    }
    // 364 days: 52 of each weekday.
    const [sunday, monday, tuesday] = [days[0] ?? 0, days[1] ?? 0, days[2] ?? 0];
    expect(sunday / tuesday).toBeGreaterThan(0.6);
    expect(sunday / tuesday).toBeLessThan(0.8);
    expect(monday).toBeGreaterThan(days[6] ?? 0);
    expect(hours[19] ?? 0).toBeGreaterThan(4 * (hours[3] ?? 0));
  });

  it('comes in bursts: a login has two events on average', () => {
    const days = new Map<string, number>();
    for (const e of good) days.set(`${e.user}/${e.day}`, (days.get(`${e.user}/${e.day}`) ?? 0) + 1);
    const perDay = good.length / days.size;
    expect(perDay).toBeGreaterThan(1.8);
    const gaps: number[] = [];
    const byUser = groupByUser(good);
    for (const events of byUser.values()) {
      const sorted = events.map((e) => e.time).sort((a, b) => a - b);
      for (let i = 1; i < sorted.length; i++) gaps.push((sorted[i] ?? 0) - (sorted[i - 1] ?? 0));
    }
    const short = gaps.filter((gap) => gap < 2 * 3_600_000).length / gaps.length;
    expect(short).toBeGreaterThan(0.35);
  });

  it('uses favourite features more than others', () => {
    const favourite = shareOf(good, (e) => favouritesOf(world.people, e.user).includes(e.feature));
    expect(favourite).toBeGreaterThan(0.45);
    expect(favourite).toBeLessThan(0.75);
  });

  it('loses users: retention falls with age, most quickly at first', () => {
    const active = new Map<number, Set<number>>();
    for (const e of good) {
      const week = Math.floor((e.day - (world.people.signup[e.user] ?? 0)) / 28);
      active.set(week, (active.get(week) ?? new Set()).add(e.user));
    }
    const cohort = [...world.people.signup].flatMap((day, user) => (day >= 0 && day < 364 - 28 * 6 ? [user] : []));
    const kept = (month: number): number =>
      cohort.filter((user) => active.get(month)?.has(user)).length / cohort.length;
    const curve = [0, 1, 2, 3, 4, 5].map(kept);
    expect(curve[0]).toBeGreaterThan(0.75);
    expect(curve[5]).toBeLessThan(0.55);
    for (let i = 1; i < 4; i++) expect(curve[i] ?? 1).toBeLessThan(curve[i - 1] ?? 0);
    expect((curve[0] ?? 0) - (curve[1] ?? 0)).toBeGreaterThan((curve[4] ?? 0) - (curve[5] ?? 0));
  });

  it('lets those who stay be told from those who leave by what they did before', () => {
    // Days since the last login at day 300, among users active in the 60 days before it, against leaving within 60 days.
    const lastSeen = new Map<number, number>();
    for (const e of good) if (e.day < 300) lastSeen.set(e.user, Math.max(lastSeen.get(e.user) ?? -1, e.day));
    const stay: number[] = [];
    const leave: number[] = [];
    for (const [user, day] of lastSeen) {
      if (day < 240) continue;
      const left = (world.people.last[user] ?? 0) < 360;
      (left ? leave : stay).push(300 - day);
    }
    let wins = 0;
    for (const a of leave) for (const b of stay) wins += a > b ? 1 : a === b ? 0.5 : 0;
    const auc = wins / (leave.length * stay.length);
    expect(leave.length).toBeGreaterThan(100);
    expect(auc).toBeGreaterThan(0.7);
    expect(auc).toBeLessThan(0.98);
  });

  it('delivers some events late, in the place of the day on which they arrived', () => {
    let newest = 0;
    let behind = 0;
    for (const e of good) {
      newest = Math.max(newest, e.day);
      if (e.day < newest) behind++;
      expect(newest - e.day).toBeLessThanOrEqual(3);
    }
    // One that is the first arrival of its day can't be told here.
    expect(behind).toBeLessThanOrEqual(world.late);
    expect(behind).toBeGreaterThan(world.late - 5);
    expect(behind / good.length).toBeGreaterThan(0.0015);
    expect(behind / good.length).toBeLessThan(0.0025);
  });

  it('is in the order of time but for late events', () => {
    const { events } = run({ users: 300, events: 30_000, days: 5, late: 0, dirt: 0 });
    for (let i = 1; i < events.length; i++)
      expect(events[i]?.time ?? 0).toBeGreaterThanOrEqual(events[i - 1]?.time ?? 0);
  });

  it('damages nothing when told so', () => {
    const { events, late } = run({ users: 100, events: 5000, days: 30, dirt: 0, late: 0 });
    expect(events.every((e) => e.fault === Fault.none)).toBe(true);
    expect(late).toBe(0);
  });

  it('adds the damaged share asked for', () => {
    const { events } = run({ users: 100, events: 20_000, days: 30, dirt: 0.5 });
    expect(events.length).toBeGreaterThan(29_500);
    expect(events.length).toBeLessThan(30_500);
  });

  it.each([
    { users: 1, events: 1000, days: 365 },
    { users: 1, events: 1, days: 1 },
    { users: 3, events: 500, days: 2000 },
    { users: 5000, events: 7, days: 30 },
    { users: 10, events: 0, days: 10 },
    { users: 2, events: 150_000, days: 1 },
  ])('copes with $users users, $events events, $days days', (options) => {
    const { events } = run({ ...options, dirt: 0 });
    expect(events).toHaveLength(options.events);
    expect(events.every((e) => e.day >= 0 && e.day < options.days && e.user < options.users)).toBe(true);
  });
});

describe('classic behaviour', () => {
  let world: ReturnType<typeof run>;
  beforeAll(() => {
    world = run({ users: 1000, events: 100_000, days: 100, seed: 3, behaviour: 'classic' });
  });

  it('is uniform over the categories, over the features of one, and over time', () => {
    const n = world.events.length;
    expect(n).toBe(100_000);
    for (const category of CATEGORY_NAMES.keys()) {
      const own = world.events.filter((e) => FEATURES[e.feature]?.category === category);
      expect(Math.abs(own.length / n - 1 / CATEGORY_NAMES.length)).toBeLessThan(0.005);
      const features = FEATURES.flatMap((f, i) => (f.category === category ? [i] : []));
      for (const f of features)
        expect(Math.abs(shareOf(own, (e) => e.feature === f) - 1 / features.length)).toBeLessThan(0.025);
    }
    for (let hour = 0; hour < 24; hour++) {
      const share = shareOf(world.events, (e) => Math.floor((e.time % DAY_MS) / 3_600_000) === hour);
      expect(Math.abs(share - 1 / 24)).toBeLessThan(0.004);
    }
    for (let day = 0; day < 100; day++) expect(shareOf(world.events, (e) => e.day === day)).toBeCloseTo(0.01, 4);
  });

  it('weighs platforms and users', () => {
    for (const [i, { share }] of PLATFORMS.entries()) {
      expect(Math.abs(shareOf(world.events, (e) => e.platform === i) - share)).toBeLessThan(0.008);
    }
    const counts = new Array<number>(1000).fill(0);
    for (const e of world.events) counts[e.user] = (counts[e.user] ?? 0) + 1;
    const total = world.people.rate.reduce((a, b) => a + b, 0);
    let chi = 0;
    for (let user = 0; user < 1000; user++) {
      const expected = (100_000 * (world.people.rate[user] ?? 0)) / total;
      chi += ((counts[user] ?? 0) - expected) ** 2 / expected;
    }
    // 999 degrees of freedom: standard deviation 44.7.
    expect(chi).toBeLessThan(999 + 5 * 44.7);
  });

  it('follows the same law of session lengths', () => {
    const mean = world.events.reduce((sum, e) => sum + e.seconds, 0) / world.events.length;
    expect(Math.abs(mean - 2000)).toBeLessThan(35);
  });
});

function favouritesOf(people: Population, user: number): number[] {
  return [...people.favourites.subarray(user * FAVOURITES, (user + 1) * FAVOURITES)];
}

function groupByUser(events: readonly Event[]): Map<number, Event[]> {
  const groups = new Map<number, Event[]>();
  for (const e of events) {
    const group = groups.get(e.user);
    if (group === undefined) groups.set(e.user, [e]);
    else group.push(e);
  }
  return groups;
}
