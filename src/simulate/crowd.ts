import type { Settings } from './options.js';
import type { Population } from './population.js';

/** Login rate of a new user over its first days, in times of the user's later rate: `1 + 2 exp(-age / 6)`. */
const NOVELTY_DAYS = 60;
const NOVELTY = Float64Array.from({ length: NOVELTY_DAYS + 1 }, (_, age) => 1 + 2 * Math.exp(-age / 6));
/** Interest fades over the last days before a user leaves, down to a fifth. */
export const FADE_DAYS = 30;
const FADE = Float64Array.from({ length: FADE_DAYS + 1 }, (_, left) => 0.2 + 0.8 * (left / FADE_DAYS));

/** The users who may be active on one day, to draw from by weight. */
export interface Crowd {
  readonly day: number;
  /** Draws a user's number (from 0) with a number in (0, 1). */
  readonly pick: (u: number) => number;
}

/** Whether the user is there on a day: signed up, not left, not in a pause. */
export function isPresent(people: Population, user: number, day: number): boolean {
  return (
    day >= (people.signup[user] as number) &&
    day <= (people.last[user] as number) &&
    !(day >= (people.pauseFrom[user] as number) && day < (people.pauseTo[user] as number))
  );
}

/**
 * A maker of crowds, which keeps its buffers and the last crowd. Users are drawn in constant time on average through a
 * guide table over the running sum of weights (H.-C. Chen and Y. Asau, AIIE Transactions 6(2), 1974).
 */
export function crowds(settings: Settings, people: Population): (day: number) => Crowd {
  const members = new Int32Array(people.size);
  const sums = new Float64Array(people.size);
  const guide = new Int32Array(people.size + 1);
  const classic = settings.behaviour === 'classic';
  let current: Crowd | undefined;

  return (day) => {
    if (current !== undefined && (classic || current.day === day)) return current;
    let count = 0;
    let sum = 0;
    for (let i = 0; i < people.size; i++) {
      const age = day - (people.signup[i] as number);
      if (age < 0) break;
      const left = (people.last[i] as number) - day;
      if (left < 0) continue;
      if (day >= (people.pauseFrom[i] as number) && day < (people.pauseTo[i] as number)) continue;
      let weight = people.rate[i] as number;
      if (!classic) {
        if (age < NOVELTY_DAYS) weight *= NOVELTY[age] as number;
        if (left < FADE_DAYS) weight *= FADE[left] as number;
      }
      sum += weight;
      members[count] = i;
      sums[count++] = sum;
    }
    let at = 0;
    for (let g = 0; g < count; g++) {
      const start = (g / count) * sum;
      while (at < count - 1 && (sums[at] as number) <= start) at++;
      guide[g] = at;
    }
    const total = sum;
    const size = count;
    current = {
      day,
      pick: (u) => {
        const target = u * total;
        let i = guide[Math.floor(u * size)] as number;
        while (i < size - 1 && (sums[i] as number) <= target) i++;
        return members[i] as number;
      },
    };
    return current;
  };
}
