/**
 * Counter-based random numbers: every number is a pure function of (seed, stream, a, b), so any block of the simulation
 * can be made alone, in any order and on any thread, and still comes out the same.
 *
 * The mixing function is pcg4d of M. Jarzynski and M. Olano, "Hash Functions for GPU Rendering", Journal of Computer
 * Graphics Techniques 9(3), 2020: four 32-bit words in, four well-mixed words out, by one step of a linear congruential
 * generator and two rounds of multiply-add between the words.
 */

/** What a number is used for: streams of one seed never share a counter. */
export const Stream = { user: 1, profile: 2, day: 3, session: 4, event: 5, plan: 6 } as const;

/** The first two of pcg4d's inputs, fixed for one stream of one seed. */
export interface Key {
  readonly hi: number;
  readonly lo: number;
}

/** Where `draw` puts its four unsigned 32-bit words. One object is reused, so that drawing allocates nothing. */
export interface Words {
  x: number;
  y: number;
  z: number;
  w: number;
}

export function words(): Words {
  return { x: 0, y: 0, z: 0, w: 0 };
}

/** The key of a stream; `seed` may be any safe integer. */
export function keyOf(seed: number, stream: number): Key {
  const out = words();
  draw({ hi: Math.floor(seed / 2 ** 32) | 0, lo: seed | 0 }, stream, 0, out);
  return { hi: out.x, lo: out.y };
}

/** Draws the four words at the counter (a, b) of a stream; both are taken as 32-bit integers. */
export function draw(key: Key, a: number, b: number, out: Words): void {
  let x = (Math.imul(key.hi, 1664525) + 1013904223) | 0;
  let y = (Math.imul(key.lo, 1664525) + 1013904223) | 0;
  let z = (Math.imul(a, 1664525) + 1013904223) | 0;
  let w = (Math.imul(b, 1664525) + 1013904223) | 0;
  x = (x + Math.imul(y, w)) | 0;
  y = (y + Math.imul(z, x)) | 0;
  z = (z + Math.imul(x, y)) | 0;
  w = (w + Math.imul(y, z)) | 0;
  x ^= x >>> 16;
  y ^= y >>> 16;
  z ^= z >>> 16;
  w ^= w >>> 16;
  x = (x + Math.imul(y, w)) | 0;
  y = (y + Math.imul(z, x)) | 0;
  z = (z + Math.imul(x, y)) | 0;
  w = (w + Math.imul(y, z)) | 0;
  out.x = x >>> 0;
  out.y = y >>> 0;
  out.z = z >>> 0;
  out.w = w >>> 0;
}

/** A word as a number in (0, 1), never 0 or 1 itself, so that its logarithm is finite. */
export function uniform(word: number): number {
  return (word + 0.5) * 2 ** -32;
}

/** A standard normal number from two words (Box and Muller, 1958). */
export function normal(first: number, second: number): number {
  return Math.sqrt(-2 * Math.log(uniform(first))) * Math.cos(2 * Math.PI * uniform(second));
}
