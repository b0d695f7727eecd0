/** Bits of a digit; three digits hold a time of day in ms (27 bits). */
const BITS = 9;
const BUCKETS = 1 << BITS;
const DIGITS = 3;

/**
 * A stable sort of up to `capacity` keys below 2^27: returns the indexes in the keys' order (radix sort from the lowest
 * digit up, in linear time). The result is the sorter's own buffer, valid until the next call.
 */
export function sorter(capacity: number): (keys: Uint32Array, count: number) => Uint32Array {
  const counts = new Uint32Array(BUCKETS);
  let from = new Uint32Array(capacity);
  let to = new Uint32Array(capacity);
  return (keys, count) => {
    for (let i = 0; i < count; i++) from[i] = i;
    for (let digit = 0; digit < DIGITS; digit++) {
      const shift = digit * BITS;
      counts.fill(0);
      for (let i = 0; i < count; i++) {
        const bucket = ((keys[i] as number) >>> shift) & (BUCKETS - 1);
        counts[bucket] = (counts[bucket] as number) + 1;
      }
      let start = 0;
      for (let bucket = 0; bucket < BUCKETS; bucket++) {
        const size = counts[bucket] as number;
        counts[bucket] = start;
        start += size;
      }
      for (let i = 0; i < count; i++) {
        const index = from[i] as number;
        const bucket = ((keys[index] as number) >>> shift) & (BUCKETS - 1);
        const place = counts[bucket] as number;
        counts[bucket] = place + 1;
        to[place] = index;
      }
      [from, to] = [to, from];
    }
    return from;
  };
}
