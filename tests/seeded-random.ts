/** Numbers from 0 to below 1 that look random and are the same for the same seed (a linear congruential generator). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A whole number from 0 to below the bound. */
export type RandomBelow = (below: number) => number;

export function randomBelow(seed: number): RandomBelow {
  const random = seededRandom(seed);
  return (below) => Math.floor(random() * below);
}

export const pick = <T>(random: RandomBelow, items: readonly T[]): T => items[random(items.length)] as T;
