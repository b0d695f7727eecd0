import { describe, expect, it } from 'vitest';
import { draw, keyOf, normal, Stream, uniform, words } from '../../../src/simulate/random.js';

/** Chi-square of counts against an even spread. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((a, b) => a + b, 0) / counts.length;
  return counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
}

describe('counter-based random numbers', () => {
  it('are a pure function of seed, stream and counter', () => {
    const first = words();
    const second = words();
    draw(keyOf(42, Stream.event), 7, 9, first);
    draw(keyOf(1, Stream.event), 7, 9, second);
    draw(keyOf(42, Stream.event), 7, 9, second);
    expect(second).toEqual(first);
  });

  it('match the published pcg4d step by step', () => {
    // The same function written with 64-bit integers, straight from the paper.
    const m = 0xffffffffn;
    const pcg4d = (input: readonly bigint[]): bigint[] => {
      let [x, y, z, w] = input.map((v) => (v * 1664525n + 1013904223n) & m) as [bigint, bigint, bigint, bigint];
      const round = (): void => {
        x = (x + y * w) & m;
        y = (y + z * x) & m;
        z = (z + x * y) & m;
        w = (w + y * z) & m;
      };
      round();
      [x, y, z, w] = [x ^ (x >> 16n), y ^ (y >> 16n), z ^ (z >> 16n), w ^ (w >> 16n)];
      round();
      return [x, y, z, w];
    };
    const out = words();
    draw({ hi: -5, lo: 123456789 }, 1 << 30, 77, out);
    const expected = pcg4d([BigInt.asUintN(32, -5n), 123456789n, 1n << 30n, 77n]).map(Number);
    expect([out.x, out.y, out.z, out.w]).toEqual(expected);
  });

  it.each(['x', 'y', 'z', 'w'] as const)('spread evenly over neighbouring counters (word %s)', (name) => {
    const key = keyOf(42, Stream.event);
    const out = words();
    const buckets = new Array<number>(256).fill(0);
    const pairs = new Array<number>(256).fill(0);
    let before = 0;
    for (let i = 0; i < 100_000; i++) {
      draw(key, 3, i, out);
      const bucket = out[name] >>> 24;
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
      const pair = ((before >>> 4) << 4) | (bucket >>> 4);
      pairs[pair] = (pairs[pair] ?? 0) + 1;
      before = bucket;
    }
    // 255 degrees of freedom: mean 255, standard deviation 22.6; five of them are never reached by chance.
    expect(chiSquare(buckets)).toBeLessThan(255 + 5 * 22.6);
    expect(chiSquare(pairs)).toBeLessThan(255 + 5 * 22.6);
  });

  it('differ between seeds that differ only above 32 bits', () => {
    expect(keyOf(2 ** 40 + 1, Stream.user)).not.toEqual(keyOf(1, Stream.user));
  });

  it('stay inside (0, 1) at the ends', () => {
    expect(uniform(0)).toBeGreaterThan(0);
    expect(uniform(0xffffffff)).toBeLessThan(1);
    expect(Number.isFinite(normal(0, 0))).toBe(true);
  });
});
