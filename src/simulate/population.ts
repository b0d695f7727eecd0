import { FEATURE_SLOTS, featureTables, PERSONAS, PLANS, PLATFORMS, pickShare } from './catalogue.js';
import type { Settings } from './options.js';
import { draw, keyOf, normal, Stream, uniform, words } from './random.js';

/** Features a user comes back to most of the time. */
export const FAVOURITES = 3;
/** Days before day 0 over which the users who are there at the start have signed up. */
export const LEAD_DAYS = 365;
/** The lifetime law, Weibull: its shape below 1 makes new users the likeliest to leave. */
export const LIFETIME_SHAPE = 0.75;
/** Its scale in days, before the factors of plan, persona and activity. */
export const LIFETIME_SCALE = 200;
const LONGEST_LIFETIME = 7_300;

/**
 * The users in the order of their sign-up, one array a property, over shared memory so that workers read the same.
 * User `i` (from 0) has the id `i + 1`. Days count from day 0 of the simulation and may be negative.
 */
export interface Population {
  readonly size: number;
  readonly signup: Int32Array;
  /** The last day on which the user may be active; the user has left on the day after. */
  readonly last: Int32Array;
  /** The first day of a pause and the day after it; both equal when the user makes none. */
  readonly pauseFrom: Int32Array;
  readonly pauseTo: Int32Array;
  /** How often the user logs in, in times of the average. In classic mode the user's activity probability. */
  readonly rate: Float64Array;
  readonly persona: Uint8Array;
  readonly plan: Uint8Array;
  readonly platform: Uint8Array;
  /** FAVOURITES feature indexes a user. */
  readonly favourites: Uint8Array;
}

/**
 * Makes every user who signs up before day `days` or `toDay`, whichever is later. A user's properties depend on the seed and the user's number alone, so a
 * longer simulation has the same users and more.
 *
 * Lifecycle: sign-ups come at an even pace of `users / (LEAD_DAYS + days)` a day. The ones from before day 0 are those
 * who were still there on day 0, so their remaining lifetime is the Weibull law's given their age,
 * `T = s ((a/s)^k - ln U)^(1/k)`. A third of the users make a pause of 7 to 35 days and come back: a silence alone is
 * no proof that somebody left. Classic: everybody has signed up before day 0 and stays.
 */
export function population(settings: Settings): Population {
  const { users, days, toDay, behaviour } = settings;
  const lifecycle = behaviour === 'lifecycle';
  const key = keyOf(settings.seed, Stream.user);
  const r = words();
  const pace = users / (LEAD_DAYS + days);
  const signupOf = (i: number): number => {
    draw(key, i, 0, r);
    const place = i + uniform(r.x);
    if (!lifecycle) return Math.floor((place / users) * LEAD_DAYS) - LEAD_DAYS;
    return Math.floor(place / pace) - LEAD_DAYS;
  };

  // The first `users` sign up before day `days`; those who follow carry on at the same pace.
  let size = users;
  if (lifecycle) while (signupOf(size) < toDay) size++;

  const made = allocate(size);
  const tables = featureTables();
  for (let i = 0; i < size; i++) {
    made.signup[i] = signupOf(i);
    draw(key, i, 1, r);
    const persona = pickShare(PERSONAS, uniform(r.x));
    const plan = pickShare(PLANS, uniform(r.y));
    made.persona[i] = persona;
    made.plan[i] = plan;
    made.platform[i] = pickShare(PLATFORMS, uniform(r.z));
    const spare = r.w;
    if (!lifecycle) {
      made.rate[i] = 0.05 + 0.95 * uniform(spare) ** 2;
      made.last[i] = (made.signup[i] as number) + LONGEST_LIFETIME * 20;
      continue;
    }
    draw(key, i, 2, r);
    const z = normal(r.x, r.y);
    made.rate[i] = Math.exp(0.8 * z - 0.32) * (PERSONAS[persona]?.rate ?? 1) * (PLANS[plan]?.rate ?? 1);
    const stay = Math.exp(0.35 * z) * (PERSONAS[persona]?.stay ?? 1) * (PLANS[plan]?.stay ?? 1);
    made.last[i] = lastDay(made.signup[i] as number, LIFETIME_SCALE * stay, uniform(r.z));
    const pauses = r.w;
    draw(key, i, 3, r);
    if (uniform(pauses) < 1 / 3) {
      made.pauseFrom[i] = Math.max(0, made.signup[i] as number) + 10 + Math.floor(uniform(r.x) * 240);
      made.pauseTo[i] = (made.pauseFrom[i] as number) + 7 + Math.floor(uniform(r.y) * 29);
    }
    draw(key, i, 4, r);
    const slots = [r.x, r.y, r.z];
    for (let f = 0; f < FAVOURITES; f++) {
      const slot = Math.floor(uniform(slots[f] ?? 0) * FEATURE_SLOTS);
      made.favourites[i * FAVOURITES + f] = tables[persona * FEATURE_SLOTS + slot] as number;
    }
  }
  return made;
}

/** The last active day of a user who signed up on `signup`, given that the user was there on day 0 if that was before it. */
function lastDay(signup: number, scale: number, u: number): number {
  const age = Math.max(0, -signup);
  const life = scale * ((age / scale) ** LIFETIME_SHAPE - Math.log(u)) ** (1 / LIFETIME_SHAPE);
  return signup + Math.max(age, Math.floor(Math.min(life, LONGEST_LIFETIME)));
}

function allocate(size: number): Population {
  const int32 = (): Int32Array => new Int32Array(new SharedArrayBuffer(4 * size));
  const uint8 = (width = 1): Uint8Array => new Uint8Array(new SharedArrayBuffer(width * size));
  return {
    size,
    signup: int32(),
    last: int32(),
    pauseFrom: int32(),
    pauseTo: int32(),
    rate: new Float64Array(new SharedArrayBuffer(8 * size)),
    persona: uint8(),
    plan: uint8(),
    platform: uint8(),
    favourites: uint8(FAVOURITES),
  };
}
